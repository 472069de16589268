import type { FaultPoint } from '../support/chaos.ts';
import { type ProofOutcome, runProof } from '../support/proof-run.ts';
import { faultsFor, pointOf, readPoint } from './fault-points.ts';
import type { Failure, Suite } from './suite.ts';

/** Of a seed's faults so many, as drawn: what is damaged, and how, matters as much as where it dies. */
const RUNS_A_SEED = 100;

const failuresOf = (
  seed: number,
  faults: readonly FaultPoint[],
  { violations }: ProofOutcome,
): readonly Failure[] =>
  violations.map(({ check, detail }) => ({ point: `proof:${pointOf(seed, faults)}`, check, detail }));

export const proofSuite: Suite = {
  async runSeed(seed, isEnough) {
    const calm = await runProof({ seed, faults: [] });
    const failures = [...failuresOf(seed, [], calm)];
    const counts: Record<string, number> = { seeds: 1, effects: calm.effects.length, ...calm.damage };
    const nameAt = new Map(
      calm.effects.map(({ ordinal, name, process }) => [ordinal, `${process.split('-')[0]} ${name}`]),
    );
    let runs = 1;
    for (const faults of faultsFor(seed, calm.effects).slice(0, RUNS_A_SEED)) {
      if (isEnough(failures.length)) break;
      runs += 1;
      failures.push(...failuresOf(seed, faults, await runProof({ seed, faults })));
      const [fault, second] = faults;
      if (!fault) continue;
      const met = second ? 'pairs' : `${nameAt.get(fault.ordinal)} ${fault.kind}`;
      counts[met] = (counts[met] ?? 0) + 1;
    }
    return { runs, failures, counts };
  },

  async replay(point, trace) {
    const { seed, faults } = readPoint(point);
    return failuresOf(seed, faults, await runProof({ seed, faults, trace }));
  },
};
