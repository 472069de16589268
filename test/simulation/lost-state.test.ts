import { expect, test } from 'vitest';
import { createHandler } from '../../functions/poller/handler.ts';
import { parseAccountState } from '../../shared/contract/account-state-document.ts';
import { SENT } from '../../shared/contract/bucket-layout.ts';
import { createMemoryLedger } from '../../shared/adapters/memory/ledger.ts';
import { DAY, HOUR, MINUTE, parseIstDate } from '../../shared/core/time.ts';
import { NO_DIFFERENCE } from '../support/contents.ts';
import { Pipeline } from '../support/pipeline.ts';

/** What may befall the poller's own state: a restore, a hand, another region (docs/operating.md). */
const BEGIN = (parseIstDate('2026-03-10') ?? 0) + 9 * HOUR;
const CALLS = { from: BEGIN, to: BEGIN + 3 * HOUR };

const pipelineOf = () =>
  new Pipeline(
    {
      seed: 4,
      startedAt: BEGIN,
      historyFrom: CALLS.from,
      historyTo: CALLS.to,
      knobs: {
        calls: { callsPerMinute: 0.5 },
        edits: { share: 0.8, to: 20 * HOUR, revertShare: 0.3 },
      },
    },
    { fetchFrom: '2026-03-10 09:00:00' },
  );

const runTo = async (pipeline: Pipeline, end: number, every: number) => {
  for (let at = pipeline.clock.at + every; at <= end; at += every) {
    await pipeline.tick(at);
    await pipeline.drain();
  }
};

test.each([
  ['lost', 0],
  ['restored to what it was five hours before', 5 * HOUR],
])('a ledger that is %s leaves nothing stale', async (_, back) => {
  const pipeline = pipelineOf();
  const lostAt = BEGIN + 6 * HOUR;
  // More ticks than come after: what counts ticks would not be where it was before the end.
  await runTo(pipeline, lostAt - back, MINUTE);
  const before = await pipeline.ledger.load('main');
  await runTo(pipeline, lostAt, MINUTE);
  Object.assign(pipeline.ports, { ledger: createMemoryLedger(parseAccountState) });
  if (back > 0 && before) await pipeline.ports.ledger.save('main', before.value, 0);
  await runTo(pipeline, BEGIN + DAY + 8 * HOUR, 10 * MINUTE);
  expect(await pipeline.differences(CALLS)).toEqual({
    archive: NO_DIFFERENCE,
    index: NO_DIFFERENCE,
    unpublished: [],
  });
});

test.each<[string, (body: Uint8Array) => Uint8Array | undefined]>([
  ['lost', () => undefined],
  ['damaged', () => Buffer.from('no sent list')],
  ['cut off', (body) => body.subarray(0, body.length - 30)],
])('sent lists that are %s cost repeats, and nothing else', async (_, damage) => {
  const pipeline = pipelineOf();
  await runTo(pipeline, BEGIN + 6 * HOUR, 10 * MINUTE);
  const { objects } = pipeline.objects;
  const lists = [...objects].filter(([key]) => key.startsWith(SENT));
  expect(lists.length).toBeGreaterThan(2);
  for (const [key, body] of lists) {
    const left = damage(body);
    if (left) objects.set(key, left);
    else objects.delete(key);
  }
  await runTo(pipeline, BEGIN + DAY + 8 * HOUR, 10 * MINUTE);
  expect(await pipeline.differences(CALLS)).toEqual({
    archive: NO_DIFFERENCE,
    index: NO_DIFFERENCE,
    unpublished: [],
  });
  // A consumer that drops the keys that it has seen is told nothing twice.
  const keys = pipeline.bus.events.map(({ detail }) => detail.dedupeKey);
  expect(new Set(keys).size).toBe(keys.length);
});

test('an account whose state can not be read keeps no other of its tick from being polled, and the tick ends as failed', async () => {
  const pipeline = pipelineOf();
  const { ledger, account } = pipeline;
  const load = async (name: string) => {
    if (name === 'dead') throw new Error('no answer');
    return ledger.load(name);
  };
  const handler = createHandler({ ...pipeline.ports, ledger: { load, save: ledger.save } }, {});
  pipeline.clock.at = BEGIN + HOUR;
  const tick = {
    scheduledAt: new Date(BEGIN + HOUR).toISOString(),
    accounts: [{ ...account, name: 'dead' }, account],
  };
  await expect(handler(tick, {})).rejects.toThrow('no answer');
  await pipeline.drain();
  const { archive, index } = await pipeline.differences({ from: BEGIN, to: BEGIN + 30 * MINUTE });
  expect({ archive: archive.missing, index: index.missing }).toEqual({ archive: [], index: [] });
});
