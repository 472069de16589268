import type { EpochMs, Ms } from '../core/time.ts';

/** One call of one account, as a consumer's guard knows it. */
export interface GuardedCall {
  readonly account: string;
  readonly id: string;
}

/** What came of asking to work on a revision. */
export type Begun =
  /** Nobody else works on this call, and this revision is newer than all that is done. Name `turn` when finished. */
  | { readonly begun: true; readonly turn: string }
  /** `done`: this revision or a newer one is done. `busy`: somebody works on this call right now; ask again later. */
  | { readonly begun: false; readonly because: 'done' | 'busy' };

/**
 * Which revision of each call a consumer has finished, and who works on it now. Every method rejects when the store
 * could not be asked; then the event must come again.
 */
export interface Revisions {
  /** @param hold how long the turn is held; whoever dies leaves the call free after it. */
  begin(call: GuardedCall, revision: string, now: EpochMs, hold: Ms): Promise<Begun>;
  /** @returns `lost` when the turn had run out and somebody else has taken it: what was done may be overwritten. */
  finish(call: GuardedCall, revision: string, turn: string, now: EpochMs): Promise<'done' | 'lost'>;
  /** Gives the turn back unfinished, so that the next try need not wait. */
  release(call: GuardedCall, turn: string): Promise<void>;
}
