import type { Looks } from './coverage.ts';
import type { EpochMs, Ms } from './time.ts';

/** The reasons to ask for a window, in the order of their claim on the budget. */
export const LOOKS = ['live', 'just-ended', 'probe', 'edit', 'gap', 'proof', 'backfill'] as const;
export type Look = (typeof LOOKS)[number];

/** A full read at this age of its block, or later, is what a day is proven by: whatever is late has come by then. */
export const PROOF_AGE: Ms = 26 * 60 * 60 * 1000;

/** How an account wants to be polled, in units that compute. Made from the configuration by `policyOf`. */
export interface Policy extends Looks {
  /** What polling may take of the source's rate limit. */
  readonly requestsPerSecond: number;
  /** Requests in flight at once, for disjoint windows. */
  readonly concurrency: number;
  /** Records asked for on a page. */
  readonly pageLimit: number;
  readonly settle: Ms;
  readonly longestCall: Ms;
  readonly live: Ms;
  /** What live grows to where the source ignores the duration filter. */
  readonly liveWithoutDuration: Ms;
  /** Start of the first call to fetch, UTC epoch ms; undefined: `DEFAULT_REACH` before the first tick. */
  readonly fetchFrom: EpochMs | undefined;
  /** End of what to fetch first; undefined: up to the first live window. */
  readonly fetchTo: EpochMs | undefined;
}

/** Ticks come once a minute. */
export const TICK: Ms = 60 * 1000;

/** How far back the newest starts reach that a tick reads in full: a tick's worth at least, however far behind a window stops. */
export const liveReach = (policy: Policy, live: Ms = policy.live): Ms => Math.max(live, policy.settle + TICK);

/** How far before the first tick calls are fetched, and published, where the configuration does not say. */
export const DEFAULT_REACH: Ms = 3 * 24 * 60 * 60 * 1000;
