import { setTimeout as wait } from 'node:timers/promises';
import { type Account, instantOf } from '../../shared/contract/account.ts';
import { isDone } from '../../shared/core/orders.ts';
import { HOUR, MINUTE, type Ms, SECOND } from '../../shared/core/time.ts';
import { readOrders } from '../../shared/steps/place-order.ts';
import { counted } from '../figures.ts';
import type { Terminal } from '../terminal.ts';
import { openFolder } from './folder.ts';
import type { Place } from './place.ts';

const LOOK_EVERY: Ms = 2 * SECOND;
const SAY_EVERY: Ms = 10 * SECOND;

/** Orders of an account that its poller has not done. */
export const openOrders = async (place: Place, account: string): Promise<number[]> => {
  const { book, progress } = await readOrders(account, place);
  return book.orders
    .map(({ id }) => id)
    .filter((id) => !isDone(progress, id) && !book.cancelled.includes(id));
};

/**
 * Waits until the pollers have done what is ordered. In a folder at rest this process polls, and the place is
 * opened anew.
 *
 * @returns the place to go on with, and whether everything is done
 */
export const workOff = async (
  terminal: Terminal,
  place: Place,
  data: string,
  longest: Ms = 10 * MINUTE,
): Promise<{ place: Place; done: boolean }> => {
  if (place.kind === 'folder' && !place.running) {
    const { accounts } = place;
    await place.close();
    await pollHere(terminal, accounts, data);
    const again = await openFolder(data);
    return { place: again, done: (await allOpen(again)) === 0 };
  }
  const until = performance.now() + longest;
  for (let said = 0; ; ) {
    const left = await allOpen(place);
    if (left === 0) return { place, done: true };
    if (performance.now() > until) return { place, done: false };
    if (performance.now() - said > SAY_EVERY) {
      said = performance.now();
      terminal.say(`waiting for the poller: ${counted(left, 'window')} ordered; it ticks every minute`);
    }
    await wait(LOOK_EVERY);
  }
};

const allOpen = async (place: Place): Promise<number> => {
  const open = await Promise.all(place.accounts.map(({ name }) => openOrders(place, name)));
  return open.flat().length;
};

/** Polls only what is ordered, with the accounts as the folder's last start had them. */
const pollHere = async (terminal: Terminal, accounts: readonly Account[], data: string): Promise<void> => {
  const [account] = accounts;
  const from = account?.fetchFrom === undefined ? Date.now() - HOUR : instantOf(account.fetchFrom);
  const to = account?.fetchTo === undefined ? undefined : instantOf(account.fetchTo);
  terminal.say('fetching what is missing');
  const { startSystem } = await import('../../local/system.ts');
  const system = await startSystem({
    data,
    fresh: false,
    from,
    to,
    once: true,
    only: ['proof', 'backfill'],
    env: process.env,
    stop: new AbortController().signal,
    hear: () => {},
    opened: () => {},
  });
  try {
    await system.catchUp();
    await system.drain();
  } finally {
    await system.close();
  }
};
