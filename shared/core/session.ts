import type { EpochMs } from './time.ts';

/** A login's token, and what stops us from logging in. */
export interface Session {
  /** The token of the last login, with the secret version that made it. */
  readonly token?: string;
  readonly secretVersion?: string;
  /** When the token dies, by the real clock: UTC epoch ms. */
  readonly expiresAt?: EpochMs;
  /** Days until the password expires, as the last login told. */
  readonly passwordDaysLeft?: number;
  /** Set by a rejected login or token: nothing is asked with this secret version again. */
  readonly breaker?: {
    readonly secretVersion: string;
    readonly reason: string;
    readonly openedAt: EpochMs;
    /** The source named an end of the lock-out (tick time, UTC epoch ms). Informs; a new secret version cures. */
    readonly lockedUntil?: EpochMs;
  };
}
