import type { EpochMs, Ms } from '../core/time.ts';

/** Time as a use case may know it. "Now" for windows is the tick's; see shared/contract/tick.ts. */
export interface Clock {
  /** Never goes back; only differences mean something. */
  monotonic(): Ms;
  /** The wall clock: for token expiry and the spacing of requests across invocations. */
  real(): EpochMs;
  sleep(duration: Ms): Promise<void>;
  /** Resolves when what was begun has gone out: a long piece of work waits for it, so that nobody waits for the work. */
  nextTurn(): Promise<void>;
}
