import { DAY, type EpochMs } from './time.ts';

/** What is known of how long a credential lives. Undefined: not known. */
export interface CredentialHealth {
  /** Of a token that a person made. One that a login brought is replaced in time, and not told. */
  readonly tokenExpiresAt: EpochMs | undefined;
  /** Days until the password expires, as the last login told. */
  readonly passwordDaysLeft: number | undefined;
  /** The code why nothing is asked; `login-locked` ends by itself. */
  readonly breaker: string | undefined;
}

/**
 * Whole days that a credential has left, 0 where it was refused or is over; undefined where nobody told.
 * @param real the wall clock, by which tokens die
 */
export const credentialDaysLeft = (
  { tokenExpiresAt, passwordDaysLeft, breaker }: CredentialHealth,
  real: EpochMs,
): number | undefined => {
  if (breaker !== undefined && breaker !== 'login-locked') return 0;
  const days = tokenExpiresAt === undefined ? passwordDaysLeft : (tokenExpiresAt - real) / DAY;
  return days === undefined ? undefined : Math.max(0, Math.floor(days));
};
