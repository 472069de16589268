import type { AccountState } from '../../shared/core/account-state.ts';
import { missingIn } from '../../shared/core/exceptions.ts';
import { SECOND } from '../../shared/core/time.ts';
import type { Window } from '../../shared/core/window.ts';
import type { SentLists } from './sent-lists.ts';

/**
 * By how many records a count is not what is known there, whichever way the bounds count that have not been learnt.
 * Rejects when the sent lists could not be read.
 */
export const disagreement = async (
  lists: Pick<SentLists, 'count'>,
  { learned: { fromEdge, toEdge }, exceptions }: Pick<AccountState, 'learned' | 'exceptions'>,
  window: Window,
  count: number,
): Promise<number> => {
  const [inside, atFrom, atTo] = await Promise.all([
    lists.count(window),
    fromEdge === 'out' ? 0 : lists.count({ from: window.from - SECOND, to: window.from }),
    toEdge === 'out' ? 0 : lists.count({ from: window.to, to: window.to + SECOND }),
  ]);
  const known = inside + missingIn(exceptions, window);
  const least = known + (fromEdge ? atFrom : 0) + (toEdge ? atTo : 0);
  const most = known + atFrom + atTo;
  return Math.max(0, least - count, count - most);
};
