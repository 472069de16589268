import { expect, test } from 'vitest';
import { clockCheck, recordZoneCheck } from '../../cli/doctor/clock.ts';
import { measuredAnswers } from '../../cli/doctor/measured.ts';
import { createMemoryCallIndex } from '../../shared/adapters/memory/call-index.ts';
import { createMemoryObjectStore } from '../../shared/adapters/memory/object-store.ts';
import { HOUR, MINUTE, SECOND } from '../../shared/core/time.ts';
import { manifestKey } from '../../shared/contract/day-proof.ts';
import { indexedCall } from '../support/indexed-call.ts';
import { ProofWorld } from '../support/proof-world.ts';

const NOW = Date.parse('2026-03-12T10:00:00+05:30');

test.each([
  ['the same', NOW - 500, 'ok'],
  ['a minute apart', NOW - MINUTE, 'ok'],
  ['behind', NOW + 3 * MINUTE, 'fail'],
  ['before', NOW - 3 * MINUTE, 'fail'],
  ['not told', undefined, 'skip'],
  ['no date', Number.NaN, 'skip'],
] as const)('a clock that is %s', (_, said, status) => {
  expect(clockCheck(said, NOW)).toMatchObject({ id: 'clock', status });
});

test.each([
  ['India time', [2 * SECOND, 3 * SECOND, 25 * MINUTE], 'ok'],
  ['India time, one record out of place', [2 * SECOND, 2 * SECOND, -9 * HOUR], 'ok'],
  ['UTC', [5.5 * HOUR, 5.5 * HOUR + SECOND, 2 * SECOND], 'fail'],
  ['ahead of India', [-3.5 * HOUR, -3.5 * HOUR, -3.5 * HOUR], 'fail'],
  ['unknown', [], 'skip'],
] as const)('records stamped in %s', (_, storedAfter, status) => {
  expect(recordZoneCheck(storedAfter)).toMatchObject({ id: 'record-zone', status });
});

test('what no probe can answer is told by what is stored: changes, the id that survives them, what vanished', async () => {
  const world = new ProofWorld('2026-03-10', 20);
  world.deliver();
  world.show({ hidden: new Set(['r000001']) });
  const manifest = (await world.prove()).manifest;
  if (!manifest) throw new Error('no proof');
  const objects = createMemoryObjectStore();
  const index = createMemoryCallIndex();
  expect(await measuredAnswers({ objects, index }, ['main'])).toEqual([]);

  await objects.create(manifestKey(manifest), Buffer.from(JSON.stringify(manifest)));
  await index.write(indexedCall({ key: 'a', dt: '2026-03-10' }), undefined);
  const vanished = { question: 18, answer: '1 record vanished in 1 proven day' };
  expect(await measuredAnswers({ objects, index }, ['main'])).toMatchObject([vanished]);

  await index.write(
    indexedCall({ key: 'b', dt: '2026-03-10', changed: ['disposition', 'notes'] }),
    undefined,
  );
  await index.write(indexedCall({ key: 'c', dt: '2026-03-10', changed: ['notes'] }), undefined);
  expect(await measuredAnswers({ objects, index }, ['main'])).toMatchObject([
    { question: 10, answer: expect.stringContaining('2 of 3 calls read: notes, disposition') },
    { question: 11, answer: expect.stringContaining('2 of 3 calls') },
    vanished,
  ]);
});
