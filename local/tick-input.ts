import * as z from 'zod';
import { Account } from '../shared/contract/account.ts';
import type { TickInput } from '../shared/contract/tick.ts';
import { DAY, type EpochMs, HOUR, istBlockStart, istStamp } from '../shared/core/time.ts';
import type { SourceChoice } from './source-choice.ts';

/** What a run fetches first. Instants are UTC epoch ms; `to` is not included. */
export interface FetchSpan {
  readonly from: EpochMs;
  readonly to: EpochMs | undefined;
}

/** How far back the first start on a folder fetches. */
const FIRST_REACH = DAY;

/**
 * @param asked what the person asked for
 * @param before where an earlier start on this folder began; a span with an end is never gone on with
 */
export const fetchSpan = (
  asked: { from: EpochMs | undefined; to: EpochMs | undefined },
  before: EpochMs | undefined,
  now: EpochMs,
): FetchSpan => {
  if (asked.to !== undefined) return { from: asked.from ?? asked.to - DAY, to: asked.to };
  return { from: asked.from ?? before ?? istBlockStart(now - FIRST_REACH, HOUR), to: undefined };
};

/** A deployed poller may take the usual share of the same rate limit; this one leaves it room. */
const SHARE_BESIDE_ANOTHER = 0.5;

/** Whom a tick asks, and how hard. */
export interface Asked {
  readonly baseUrl: string | undefined;
  /** In place of the account's share of its rate. */
  readonly requestsPerSecond: number | undefined;
}

/**
 * The account of the template's schedule, as this machine polls it: the host and rate of the environment, and
 * the span of this run. Calls are published from the beginning of what is fetched.
 */
export const localAccount = (account: Account, span: FetchSpan, asked: Asked): Account => ({
  ...account,
  ...(asked.baseUrl !== undefined && {
    baseUrl: asked.baseUrl,
    allowedHosts: [...account.allowedHosts, new URL(asked.baseUrl).host],
  }),
  ...(asked.requestsPerSecond === undefined
    ? { share: account.share * SHARE_BESIDE_ANOTHER }
    : { cps: asked.requestsPerSecond, share: 1 }),
  fetchFrom: istStamp(span.from),
  ...(span.to !== undefined && { fetchTo: istStamp(span.to) }),
  eventsFrom: istStamp(span.from),
});

const ScheduleInput = z.looseObject({ accounts: z.array(Account) });

/** The accounts that a schedule's input names. */
export const accountsOf = (input: unknown): Account[] => ScheduleInput.parse(input).accounts;

/** An environment holds one credential: beside simulated calls, the first account is polled and the others rest. */
export const polledAccounts = (accounts: readonly Account[], choice: SourceChoice): readonly Account[] =>
  choice.simulated ? accounts : accounts.slice(0, 1);

/**
 * No other poller lives on this folder, for it is locked: a lease that a killed one left need not run out.
 */
export const tickInput = (
  scheduledAt: EpochMs,
  accounts: readonly Account[],
  only: TickInput['only'] | undefined,
): TickInput => ({
  scheduledAt: new Date(scheduledAt).toISOString(),
  accounts: [...accounts],
  ...(only && { only }),
  takeOver: true,
});
