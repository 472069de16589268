import type { DayState } from '../contract/day-proof.ts';
import type { AccountState } from '../core/account-state.ts';
import type { OrderBook } from '../core/orders.ts';
import type { Session } from '../core/session.ts';

/** A document with the version that a later write must name. */
export interface Versioned<T> {
  readonly value: T;
  readonly version: number;
}

/**
 * What is known to be done, a document an account, changed by compare-and-set only.
 * `expected` 0 means "none is there yet". Every method rejects when the store could not be asked.
 */
export interface Ledger {
  load(account: string): Promise<Versioned<AccountState> | undefined>;
  save(account: string, state: AccountState, expected: number): Promise<Versioned<AccountState> | 'conflict'>;
}

/** What is asked for beside the looks: written by the prover and by operators, read by pollers. */
export interface Orders {
  load(account: string): Promise<Versioned<OrderBook> | undefined>;
  save(account: string, book: OrderBook, expected: number): Promise<Versioned<OrderBook> | 'conflict'>;
}

/** What is known of each day of an account, written by provers. `dt` is an IST date. */
export interface Proofs {
  load(account: string, dt: string): Promise<Versioned<DayState> | undefined>;
  save(
    account: string,
    dt: string,
    state: DayState,
    expected: number,
  ): Promise<Versioned<DayState> | 'conflict'>;
}

/** The session token and the breaker, apart from the state so that only pollers may read them. */
export interface Sessions {
  load(account: string): Promise<Versioned<Session> | undefined>;
  save(account: string, session: Session, expected: number): Promise<Versioned<Session> | 'conflict'>;
}
