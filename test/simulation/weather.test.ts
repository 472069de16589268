import { expect, test } from 'vitest';
import { writeThinly } from '../../local/fake-smartflo/thin.ts';
import { HOUR, MINUTE, parseIstStamp } from '../../shared/core/time.ts';
import { PolledAccount } from '../support/polled-account.ts';
import { AGREED, disagreement } from '../support/world-check.ts';
import { runSuite } from './run/pool.ts';
import { failureText } from './run/suite.ts';

/** At least one of each service without which eight hours must be lived through. `--seeds 2000` runs the long set. */
const SEEDS = 5;

test(`${SEEDS} weeks of outages, throttling, lost and doubled ticks, wrong clocks and reordered messages: all is there a round of looks later`, async () => {
  const { runs, failures, counts } = await runSuite({ suite: 'weather', runs: SEEDS });
  expect(failures.map(failureText)).toEqual([]);
  expect(runs).toBeGreaterThanOrEqual(SEEDS);
  for (const service of ['source', 'queue', 'table', 'bucket', 'bus'])
    expect([service, counts[`8 h without ${service}`]]).toEqual([service, expect.any(Number)]);
  expect(counts['records']).toBeGreaterThan(400 * SEEDS);
  expect(counts['faults']).toBeGreaterThan(100 * SEEDS);
}, 600_000);

const UNANSWERED = ['server-error', 'reset', 'truncated'] as const;
const NO_PAGES = ['failure-200', 'not-a-page'] as const;

test.each([
  [0.3, 20, UNANSWERED],
  [0.5, 20, UNANSWERED],
  // Seed 5 has a second that fails at tick after tick by chance alone.
  [0.6, 5, UNANSWERED],
  [0.6, 5, NO_PAGES],
  [0.7, 20, UNANSWERED],
  [0.85, 20, UNANSWERED],
])(
  'a source that fails %f of all requests for eight hours is not taken for windows that can’t be read (seed %i, %j)',
  async (share, seed, kinds) => {
    const begin = parseIstStamp('2026-03-10 09:00:00') ?? 0;
    const polled = new PolledAccount(
      { seed, startedAt: begin, historyFrom: begin - HOUR, knobs: { calls: { callsPerMinute: 2 } } },
      { fetchFrom: '2026-03-10 08:00:00' },
    );
    writeThinly(polled.fake);
    const { faults } = polled.fake.knobs;
    Object.assign(faults, { share, kinds });
    await polled.run(begin + 8 * HOUR);
    faults.share = 0;
    await polled.run(begin + 8 * HOUR + 5 * MINUTE);
    expect(polled.telemetry.counts.get('Exceptions') ?? 0).toBe(0);
    const calm = polled.reports.slice(-5);
    expect(calm.map(({ owed }) => owed.gap ?? 0)).toContain(0);
    // Seed 5 has a call that the source inserts in the last of these minutes.
    await polled.run(begin + 8 * HOUR + 30 * MINUTE);
    expect(disagreement(polled, { from: begin - HOUR, to: begin + 8 * HOUR })).toEqual(AGREED);
  },
);
