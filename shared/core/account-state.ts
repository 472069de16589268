import type { Coverage } from './coverage.ts';
import { durationPrior } from './durations.ts';
import type { EpochMs, Ms } from './time.ts';
import { NO_ORDERS, type OrderProgress } from './orders.ts';
import type { Window } from './window.ts';

/** The time by which the source filters a window. `start` unless its rows show otherwise. */
export const FILTER_TIMES = ['start', 'end', 'insert'] as const;
export type FilterTime = (typeof FILTER_TIMES)[number];

/** What the source's answers have taught about the source. */
export interface Learned {
  readonly filterOn: FilterTime;
  /** How many rows each time failed to explain; absent until the first rows. See `learnFilterTime`. */
  readonly doubts?: Readonly<Record<FilterTime, number>>;
  /** Whether rows at exactly the asked `from_date` and `to_date` come back; absent until seen. */
  readonly fromEdge?: 'in' | 'out';
  readonly toEdge?: 'in' | 'out';
  /** The page size that the source really gives. */
  readonly pageLimit?: number;
  /** `ignored` once a row broke the duration filter. */
  readonly durationFilter: 'trusted' | 'ignored';
  /** Smoothed time of one request. */
  readonly latency: Ms;
  /** Records a minute of call time, smoothed over what was read lately. */
  readonly perMinute: number;
  /** How many calls fell into each class of `DURATION_CLASSES`. */
  readonly durations: readonly number[];
}

/** A span whose reads do not settle: read in pieces of at most `span`. */
export interface Trouble extends Window {
  readonly span: Ms;
  /** Reads at this length; of a second, only those that were answered. */
  readonly reads: number;
  /** Of a second: reads that were not answered, though others were, and when the first of them was. Tick time. */
  readonly unanswered?: { readonly reads: number; readonly since: EpochMs };
}

/** One second that was covered with an exception: the source counts `missing` records that it does not show. */
export interface CoverageException {
  readonly at: EpochMs;
  readonly missing: number;
}

/** All that is known to be done for one account: the ledger's document. Instants are UTC epoch ms. */
export interface AccountState {
  /** Raised at every taking of the lease: the first part of every stamp. */
  readonly epoch: number;
  /** 0 when nobody holds the lease. Tick time. */
  readonly leaseUntil: EpochMs;
  /** The newest tick that took the lease. */
  readonly lastTickAt: EpochMs;
  readonly firstTickAt: EpochMs;
  /** When the last live look that succeeded was sent; what ended since is just-ended. */
  readonly lastLiveAt?: EpochMs;
  /** Start of the first live window: older uncovered spans are backfill, newer ones gaps. */
  readonly liveFrom?: EpochMs;
  /** When the next request may be sent. Real clock: the rate is a physical thing. */
  readonly nextRequestAt: EpochMs;
  /** The source asked us to wait until then. Tick time. */
  readonly pausedUntil: EpochMs;
  readonly coverage: Coverage;
  /** Hour blocks in which contents may have been sent that no sent list shows. */
  readonly dirty: readonly EpochMs[];
  readonly learned: Learned;
  readonly troubles: readonly Trouble[];
  readonly exceptions: readonly CoverageException[];
  readonly orders: OrderProgress;
}

/** The state before the first tick. */
export const initialState = (firstTickAt: EpochMs): AccountState => ({
  epoch: 0,
  leaseUntil: 0,
  lastTickAt: 0,
  firstTickAt,
  nextRequestAt: 0,
  pausedUntil: 0,
  coverage: [],
  dirty: [],
  learned: {
    filterOn: 'start',
    durationFilter: 'trusted',
    latency: 0,
    perMinute: 0,
    durations: durationPrior(),
  },
  troubles: [],
  exceptions: [],
  orders: NO_ORDERS,
});
