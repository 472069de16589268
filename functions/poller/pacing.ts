import type { EpochMs, Ms } from '../../shared/core/time.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Pacer } from '../../shared/ports/source.ts';

/** A pacer whose last promise can be written down, so that the rate holds across invocations. */
export interface LastingPacer extends Pacer {
  /** When the next request may be sent, real clock. */
  readonly nextAt: EpochMs;
}

/**
 * So much longer than the rate asks for requests are apart: they reach the source some milliseconds sooner or later than
 * they leave, and no second of its own, wherever it begins, may hold one more than the account's share.
 */
export const SLACK = 1.01;

/**
 * Spaces requests evenly: one every `spacing`, never two at once. Counted from when the one before really had its turn:
 * a timer that woke late, and the next on time, would put two within one spacing.
 *
 * @param nextAt what the ledger says of the invocation before, real clock. A clock that jumped must not stop
 *   polling, so no more than one spacing is waited for it.
 */
export const createPacer = (spacing: Ms, nextAt: EpochMs, clock: Omit<Clock, 'nextTurn'>): LastingPacer => {
  const began = clock.monotonic();
  const realBegan = clock.real();
  let next = began + Math.min(spacing, Math.max(0, nextAt - realBegan));
  let line: Promise<void> = Promise.resolve();
  const follow = async (before: Promise<void>): Promise<void> => {
    await before;
    // Timers may also wake a little early.
    for (let wait = next - clock.monotonic(); wait > 0; wait = next - clock.monotonic())
      await clock.sleep(wait);
    next = clock.monotonic() + spacing;
  };
  return {
    turn() {
      const mine = follow(line);
      line = mine.catch(() => undefined);
      return mine;
    },
    left() {
      next = Math.max(next, clock.monotonic() + spacing);
    },
    get nextAt() {
      return realBegan + Math.ceil(next - began);
    },
  };
};
