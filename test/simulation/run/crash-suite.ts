import type { FaultPoint } from '../support/chaos.ts';
import { type CrashOutcome, runCrash } from '../support/crash-run.ts';
import { faultsFor, pointOf, readPoint } from './fault-points.ts';
import type { Failure, Suite } from './suite.ts';

const failuresOf = (
  seed: number,
  faults: readonly FaultPoint[],
  { violations }: CrashOutcome,
): readonly Failure[] =>
  violations.map(({ check, detail }) => ({ point: `crash:${pointOf(seed, faults)}`, check, detail }));

export const crashSuite: Suite = {
  async runSeed(seed, isEnough) {
    const calm = await runCrash({ seed, faults: [] });
    const failures = [...failuresOf(seed, [], calm)];
    const counts: Record<string, number> = { seeds: 1, effects: calm.effects.length };
    const nameAt = new Map(calm.effects.map(({ ordinal, name }) => [ordinal, name]));
    let runs = 1;
    for (const faults of faultsFor(seed, calm.effects)) {
      if (isEnough(failures.length)) break;
      runs += 1;
      failures.push(...failuresOf(seed, faults, await runCrash({ seed, faults })));
      const [fault, second] = faults;
      if (!fault) continue;
      const met = second ? 'pairs' : `${nameAt.get(fault.ordinal)} ${fault.kind}`;
      counts[met] = (counts[met] ?? 0) + 1;
    }
    return { runs, failures, counts };
  },

  async replay(point, trace) {
    const { seed, faults } = readPoint(point);
    return failuresOf(seed, faults, await runCrash({ seed, faults, trace }));
  },
};
