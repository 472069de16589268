import type { HttpAnswer } from '../../../shared/adapters/bounded-request.ts';
import { type EpochMs, istStamp, MINUTE, type Ms, SECOND } from '../../../shared/core/time.ts';
import type { Draws } from './draws.ts';

/** A login that reached the vendor. */
export interface Attempt {
  readonly at: EpochMs;
  /** Which process sent it. */
  readonly process: string;
  /** The version of the secret that was sent. */
  readonly version: string;
  readonly outcome: 'granted' | 'rejected' | 'locked';
  /** Of a granted one. */
  readonly token?: string;
}

interface Token {
  readonly issuedAt: EpochMs;
  readonly life: Ms;
  /** It dies at its end, or when it is killed. */
  diesAt: EpochMs;
}

/** Rejections in a row before the account is locked. */
const MOST_FAILURES = 3;

const answer = (body: unknown, status = 200, headers: HttpAnswer['headers'] = {}): HttpAnswer => ({
  status,
  headers,
  body: Buffer.from(JSON.stringify(body)),
});

/** The vendor's side of a login: who gets a token, how long that lives, and what a wrong password costs. */
export class LoginOffice {
  readonly attempts: Attempt[] = [];
  readonly tokens = new Map<string, Token>();
  /** The passwords that are right now. */
  readonly right = new Set<string>();
  lockedUntil: EpochMs = 0;
  readonly #draws: Draws;
  #failures = 0;

  constructor(draws: Draws) {
    this.#draws = draws;
  }

  /** @param password names the version of the secret: `right-v3` */
  login(password: string, process: string, now: EpochMs): HttpAnswer {
    const version = password.slice(password.indexOf('-') + 1);
    const note = (outcome: Attempt['outcome'], token?: string) =>
      this.attempts.push({ at: now, process, version, outcome, ...(token !== undefined && { token }) });
    if (now < this.lockedUntil) {
      note('locked');
      return this.#locked();
    }
    if (!this.right.has(password)) {
      note('rejected');
      this.#failures += 1;
      if (this.#failures >= MOST_FAILURES) this.lock(now + 30 * MINUTE);
      return answer({ success: false, message: 'Invalid login', login_failed_count: this.#failures });
    }
    this.#failures = 0;
    const token = `token-${this.attempts.length}`;
    const life = this.#draws.of([300, 1_200, 3_600]) * SECOND;
    this.tokens.set(token, { issuedAt: now, life, diesAt: now + life });
    note('granted', token);
    return answer({ success: true, access_token: token, token_type: 'bearer', expires_in: life / SECOND });
  }

  /** The end is told in whole seconds of India time, or as a header, never before the true one. */
  #locked(): HttpAnswer {
    const end = Math.ceil(this.lockedUntil / SECOND) * SECOND;
    return this.#draws.chance(0.7)
      ? answer({ success: false, message: 'Locked', retry_after: istStamp(end) })
      : answer({ success: 'false', message: 'Too many requests.' }, 429, {
          'retry-after': new Date(end).toUTCString(),
        });
  }

  /** Somebody else typed a wrong password too often. */
  lock(until: EpochMs): void {
    this.lockedUntil = Math.max(this.lockedUntil, until);
    this.#failures = 0;
  }

  /** Every token that lives dies, before its time. */
  killTokens(now: EpochMs): void {
    for (const token of this.tokens.values()) token.diesAt = Math.min(token.diesAt, now);
  }

  page(token: string, now: EpochMs): HttpAnswer {
    if (now < (this.tokens.get(token)?.diesAt ?? 0)) return answer({ count: 0, limit: 100, results: [] });
    return this.#draws.chance(0.5)
      ? answer({ message: 'Unauthorized', success: false }, 401)
      : answer({ success: false, message: 'Token has expired' });
  }
}
