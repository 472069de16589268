import type { Effect, FaultPoint } from '../support/chaos.ts';
import { faultsFor, pointOf, readPoint } from './fault-points.ts';
import type { Failure, Suite } from './suite.ts';

interface Outcome {
  /** The effects in which a fault may be put. */
  readonly effects: readonly Effect[];
  readonly violations: readonly Omit<Failure, 'point'>[];
}

interface Faulty<O extends Outcome> {
  /** Begins the name of every point. */
  readonly name: string;
  readonly run: (order: {
    readonly seed: number;
    readonly faults: readonly FaultPoint[];
    readonly trace?: (line: string) => void;
  }) => Promise<O>;
  /** What a fault met, as it is counted. */
  readonly met: (effect: Effect) => string;
  /** Of a seed's faults so many, as drawn. */
  readonly most?: number;
  /** What is counted of a seed beside them. */
  readonly told?: (calm: O) => Readonly<Record<string, number>>;
}

/** Each seed once without a fault, and then again for every fault that its effects can meet. */
export const faultSuite = <O extends Outcome>({ name, run, met, most, told }: Faulty<O>): Suite => {
  const failuresOf = (seed: number, faults: readonly FaultPoint[], { violations }: O): Failure[] =>
    violations.map(({ check, detail }) => ({ point: `${name}:${pointOf(seed, faults)}`, check, detail }));
  return {
    async runSeed(seed, isEnough) {
      const calm = await run({ seed, faults: [] });
      const failures = failuresOf(seed, [], calm);
      const counts: Record<string, number> = { seeds: 1, effects: calm.effects.length, ...told?.(calm) };
      const metAt = new Map(calm.effects.map((effect) => [effect.ordinal, met(effect)]));
      let runs = 1;
      for (const faults of faultsFor(seed, calm.effects).slice(0, most)) {
        if (isEnough(failures.length)) break;
        runs += 1;
        failures.push(...failuresOf(seed, faults, await run({ seed, faults })));
        const [fault, second] = faults;
        if (!fault) continue;
        const counted = second ? 'pairs' : `${metAt.get(fault.ordinal)} ${fault.kind}`;
        counts[counted] = (counts[counted] ?? 0) + 1;
      }
      return { runs, failures, counts };
    },

    async replay(point, trace) {
      const { seed, faults } = readPoint(point);
      return failuresOf(seed, faults, await run({ seed, faults, trace }));
    },
  };
};
