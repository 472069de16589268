import { randomUUID } from 'node:crypto';
import type { Account } from '../contract/account.ts';
import { jwtExpiry } from '../core/jwt-expiry.ts';
import type { Session } from '../core/session.ts';
import { judgeSession, openBreaker } from '../core/session-rule.ts';
import { DAY, type EpochMs, HOUR, MINUTE, type Ms, SECOND } from '../core/time.ts';
import type { Clock } from '../ports/clock.ts';
import { type Credential, type Credentials, CredentialUnusable } from '../ports/credentials.ts';
import type { Sessions, Versioned } from '../ports/ledger.ts';
import { type Source, SourceError } from '../ports/source.ts';
import type { LoginAnswer } from './smartflo-answer.ts';
import type { SmartfloHttp } from './smartflo-http.ts';

export interface AuthorisedSourceParts {
  readonly account: Pick<Account, 'name' | 'secretId'>;
  readonly http: Pick<SmartfloHttp, 'login' | 'page'>;
  readonly credentials: Credentials;
  readonly sessions: Sessions;
  readonly clock: Clock;
  /** The tick's now, UTC epoch ms. */
  readonly now: () => EpochMs;
}

/** `expires_in` of the vendor's own example, for answers without one. */
const TOKEN_LIFE: Ms = HOUR;
/** A token said to die sooner would cost a login a request; it is used until it is refused. */
const SHORTEST_LIFE: Ms = MINUTE;
const LONGEST_LIFE: Ms = 365 * DAY;
/** @param told what the source says, whatever that is */
const believedLife = (told: Ms): Ms => (told >= SHORTEST_LIFE ? Math.min(told, LONGEST_LIFE) : TOKEN_LIFE);
/** A function that claimed the login and was killed is dead by then: its time limit is 60 s. */
const CLAIM: Ms = MINUTE;
const CLAIM_POLL: Ms = SECOND / 4;
/** How long a secret is believed unread: a login, a refusal and an open breaker read it anew whatever its age. */
const SECRET_BELIEVED: Ms = 10 * MINUTE;
/** A lock-out whose end the source does not name: a guess, long enough not to feed it. */
const LOCK_OUT: Ms = 15 * MINUTE;
/** An end that is over before it is told is another clock's. */
const lockOut = (told: Ms | undefined): Ms =>
  told === undefined || told === 0 ? LOCK_OUT : Math.max(MINUTE, told);

/** Failures by which a login surely was not judged: it may be sent again at once. */
const UNJUDGED = new Set([
  'connection-refused',
  'host-unknown',
  'tls-failed',
  'connect-timeout',
  'out-of-time',
  'source-down',
  'source-slow',
  'html-body',
  'host-not-allowed',
  'base-url-invalid',
  'base-url-insecure',
]);
const isUnjudged = (error: unknown): boolean => error instanceof SourceError && UNJUDGED.has(error.code);

const REASONS: Readonly<Record<string, string>> = {
  'login-rejected': 'The login was rejected. Correct the secret: nothing is asked with it again.',
  'token-rejected':
    'The token was refused. Put a new one into the secret: nothing is asked with this one again.',
  'login-locked':
    'The account is locked after failed logins, or logins are too many. Nothing is asked until it ends.',
};

const newTokenRefused = () =>
  new SourceError('auth', 'new-token-refused', 'A new token is refused too: may this user see call records?');

type Login = Exclude<Credential, { readonly token: string }>;

interface Secret {
  readonly credential: Credential;
  readonly version: string;
}

interface Grant {
  readonly token: string;
  readonly secret: Secret;
}

/** One account's `Source`: finds a token, replaces it once where it is refused, and stops where that can't help. */
export function createAuthorisedSource(parts: AuthorisedSourceParts): Source {
  const { account, http, credentials, sessions, clock, now } = parts;
  const owner = randomUUID();
  let secret: Secret | undefined;
  let stored: Versioned<Session> = { value: {}, version: 0 };
  let queue: Promise<unknown> = Promise.resolve();

  /** Requests in flight together find and renew their token one after the other. */
  function inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = queue.then(task);
    queue = result.catch(() => undefined);
    return result;
  }

  const remaining = (deadline: Ms): Ms => {
    const left = deadline - clock.monotonic();
    if (left <= 0) throw new SourceError('transient', 'out-of-time', 'No time was left to ask the source.');
    return left;
  };

  const readSecret = (atMostOld?: Ms): Promise<Secret> =>
    credentials.read(account.secretId, atMostOld).catch((error: unknown) => {
      if (error instanceof CredentialUnusable)
        throw new SourceError('auth', 'credential-unusable', error.message);
      throw error;
    });

  const reload = async () => {
    stored = (await sessions.load(account.name)) ?? { value: {}, version: 0 };
  };

  /** Compare-and-set once. */
  async function replace(session: Session): Promise<boolean> {
    const saved = await sessions.save(account.name, session, stored.version);
    if (saved !== 'conflict') stored = saved;
    return saved !== 'conflict';
  }

  /** Changes the document, whatever others write meanwhile. */
  async function persist(change: (session: Session) => Session): Promise<void> {
    while (!(await replace(change(stored.value)))) await reload();
  }

  const breakerError = (breaker: NonNullable<Session['breaker']>): SourceError => {
    const { reason, lockedUntil } = breaker;
    const message = REASONS[reason] ?? 'Nothing is asked with this secret again.';
    return lockedUntil === undefined
      ? new SourceError('auth', reason, message)
      : new SourceError('rate-limited', reason, message, { retryAfter: Math.max(0, lockedUntil - now()) });
  };

  async function trip(secretVersion: string, reason: string, lockedUntil?: EpochMs): Promise<never> {
    const breaker = { secretVersion, reason, openedAt: now(), lockedUntil };
    await persist((session) => ({ ...session, claim: undefined, breaker }));
    throw breakerError(breaker);
  }

  /** Logs in under a claim. The answer is persisted before anyone uses it. */
  async function logIn({ email, password }: Login, version: string, deadline: Ms, refused?: string) {
    const issuedAt = clock.real();
    let answer: LoginAnswer;
    try {
      answer = await http.login(email, password, remaining(deadline));
    } catch (error) {
      // A token that lives on is used meanwhile, and the claim, left in place, spaces the tries.
      if (judgeSession(stored.value, version, clock.real(), refused).verdict === 'use') return;
      // So it does where the answer was lost: nobody knows whether it was a rejection, and those are counted.
      if (isUnjudged(error)) await persist((session) => ({ ...session, claim: undefined }));
      throw error;
    }
    if (answer.outcome === 'rejected') return trip(version, 'login-rejected');
    if (answer.outcome === 'locked') return trip(version, 'login-locked', now() + lockOut(answer.retryAfter));
    const { token, life, passwordDaysLeft } = answer;
    const expiresAt = issuedAt + believedLife(life ?? (jwtExpiry(token) ?? Number.NaN) - issuedAt);
    await persist(() => ({
      token,
      secretVersion: version,
      issuedAt,
      expiresAt,
      accepted: false,
      passwordDaysLeft,
    }));
  }

  /** @param refused what the source has just refused. */
  async function findGrant(deadline: Ms, refused: Grant | undefined): Promise<Grant> {
    let isFresh = false;
    const take = async (atMostOld?: Ms): Promise<Secret> => {
      secret = undefined;
      secret = await readSecret(atMostOld);
      await reload();
      return secret;
    };
    const refresh = async (): Promise<Secret> => {
      const read = await take();
      isFresh = true;
      return read;
    };
    let using = refused !== undefined ? await refresh() : (secret ?? (await take(SECRET_BELIEVED)));
    for (;;) {
      const { credential, version } = using;
      const breaker = openBreaker(stored.value, version, now());
      if (breaker) {
        if (isFresh) throw breakerError(breaker);
        using = await refresh();
        continue;
      }
      if ('token' in credential) {
        if (refused?.secret.version === version) return trip(version, 'token-rejected');
        return { token: credential.token.replace(/^Bearer\s+/i, ''), secret: using };
      }
      const judged = judgeSession(stored.value, version, clock.real(), refused?.token);
      if (judged.verdict === 'use') return { token: judged.token, secret: using };
      if (judged.verdict === 'hopeless') throw newTokenRefused();
      if (judged.verdict === 'wait') {
        if (stored.value.claim?.owner === owner)
          throw new SourceError(
            'transient',
            'login-unanswered',
            'A login was not answered; the next waits a minute.',
          );
        await clock.sleep(Math.min(CLAIM_POLL, remaining(deadline)));
        await reload();
      } else if (!isFresh) {
        // The secret may have changed since it was read: an old password must not be tried.
        using = await refresh();
      } else {
        const claim = { owner, until: clock.real() + CLAIM };
        if (await replace({ ...stored.value, claim }))
          await logIn(credential, version, deadline, refused?.token);
        else await reload();
      }
    }
  }

  const grant = (deadline: Ms, refused?: Grant): Promise<Grant> => inTurn(() => findGrant(deadline, refused));

  async function ask(using: Grant, query: Parameters<Source['page']>[0], deadline: Ms) {
    const page = await http.page(using.token, query, remaining(deadline));
    if ('password' in using.secret.credential) await inTurn(() => markAccepted(using.token));
    return page;
  }

  async function markAccepted(token: string): Promise<void> {
    if (stored.value.token !== token || stored.value.accepted === true) return;
    await persist((session) => (session.token === token ? { ...session, accepted: true } : session));
  }

  return {
    async page(query, timeLimit) {
      const deadline = clock.monotonic() + timeLimit;
      const first = await grant(deadline);
      try {
        return await ask(first, query, deadline);
      } catch (error) {
        if (!(error instanceof SourceError) || error.kind !== 'auth') throw error;
      }
      const second = await grant(deadline, first);
      try {
        return await ask(second, query, deadline);
      } catch (error) {
        if (!(error instanceof SourceError) || error.kind !== 'auth') throw error;
        if ('token' in second.secret.credential) return trip(second.secret.version, 'token-rejected');
        throw newTokenRefused();
      }
    },
    health() {
      const credential = secret?.credential;
      const isStatic = credential !== undefined && 'token' in credential;
      return {
        tokenExpiresAt: isStatic ? jwtExpiry(credential.token) : undefined,
        passwordDaysLeft: isStatic ? undefined : stored.value.passwordDaysLeft,
        breaker: secret && openBreaker(stored.value, secret.version, now())?.reason,
      };
    },
  };
}
