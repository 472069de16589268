import type { AccountState, CoverageException } from './account-state.ts';
import { coverRead, type Looks } from './coverage.ts';
import { fulfil } from './orders.ts';
import type { EpochMs } from './time.ts';
import { contains, type Window } from './window.ts';

/** Exceptions remembered at most, for the document must stay small: an older one is found again by the next look. */
const MOST_EXCEPTIONS = 200;

/** Records that the source counts in a window and was found never to show. */
export const missingIn = (exceptions: readonly CoverageException[], window: Window): number =>
  exceptions.filter(({ at }) => contains(window, at)).reduce((sum, { missing }) => sum + missing, 0);

/**
 * The state after a second was given up: it counts as covered, and that its answer was never right is remembered.
 * @param missing records that the source counts there and does not show
 * @param now the tick's scheduled time
 */
export const coverWithException = (
  state: AccountState,
  { window, order }: { readonly window: Window; readonly order?: number },
  missing: number,
  now: EpochMs,
  looks: Looks,
): AccountState => ({
  ...state,
  exceptions: [
    ...state.exceptions.filter(({ at }) => at !== window.from),
    { at: window.from, missing },
  ].slice(-MOST_EXCEPTIONS),
  coverage: coverRead(state.coverage, window, now, looks),
  ...(order !== undefined && { orders: fulfil(state.orders, order, window) }),
});
