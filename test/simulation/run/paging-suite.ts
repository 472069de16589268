import { type PagingOutcome, runPaging } from '../support/paging-run.ts';
import type { Failure, Suite } from './suite.ts';

const failuresOf = (seed: number, { violations }: PagingOutcome): readonly Failure[] =>
  violations.map((detail) => ({ point: `paging:${seed}`, check: 'paging', detail }));

export const pagingSuite: Suite = {
  async runSeed(seed) {
    const outcome = await runPaging(seed);
    const { records, requests, exceptions, healed } = outcome;
    return {
      runs: 1,
      failures: failuresOf(seed, outcome),
      counts: { records, requests, exceptions, healed },
    };
  },

  async replay(point, trace) {
    if (!/^\d+$/.test(point)) throw new RangeError(`${point} is no point of a paging run: wanted SEED`);
    return failuresOf(Number(point), await runPaging(Number(point), trace));
  },
};
