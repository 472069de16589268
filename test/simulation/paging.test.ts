import { expect, test } from 'vitest';
import { HOUR, MINUTE, parseIstStamp } from '../../shared/core/time.ts';
import { PolledAccount } from '../support/polled-account.ts';
import { AGREED, disagreement } from '../support/world-check.ts';
import { runSuite } from './run/pool.ts';
import { failureText } from './run/suite.ts';

const SEEDS = 1_000;

test('1,000 closed windows whose rows come, go, shift, tie and repeat under paging: all of each is sent, and it ends', async () => {
  const { runs, failures, counts } = await runSuite({ suite: 'paging', runs: SEEDS });
  const { records = 0, exceptions = 0, healed = 0 } = counts;
  expect(failures.map(failureText)).toEqual([]);
  expect(runs).toBeGreaterThanOrEqual(SEEDS);
  expect(records).toBeGreaterThan(10_000);
  // A reading without a second look loses more: one record in 2,000 slipped away while two others hid it.
  expect(healed).toBeLessThan(records / 1_000);
  // A row that is counted and never listed is an exception of one second, and what ties hide may be.
  expect(exceptions).toBeLessThan(SEEDS / 2);
}, 600_000);

test('a page far smaller than asked for is learnt of before its window is read: an hour of 2,400 calls in pages of 20', async () => {
  const noon = parseIstStamp('2026-03-10 12:00:00') ?? 0;
  const hour = { from: noon - 6 * HOUR, to: noon - 5 * HOUR };
  const polled = new PolledAccount(
    {
      seed: 2,
      startedAt: noon,
      historyFrom: hour.from,
      historyTo: hour.to,
      knobs: { calls: { callsPerMinute: 40 }, listing: { limitCap: 20, limitEcho: 'asked' } },
    },
    { fetchFrom: '2026-03-10 06:00:00' },
  );
  // 120 pages at one a second, and what it takes to find out.
  await polled.run(noon + 5 * MINUTE);
  expect(disagreement(polled, hour)).toEqual(AGREED);
  expect(polled.fake.requestCount).toBeLessThan(200);
});
