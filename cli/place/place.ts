import type { Account } from '../../shared/contract/account.ts';
import type { Bus } from '../../shared/ports/bus.ts';
import type { CallIndex } from '../../shared/ports/call-index.ts';
import type { DeadLetters } from '../../shared/ports/dead-letters.ts';
import type { Ledger, Orders, Sessions } from '../../shared/ports/ledger.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import type { Queue, QueueDepth } from '../../shared/ports/queue.ts';
import type { Check } from '../doctor/check.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { Consumers } from './consumers.ts';
import type { IndexTables } from './index-tables.ts';

/** A system that a command works on: a data folder on this machine, or a deployed stack. */
export interface Place {
  readonly kind: 'folder' | 'stack';
  /** For people: the folder, or the stack and its region. */
  readonly title: string;
  /** What a further command needs to name the same place, with a space before it; empty for the default. */
  readonly flag: string;
  /** Something polls here now. */
  readonly running: boolean;
  readonly accounts: readonly Account[];
  readonly objects: ObjectStore;
  readonly index: CallIndex;
  readonly ledger: Ledger;
  readonly orders: Orders;
  readonly sessions: Pick<Sessions, 'load'>;
  readonly depth: QueueDepth;
  readonly queue: Queue;
  readonly deadLetters: DeadLetters;
  readonly bus: Bus;
  readonly consumers: Consumers;
  readonly tables: IndexTables;
  /** Whether what it is made of is there and switched on. */
  checks(): Promise<readonly Check[]>;
  /** Runs one of the functions to its end. @throws {Failure} where it fails. */
  invoke(name: 'prover' | 'compactor', event: unknown): Promise<unknown>;
  close(): Promise<void>;
}

/** How every command names its place. */
export interface PlaceOptions {
  readonly data: string;
  /** Prefix of the deployed stacks' names. */
  readonly stack?: string | undefined;
  /** One of the accounts. */
  readonly account?: string | undefined;
}

/**
 * The account that is meant: the named one, or the only one.
 * @throws {Failure} where there are several and none is named, or the named one is not there.
 */
export const accountOf = (place: Pick<Place, 'accounts'>, name: string | undefined): Account => {
  const names = place.accounts.map((account) => account.name);
  const [only] = place.accounts;
  const found = name === undefined ? only : place.accounts.find((account) => account.name === name);
  if (found && (name !== undefined || names.length === 1)) return found;
  throw new Failure('account-unknown', name === undefined ? 'which account?' : 'there is no such account', {
    came: name ?? 'no --account',
    wanted: `one of ${names.join(', ')}`,
    cure: `--account ${names[0] ?? 'NAME'}`,
    exit: EXIT.usage,
  });
};

/** The accounts that are meant: the named one, or all. */
export const accountsOf = (place: Pick<Place, 'accounts'>, name: string | undefined): readonly Account[] =>
  name === undefined ? place.accounts : [accountOf(place, name)];
