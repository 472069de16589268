import type { EpochMs } from './time.ts';

/** A login's token, and what stops us from logging in. One document an account, changed by compare-and-set. */
export interface Session {
  /** The token of the last login, with the secret version that made it. */
  readonly token?: string;
  readonly secretVersion?: string;
  /** When the token was asked for and when it dies, by the real clock: UTC epoch ms. */
  readonly issuedAt?: EpochMs;
  readonly expiresAt?: EpochMs;
  /**
   * The token has brought a page. One that never did is not replaced before it expires: where even a new
   * token is refused, more logins would be refused too.
   */
  readonly accepted?: boolean;
  /** Days until the password expires, as the last login told. */
  readonly passwordDaysLeft?: number;
  /** Someone is logging in: nobody else does until then (real clock, UTC epoch ms). */
  readonly claim?: { readonly owner: string; readonly until: EpochMs };
  /** Set by a rejected login or token: nothing is asked with this secret version again. */
  readonly breaker?: {
    readonly secretVersion: string;
    /** A code: `login-rejected`, `token-rejected`, `login-locked`. */
    readonly reason: string;
    readonly openedAt: EpochMs;
    /** For `login-locked`: one more login may be tried then (tick time, UTC epoch ms). */
    readonly lockedUntil?: EpochMs;
  };
}
