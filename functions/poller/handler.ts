import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Account } from '../../shared/contract/account.ts';
import { Tick, type TickReport } from '../../shared/contract/tick.ts';
import { type Ms, SECOND } from '../../shared/core/time.ts';
import type { PollerEnv } from './env.ts';
import { type PollPorts, pollAccount } from './poll.ts';

/** The function's own timeout, where the runner does not tell the time that is left. */
const TIMEOUT: Ms = 60 * SECOND;
/** No request starts in the last part of it: sent lists and ledger are still to be written. */
const RESERVE: Ms = 10 * SECOND;

type Overrides = Pick<PollerEnv, 'SMARTFLO_BASE_URL' | 'SMARTFLO_RPS' | 'SMARTFLO_EVENTS_FROM'>;

/**
 * The accounts of a tick, with what the environment overrides.
 * @throws {RangeError} when there are several accounts to override: whose would it be?
 */
export const overrideAccounts = (accounts: readonly Account[], env: Overrides): Account[] => {
  const { SMARTFLO_BASE_URL: baseUrl, SMARTFLO_RPS: rps, SMARTFLO_EVENTS_FROM: eventsFrom } = env;
  const overridden = [baseUrl, rps, eventsFrom].some((value) => value !== undefined);
  if (overridden && accounts.length > 1) {
    throw new RangeError(
      `SMARTFLO_BASE_URL, SMARTFLO_RPS and SMARTFLO_EVENTS_FROM hold for a single account, and the tick has ${accounts.length}: remove them`,
    );
  }
  return accounts.map((account) => ({
    ...account,
    ...(baseUrl !== undefined && { baseUrl, allowedHosts: [...account.allowedHosts, new URL(baseUrl).host] }),
    ...(rps !== undefined && { cps: rps, share: 1 }),
    ...(eventsFrom !== undefined && { eventsFrom }),
  }));
};

/**
 * A tick → every account in it is polled, each under its own lease and rate. An account that fails does not
 * keep the others from being polled; its report says why. Nothing is thrown for what the next tick cures.
 */
export const createHandler = (ports: PollPorts, env: Overrides) =>
  middy(async (event: unknown, context: Partial<Context>): Promise<TickReport[]> => {
    const began = ports.clock.monotonic();
    const end = context.getRemainingTimeInMillis?.() ?? TIMEOUT;
    const tick = Tick.parse(event);
    const order = {
      at: tick.scheduledAt,
      only: tick.only,
      takeOver: tick.takeOver ?? false,
      time: { start: Math.max(0, end - RESERVE), end },
      began,
    };
    const accounts = overrideAccounts(tick.accounts, env);
    const reports = await Promise.allSettled(accounts.map((account) => pollAccount(account, order, ports)));
    for (const report of reports) if (report.status === 'rejected') throw report.reason;
    return reports.flatMap((report) => (report.status === 'fulfilled' ? report.value : []));
  });
