/**
 * - `transient`: read again; its bytes tell nothing, so where it stays the second is covered with an exception alone
 * - `incurable`: read again too; where it stays its bytes are quarantined, and the second is covered with an exception
 * - `unsettled`: a page whose count and rows disagree; where it stays its rows are sent, and quarantined as well
 * - `refused`: the token or the rate is to blame: the tick logs in once, waits, or ends, and the window stays owed
 * - `accepted`: a page; every record of it is archived and indexed
 */
export type Verdict = 'transient' | 'incurable' | 'unsettled' | 'refused' | 'accepted';

/** A record of an accepted body. */
export interface ExpectedRecord {
  /** As it must stand in the archive, one char a byte. */
  readonly raw: string;
  /** Its name in the index: exact, or by shape where a digest makes it. */
  readonly key: string | RegExp;
  readonly dt: string;
}

export interface HostileBody {
  readonly name: string;
  readonly body: Uint8Array;
  readonly verdict: Verdict;
  /** Why it is no page: a `SourceError`'s. */
  readonly code?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly records?: readonly ExpectedRecord[];
}
