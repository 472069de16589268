import { expect, test } from 'vitest';
import { runSuite } from './run/pool.ts';
import { failureText } from './run/suite.ts';

/** Two or three of each service without which eight hours must be lived through. `--seeds 2000` runs the long set. */
const SEEDS = 12;

test(`${SEEDS} weeks of outages, throttling, lost and doubled ticks, wrong clocks and reordered messages: all is there a round of looks later`, async () => {
  const { runs, failures, counts } = await runSuite({ suite: 'weather', runs: SEEDS });
  expect(failures.map(failureText)).toEqual([]);
  expect(runs).toBeGreaterThanOrEqual(SEEDS);
  for (const service of ['source', 'queue', 'table', 'bucket', 'bus'])
    expect([service, counts[`8 h without ${service}`]]).toEqual([service, expect.any(Number)]);
  expect(counts['records']).toBeGreaterThan(400 * SEEDS);
  expect(counts['faults']).toBeGreaterThan(100 * SEEDS);
});
