import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Clock } from '../ports/clock.ts';

/** The machine's clocks. */
export const systemClock: Clock = {
  monotonic: () => performance.now(),
  real: () => Date.now(),
  sleep: (duration) => setTimeout(duration),
  nextTurn: () => setImmediate(),
};
