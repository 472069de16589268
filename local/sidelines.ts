import type { Account } from '../shared/contract/account.ts';
import { type EpochMs, type Ms, SECOND } from '../shared/core/time.ts';
import type { FunctionHost, Invocation } from './function-host.ts';
import type { Provisioned } from './provision.ts';

/** A function that a schedule calls beside the poller: the prover, the compactor. */
export interface Sideline {
  readonly name: string;
  readonly every: Ms;
  run(scheduledAt: EpochMs): Promise<Invocation>;
}

/** The pollers' schedules have a pace of their own here. */
const MAIN = 'poller';

const withAccounts = (input: unknown, accounts: readonly Account[]): unknown =>
  typeof input === 'object' && input !== null && 'accounts' in input ? { ...input, accounts } : input;

/** @param accounts as this machine polls them, in place of those that the templates name */
export const sidelinesOf = (
  { schedules, functions }: Provisioned,
  accounts: readonly Account[],
  host: (name: string) => FunctionHost,
): Sideline[] =>
  schedules.flatMap((schedule) => {
    const name = functions.find(({ logicalId }) => logicalId === schedule.function)?.name;
    if (name === undefined || name === MAIN) return [];
    const running = host(name);
    return {
      name,
      every: schedule.rateSeconds * SECOND,
      run: (scheduledAt: EpochMs) =>
        running.invoke(withAccounts(schedule.input(new Date(scheduledAt).toISOString()), accounts)),
    };
  });
