import { setTimeout as wait } from 'node:timers/promises';
import { type Account, instantOf } from '../../shared/contract/account.ts';
import { isDone, leftOf } from '../../shared/core/orders.ts';
import { HOUR, MINUTE, type Ms, SECOND } from '../../shared/core/time.ts';
import { readOrders } from '../../shared/steps/place-order.ts';
import type { Failure } from '../failure.ts';
import { span } from '../figures.ts';
import { ProgressLine } from '../progress-line.ts';
import { troubleFailure } from '../source-trouble.ts';
import type { Terminal } from '../terminal.ts';
import { openFolder } from './folder.ts';
import type { Place } from './place.ts';

const LOOK_EVERY: Ms = 2 * SECOND;
const SAY_EVERY: Ms = 5 * MINUTE;

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
 * @returns the place to go on with, whether everything is done, and why this process could not do it
 */
export const workOff = async (
  terminal: Terminal,
  place: Place,
  data: string,
  longest: Ms = 10 * MINUTE,
): Promise<{ place: Place; done: boolean; trouble?: Failure }> => {
  const total = await secondsLeft(place);
  const line = new ProgressLine(terminal, 'fetching', Math.max(1, total), callTime);
  if (place.kind === 'folder' && !place.running) {
    const { accounts } = place;
    await place.close();
    const trouble = await pollHere(terminal, accounts, data, (left) => line.show(Math.max(0, total - left)));
    line.close();
    const again = await openFolder(data);
    return { place: again, done: (await secondsLeft(again)) === 0, ...(trouble && { trouble }) };
  }
  const until = performance.now() + longest;
  for (let said = Number.NEGATIVE_INFINITY; ; ) {
    const left = await secondsLeft(place);
    if (left === 0 || performance.now() > until) {
      line.close();
      return { place, done: left === 0 };
    }
    if (performance.now() - said > SAY_EVERY) {
      said = performance.now();
      terminal.say(await whyItWaits(place));
    }
    line.show(Math.max(0, total - left));
    await wait(LOOK_EVERY);
  }
};

/** Call time, as people count it. */
const callTime = (seconds: number): string => span(seconds * SECOND);

const whyItWaits = async (place: Place): Promise<string> => {
  const sessions = await Promise.all(place.accounts.map(({ name }) => place.sessions.load(name)));
  const breaker = sessions.find((session) => session?.value.breaker)?.value.breaker;
  return breaker === undefined
    ? 'waiting for the poller: it ticks every minute, and live calls go first'
    : `waiting: the credential was refused (${breaker.reason}) and nothing is asked; npx smartflo-cdr doctor${place.flag}`;
};

/** Of what is ordered, the call time that no poller has read. */
const secondsLeft = async (place: Place): Promise<number> => {
  const left = await Promise.all(
    place.accounts.map(async ({ name }) => {
      const { book, progress } = await readOrders(name, place);
      return book.orders
        .filter(({ id }) => !book.cancelled.includes(id))
        .reduce((sum, order) => sum + leftOf(progress, order), 0);
    }),
  );
  return left.reduce((sum, seconds) => sum + seconds, 0);
};

/** Polls only what is ordered, with the accounts as the folder's last start had them. */
const pollHere = async (
  terminal: Terminal,
  accounts: readonly Account[],
  data: string,
  onLeft: (seconds: number) => void,
): Promise<Failure | undefined> => {
  const [account] = accounts;
  const from = account?.fetchFrom === undefined ? Date.now() - HOUR : instantOf(account.fetchFrom);
  const to = account?.fetchTo === undefined ? undefined : instantOf(account.fetchTo);
  terminal.say('fetching what is missing');
  const left = new Map<string, number>();
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
    hear(news) {
      if (news.kind !== 'turn') return;
      for (const { account: name, owed } of news.reports)
        left.set(name, (owed.backfill ?? 0) + (owed.proof ?? 0));
      onLeft([...left.values()].reduce((sum, seconds) => sum + seconds, 0));
    },
    opened: () => {},
  });
  try {
    const ending = await system.catchUp();
    await system.drain();
    return ending.kind === 'refused' ? troubleFailure(ending.report) : undefined;
  } finally {
    await system.close();
  }
};
