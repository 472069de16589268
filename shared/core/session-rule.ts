import type { Session } from './session.ts';
import { type EpochMs, MINUTE, type Ms } from './time.ts';

/** What may be done with what is known of an account's login. */
export type SessionVerdict =
  | { readonly verdict: 'use'; readonly token: string }
  | { readonly verdict: 'log-in' }
  /** Someone else is logging in. */
  | { readonly verdict: 'wait' }
  /** The token was refused before it ever brought a page: a further login would fare no better. */
  | { readonly verdict: 'hopeless' };

/** How long before its end a token is replaced: 5 min, or a tenth of a short life. */
const renewalMargin = (life: Ms): Ms => Math.min(5 * MINUTE, life / 10);

/**
 * The breaker that forbids every request with this version of the secret; undefined where none does.
 * A lock-out ends by itself at a named time (`now`: the tick's); a rejection ends with the secret's version.
 */
export function openBreaker(session: Session, secretVersion: string, now: EpochMs): Session['breaker'] {
  const { breaker } = session;
  if (breaker?.secretVersion !== secretVersion) return undefined;
  return breaker.lockedUntil !== undefined && breaker.lockedUntil <= now ? undefined : breaker;
}

/**
 * @param real  the wall clock, by which tokens die and claims end
 * @param refused a token that the source has just refused
 */
export function judgeSession(
  session: Session,
  secretVersion: string,
  real: EpochMs,
  refused?: string,
): SessionVerdict {
  const { token, issuedAt = real, expiresAt = real, claim } = session;
  const isOurs = token !== undefined && session.secretVersion === secretVersion;
  const isAlive = isOurs && token !== refused && real < expiresAt;
  if (isAlive && real < expiresAt - renewalMargin(expiresAt - issuedAt)) return { verdict: 'use', token };
  if (isOurs && token === refused && session.accepted !== true && real < expiresAt)
    return { verdict: 'hopeless' };
  if (claim === undefined || claim.until <= real) return { verdict: 'log-in' };
  return isAlive ? { verdict: 'use', token } : { verdict: 'wait' };
}
