import type { AccountState } from './account-state.ts';
import { type Ms, SECOND } from './time.ts';
import { overlaps, type Window, widen, without } from './window.ts';

/** A window is asked a second wider, bounds count, and stored times may have fractions: so far its answer may reach. */
export const REACH_OF_AN_ANSWER: Ms = 2 * SECOND;

/**
 * The second nearest to `window` that was read before: where that is answered and the window is not, the window is to
 * blame. Seconds that were given up are passed over. Undefined where nothing was read.
 */
export const neighbourOf = (
  { coverage, exceptions }: Pick<AccountState, 'coverage' | 'exceptions'>,
  window: Window,
): Window | undefined => {
  const passedOver = [window, ...exceptions.map(({ at }) => ({ from: at, to: at + SECOND }))];
  let nearest: Window | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const { from, to } of coverage) {
    const segment = widen({ from, to }, REACH_OF_AN_ANSWER);
    const parts = passedOver
      .filter((other) => overlaps(other, segment))
      .reduce<Window[]>(
        (left, other) => left.flatMap((part) => without(part, widen(other, REACH_OF_AN_ANSWER))),
        [{ from, to }],
      );
    for (const part of parts) {
      const isBefore = part.to <= window.from;
      const distance = isBefore ? window.from - part.to : part.from - window.to;
      if (distance >= least) continue;
      least = distance;
      nearest = isBefore
        ? { from: part.to - SECOND, to: part.to }
        : { from: part.from, to: part.from + SECOND };
    }
  }
  return nearest;
};
