import { type Effect, FAULT_KINDS, type FaultKind, type FaultPoint, faultKindsOf } from '../support/chaos.ts';
import { Draws } from '../support/draws.ts';

/** The process dies before an effect or after it, or lives on and believes that it failed. */
export const PHASES = ['crash-before', 'crash-after', 'reply-lost'] as const satisfies FaultKind[];

/** So many effects bring one run with two faults. */
const EFFECTS_A_PAIR = 4;
/** Effects that lie so far apart may be the same thing, tried again. */
const CLOSE = 8;
/** Faults that the process lives through. */
const PASSING = ['refused', 'reply-lost', 'half'] as const satisfies FaultKind[];

/** `7`, `7:113:crash-after`, `7:113:crash-after+140:reply-lost`: seed, then ordinal and kind of each fault. */
export const pointOf = (seed: number, faults: readonly FaultPoint[]): string =>
  [`${seed}`, faults.map(({ ordinal, kind }) => `${ordinal}:${kind}`).join('+')]
    .filter((part) => part !== '')
    .join(':');

export const readPoint = (point: string): { seed: number; faults: FaultPoint[] } => {
  const [, seed, rest = ''] = /^(\d+)(?::(.+))?$/.exec(point) ?? [];
  const faults = rest === '' ? [] : rest.split('+').map(readFault);
  if (seed === undefined || faults.some((fault) => fault === undefined))
    throw new RangeError(
      `${point} is no point of a run: wanted SEED:EFFECT:KIND, KIND one of ${FAULT_KINDS.join(', ')}`,
    );
  return { seed: Number(seed), faults: faults.flatMap((fault) => fault ?? []) };
};

const readFault = (text: string): FaultPoint | undefined => {
  const [, ordinal, name] = /^(\d+):(.+)$/.exec(text) ?? [];
  const kind = FAULT_KINDS.find((known) => known === name);
  return kind === undefined ? undefined : { ordinal: Number(ordinal), kind };
};

/** The three phases, and one of the others: by turns, so that over the seeds each meets each effect. */
const kindsAt = ({ ordinal, name }: Effect, seed: number): FaultKind[] => {
  const others = faultKindsOf(name).filter((kind) => !PHASES.some((phase) => phase === kind));
  const other = others[(ordinal + seed) % others.length];
  return [...PHASES, ...(other === undefined ? [] : [other])];
};

/** In any order: a defect that shows here and there shows soon. */
const shuffled = <T>(all: readonly T[], draws: Draws): T[] => {
  const left = [...all];
  return all.flatMap(() => left.splice(draws.below(left.length), 1));
};

/** Every effect of the seed's run without faults × kinds of fault, and pairs of them as drawn. */
export const faultsFor = (seed: number, effects: readonly Effect[]): FaultPoint[][] => {
  const single = effects.flatMap((effect) =>
    kindsAt(effect, seed).map((kind): FaultPoint[] => [{ ordinal: effect.ordinal, kind }]),
  );
  const draws = new Draws(seed, 2);
  const pairs = Array.from({ length: Math.floor(effects.length / EFFECTS_A_PAIR) }, (): FaultPoint[] => {
    const ordinal = draws.below(effects.length);
    // What is done again at once, in the same process, meets the second fault of a close pair.
    if (draws.chance(0.5)) {
      const kind = draws.of(PASSING);
      return [ordinal, ordinal + 1 + draws.below(CLOSE)].map((at) => ({ ordinal: at, kind }));
    }
    return [ordinal, ordinal + 1 + draws.below(effects.length)].map((at) => ({
      ordinal: at,
      kind: draws.of(FAULT_KINDS),
    }));
  });
  return shuffled([...single, ...pairs], draws);
};
