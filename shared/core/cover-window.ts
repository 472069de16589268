import type { AccountState } from './account-state.ts';
import { coverRead } from './coverage.ts';
import { fulfil } from './orders.ts';
import { liveWindow, type OwedWindow } from './planner.ts';
import type { Policy } from './policy.ts';
import { settleTroubles } from './troubles.ts';
import { contains } from './window.ts';

/**
 * The state after a window was read whole in this tick.
 * @param shownAll as many records were shown as counted: what is shown needs no exception
 */
export const coverWindow = (
  state: AccountState,
  { window, look, order }: Pick<OwedWindow, 'window' | 'look' | 'order'>,
  shownAll: boolean,
  policy: Policy,
): AccountState => {
  const now = state.lastTickAt;
  const live = look === 'live' && {
    lastLiveAt: now,
    // Live began with the first tick, though it may have failed then: what came since is owed.
    liveFrom: state.liveFrom ?? liveWindow({ state, policy, now: state.firstTickAt }).from,
  };
  return {
    ...state,
    ...live,
    coverage: coverRead(state.coverage, window, now, policy),
    troubles: settleTroubles(state.troubles, window),
    ...(order !== undefined && { orders: fulfil(state.orders, order, window) }),
    exceptions: shownAll ? state.exceptions.filter(({ at }) => !contains(window, at)) : state.exceptions,
  };
};
