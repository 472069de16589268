import { expect, test } from 'vitest';
import { type EntryAnswer, sendInBatches } from '../../shared/adapters/batched-send.ts';

const limits = { entries: 3, bytes: 10, bytesOf: (text: string) => text.length };

const service = (answer: (text: string, request: number) => EntryAnswer) => {
  const requests: string[][] = [];
  return {
    requests,
    send: (texts: readonly string[]) =>
      sendInBatches(texts, limits, async (batch) => {
        requests.push([...batch]);
        return batch.map((text) => answer(text, requests.length));
      }),
  };
};

test('fills requests by number and by bytes, in order', async () => {
  const { requests, send } = service(() => ({ sent: true }));
  await send(['aaaa', 'bbbb', 'cccc', 'd', 'e', 'f']);
  expect(requests).toEqual([['aaaa', 'bbbb'], ['cccc', 'd', 'e'], ['f']]);
});

test('what is too large alone is not asked', async () => {
  const { requests, send } = service(() => ({ sent: true }));
  expect(await send(['a', 'b'.repeat(11)])).toEqual([{ sent: true }, { sent: false, code: 'too-large' }]);
  expect(requests).toEqual([['a']]);
});

test('a failed entry is tried again in the call, alone', async () => {
  const { requests, send } = service((text, request) =>
    text === 'b' && request < 3 ? { sent: false, code: 'Busy', again: true } : { sent: true },
  );
  expect(await send(['a', 'b'])).toEqual([{ sent: true }, { sent: true }]);
  expect(requests).toEqual([['a', 'b'], ['b'], ['b']]);
});

test('gives up on an entry after some tries, and at once where it is wrong in itself', async () => {
  const { requests, send } = service((text) => ({ sent: false, code: text, again: text === 'Busy' }));
  expect(await send(['Busy', 'Wrong'])).toEqual([
    { sent: false, code: 'Busy' },
    { sent: false, code: 'Wrong' },
  ]);
  expect(requests.flat().filter((text) => text === 'Wrong')).toHaveLength(1);
  expect(requests.length).toBeLessThan(6);
});

test('a request that fails whole leaves its entries unsent and the others done', async () => {
  let requests = 0;
  const outcomes = await sendInBatches(['a', 'b', 'c', 'd'], limits, async (batch) => {
    if (++requests === 1) throw new TypeError('no connection');
    return batch.map(() => ({ sent: true }));
  });
  expect(outcomes.map(({ sent }) => sent)).toEqual([false, false, false, true]);
  expect(outcomes[0]).toEqual({ sent: false, code: 'TypeError' });
});

test('an entry that the answer does not name is not sent', async () => {
  const outcomes = await sendInBatches(['a'], limits, async () => []);
  expect(outcomes).toEqual([{ sent: false, code: 'NoAnswer' }]);
});
