import { type EpochMs, istStamp, SECOND } from '../../shared/core/time.ts';
import type { AuthKnobs } from './knobs.ts';
import { hexDigits } from './random.ts';
import { SALT } from './salt.ts';

interface Issued {
  readonly expiresAt: EpochMs;
  requestsLeft: number;
}

/** Status and JSON body of a login. */
export interface LoginAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Who may ask: logins, tokens and the lock-out after failed logins. */
export class Gate {
  readonly #seed: number;
  readonly #issued = new Map<string, Issued>();
  readonly #dead = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #lockedUntil = new Map<string, EpochMs>();
  #tokenCount = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  login(text: string, now: EpochMs, knobs: AuthKnobs): LoginAnswer {
    const { email, password } = readLogin(text);
    const locked = this.#lockedUntil.get(email);
    if (locked !== undefined && now < locked) return this.#lockedAnswer(email, locked, knobs);
    if (!knobs.logins.some((login) => login.email === email && login.password === password)) {
      const failures = (this.#failures.get(email) ?? 0) + 1;
      this.#failures.set(email, failures);
      if (failures >= knobs.lockAfter) {
        this.#lockedUntil.set(email, now + knobs.lockFor);
        return this.#lockedAnswer(email, now + knobs.lockFor, knobs);
      }
      const message = 'The email or password is incorrect.';
      return {
        status: knobs.rejectedLoginStatus,
        body: { success: false, message, login_failed_count: failures },
      };
    }
    this.#failures.delete(email);
    this.#lockedUntil.delete(email);
    this.#tokenCount += 1;
    const token = hexDigits(this.#seed, SALT.issuedToken + this.#tokenCount, 40);
    this.#issued.set(token, {
      expiresAt: now + knobs.expiresIn * SECOND,
      requestsLeft: knobs.diesAfterRequests,
    });
    const body = {
      success: true,
      access_token: token,
      token_type: 'bearer',
      expires_in: knobs.expiresIn,
      number_of_days_left: knobs.numberOfDaysLeft,
    };
    return { status: 200, body };
  }

  /** Whether this `Authorization` header opens the door; uses up one request of the token's life. */
  admits(authorization: string | undefined, now: EpochMs, knobs: AuthKnobs): boolean {
    const token = tokenOf(authorization);
    if (token === undefined || this.#dead.has(token)) return false;
    if (knobs.tokens.includes(token)) return true;
    const issued = this.#issued.get(token);
    if (!issued || now >= issued.expiresAt || issued.requestsLeft <= 0) return false;
    issued.requestsLeft -= 1;
    return true;
  }

  /** The token of this header is dead from now on. */
  kill(authorization: string | undefined): void {
    const token = tokenOf(authorization);
    if (token !== undefined) this.#dead.add(token);
  }

  #lockedAnswer(email: string, until: EpochMs, { lockStatus }: AuthKnobs): LoginAnswer {
    return {
      status: lockStatus,
      body: {
        success: false,
        message: 'Your account is locked. Please try again later.',
        login_failed_count: this.#failures.get(email) ?? 0,
        retry_after: istStamp(until),
      },
    };
  }
}

const tokenOf = (authorization: string | undefined): string | undefined =>
  /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];

const readLogin = (text: string): { email: string; password: string } => {
  try {
    const { email, password } = JSON.parse(text) ?? {};
    return { email: String(email), password: String(password) };
  } catch {
    return { email: '', password: '' };
  }
};
