import type { IndexedCall } from '../contract/indexed-call.ts';

/** Which calls to find, newest start first. `customer`, `agent` and `did` are exact. */
export type CallFilter =
  | { readonly by: 'callId'; readonly callId: string }
  | { readonly by: 'customer'; readonly customer: string }
  | { readonly by: 'agent'; readonly agent: string }
  | { readonly by: 'did'; readonly did: string }
  | { readonly by: 'day'; readonly dt: string; readonly status: string };

/** What a proof needs of a call: a quarter of its bytes, which is a quarter of the memory that a page takes. */
export type IndexedPlace = Pick<IndexedCall, 'account' | 'key' | 'dt' | 'hash' | 'seen' | 'object' | 'line'>;

/** The index day by day, for who compares it whole. */
export interface DayIndex {
  /**
   * Every call of a day, a page at a time, in partitions of an hour and status; not consistent: what differs must be
   * looked up by key. Statuses that are not named are not seen.
   * @param after skips the partitions up to and including it
   * @throws {IndexSwitchedOff} where the table has no index by day
   */
  pages(
    account: string,
    dt: string,
    statuses: readonly string[],
    after: string | undefined,
  ): AsyncIterable<{ readonly partition: string; readonly calls: readonly IndexedPlace[] }>;
}

/** The deployment has left this secondary index out. */
export class IndexSwitchedOff extends Error {
  override readonly name = 'IndexSwitchedOff';
}

/** One thin item a record. Every method rejects when the table could not be asked. */
export interface CallIndex {
  /**
   * Writes the whole item if what is there was seen at `expectSeen`; undefined: if nothing is there.
   * @returns `conflict` when something else is there: load it and judge again; `refused` when the table takes
   * this item in no case, so that trying again cures nothing.
   */
  write(call: IndexedCall, expectSeen: string | undefined): Promise<'written' | 'conflict' | 'refused'>;
  /**
   * Keys that are not there are absent from the map.
   * @param asOf `lately` may miss writes of the last second or so, and costs half
   */
  load(account: string, keys: readonly string[], asOf?: 'now' | 'lately'): Promise<Map<string, IndexedCall>>;
  find(account: string, filter: CallFilter, limit: number): Promise<IndexedCall[]>;
}
