import type { CdrQuery } from '../contract/cdr-query.ts';
import type { CredentialHealth } from '../core/credential-life.ts';
import type { Ms } from '../core/time.ts';

/** One record as it came: the exact bytes of its tokens, white space between them removed, so one line. */
export interface RawRecord {
  /** The bytes, one char (0 to 255) a byte. `Buffer.from(raw, 'latin1')` gives them back. */
  readonly raw: string;
}

/** One page of the answer. Numbers are the source's own words; the reader decides what they are worth. */
export interface Page {
  /** Records of the whole query, as the source counts them. */
  readonly count: number;
  /** The page size that the source says it used; undefined where it does not say. */
  readonly limit: number | undefined;
  readonly records: readonly RawRecord[];
  /** Time from sending to the last byte. */
  readonly latency: Ms;
}

/**
 * What can go wrong, and so what to do:
 * - `auth`: the credential was refused and one new login did not help, or the breaker is open. Stop; a human must act.
 * - `rate-limited`: stop for `retryAfter`, or until the next tick.
 * - `transient`: no answer, 5xx, cut off, HTML. Ask again later.
 * - `contract`: an answer that is no page (a 200 without count or results, ignored parameters). Ask again; alarm if it stays.
 * - `poison`: this very query can't be answered within the limits (too large, too deep). Ask for less.
 */
export type SourceFailure = 'auth' | 'rate-limited' | 'transient' | 'contract' | 'poison';

/** What a failure rules out until the next tick: the same query again, or every request of the account. */
export type RuledOut = 'query' | 'account';

export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly kind: SourceFailure;
  /** Constant, for logs and `explain`: `login-rejected`, `html-body`, `count-missing`, … */
  readonly code: string;
  /** How long the source asked us to wait. */
  readonly retryAfter: Ms | undefined;
  /** The bytes that came, where they are worth keeping (contract, poison): for quarantine, never for logs. */
  readonly body: Uint8Array | undefined;
  /** Undefined: the same request may fare better in a moment. */
  readonly rulesOut: RuledOut | undefined;

  constructor(
    kind: SourceFailure,
    code: string,
    message: string,
    more: { retryAfter?: Ms; body?: Uint8Array; rulesOut?: RuledOut } = {},
  ) {
    super(message);
    this.kind = kind;
    this.code = code;
    this.retryAfter = more.retryAfter;
    this.body = more.body;
    this.rulesOut = more.rulesOut;
  }
}

/** One account of the Smartflo API, already authorised and paced. */
export interface Source {
  /**
   * Asks for one page.
   * @param timeLimit the answer must be whole by then.
   * @throws {SourceError}
   */
  page(query: CdrQuery, timeLimit: Ms): Promise<Page>;
  /** What the requests so far told of the credential. */
  health(): CredentialHealth;
}

/** Keeps to the account's share of the rate. */
export interface Pacer {
  /** Resolves when the next HTTP request, of any kind, may be sent. */
  turn(): Promise<void>;
  /** It goes out now: a new connection has taken its time first, and the source counts from here. */
  left(): void;
}
