import { type Malformed, type ScanOutcome, scanEnvelope } from '../core/raw-json.ts';
import { DAY, type EpochMs, HOUR, type Ms, parseIstStamp } from '../core/time.ts';
import { type Page, type RuledOut, SourceError, type SourceFailure } from '../ports/source.ts';
import type { HttpAnswer } from './bounded-request.ts';

/** What became of a login. A rejected or locked one is a value: it must be remembered, not retried. */
export type LoginAnswer =
  | {
      readonly outcome: 'granted';
      readonly token: string;
      /** Life of the token from the sending of the login; undefined where the source does not say. */
      readonly life: Ms | undefined;
      readonly passwordDaysLeft: number | undefined;
    }
  | { readonly outcome: 'rejected' }
  /** Too many failed logins, or too many requests. `retryAfter` undefined: the source names no end. */
  | { readonly outcome: 'locked'; readonly retryAfter: Ms | undefined };

/** How the source says that the token is to blame where it answers 200: its words are all there is to go by. */
const ABOUT_THE_TOKEN = /token|jwt|session|credential|expired|log[ -]?in|unauthori[sz]ed|unauthenticated/i;
const ABOUT_THE_RATE = /too many|rate limit|throttl/i;

/** The longest waits that the source is believed: beyond, its clock or its words are wrong, and one request tells. */
const LONGEST_PAUSE: Ms = HOUR;
const LONGEST_LOCK_OUT: Ms = DAY;

/** PHP calls everything a web page unless it is told otherwise: what reads as JSON is taken for that. */
const isHtml = ({ headers, body }: HttpAnswer, scanned: ScanOutcome): boolean =>
  /^\s*</.test(body.toString('latin1', 0, 64).replace('\xEF\xBB\xBF', '')) ||
  (!scanned.ok && (headers['content-type'] ?? '').includes('text/html'));

/** A small member as a value; undefined where it is missing, or too long to be one. */
function valueOf(members: ReadonlyMap<string, string>, name: string): unknown {
  const raw = members.get(name);
  return raw === undefined || raw.length > 16_384
    ? undefined
    : JSON.parse(Buffer.from(raw, 'latin1').toString('utf8'));
}

/** Every text in a message, which may be a string, an array or a map of them. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

/** A number, or a text of decimal digits; undefined for all else. */
function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

const isFalse = (value: unknown): boolean =>
  value === false || (typeof value === 'string' && value.toLowerCase() === 'false');

/**
 * How long the source asks us to wait, at most `longest`.
 *
 * `Retry-After` gives seconds or an HTTP date, which is counted from the answer's own `Date` where it has
 * one: clocks differ. `retry_after` in the body gives an IST stamp or seconds.
 */
function retryAfter(
  headers: HttpAnswer['headers'],
  members: ReadonlyMap<string, string>,
  now: EpochMs,
  longest: Ms,
): Ms | undefined {
  const wait = (ms: Ms | undefined) =>
    ms === undefined || Number.isNaN(ms) ? undefined : Math.min(longest, Math.max(0, Math.ceil(ms)));
  const header = headers['retry-after']?.trim();
  if (header !== undefined && header !== '') {
    if (/^\d+$/.test(header)) return wait(Number(header) * 1_000);
    const sentAt = Date.parse(headers.date ?? '');
    const until = wait(Date.parse(header) - (Number.isNaN(sentAt) ? now : sentAt));
    if (until !== undefined) return until;
  }
  const named = valueOf(members, 'retry_after');
  const until = typeof named === 'string' ? parseIstStamp(named.trim()) : undefined;
  if (until !== undefined) return wait(until - now);
  const seconds = numberOf(named);
  return wait(seconds === undefined ? undefined : seconds * 1_000);
}

interface Refusal {
  readonly kind: SourceFailure;
  readonly code: string;
  readonly message: string;
  readonly rulesOut?: RuledOut;
}

const refusal = (kind: SourceFailure, code: string, message: string): Refusal => ({ kind, code, message });

/** The same query again would be answered the same. */
const lasting = (code: string, message: string): Refusal => ({
  ...refusal('contract', code, message),
  rulesOut: 'query',
});

/** What a status means by itself; undefined where the body must tell. */
function judgeStatus(status: number): Refusal | undefined {
  if (status === 401) return refusal('auth', 'unauthorised', 'The source does not accept the token.');
  if (status === 403) return refusal('auth', 'forbidden', 'The source forbids this token the call records.');
  if (status === 408 || status === 425)
    return refusal('transient', 'source-slow', 'The source gave up waiting.');
  if (status === 413 || status === 414)
    return refusal('poison', 'query-too-large', 'The query is too large for the source.');
  if (status === 429)
    return refusal('rate-limited', 'too-many-requests', 'The rate limit of the account is used up.');
  if (status >= 500) return refusal('transient', 'source-down', 'The source has an error of its own.');
  if (status >= 300 && status < 400)
    return lasting('redirected', 'The source answers with a redirect, which is refused.');
  if (status >= 400) return lasting('query-refused', 'The source refuses the query.');
  return undefined;
}

/** What an answer means that says `success: false`. */
function judgeFailure(members: ReadonlyMap<string, string>): Refusal {
  const message = textsOf(valueOf(members, 'message')).join(' ');
  if (members.has('retry_after') || ABOUT_THE_RATE.test(message))
    return refusal('rate-limited', 'too-many-requests', 'The rate limit of the account is used up.');
  if (ABOUT_THE_TOKEN.test(message))
    return refusal('auth', 'token-refused', 'The source does not accept the token.');
  return refusal('contract', 'failed-in-200', 'The source answers 200 and says that it failed.');
}

function judgeMalformed({ code }: Malformed): Refusal {
  if (code === 'truncated') return refusal('transient', 'truncated', 'The answer ended too early.');
  if (code === 'too-deep') return refusal('poison', 'too-deep', 'The answer is nested too deeply.');
  if (code === 'too-many-records')
    return refusal('poison', 'too-many-records', 'The answer holds more records than a page may.');
  return refusal('contract', `json-${code}`, 'The answer is not well-formed.');
}

const NO_MEMBERS: ReadonlyMap<string, string> = new Map();

/**
 * Reads an answer to `GET /v1/call/records`.
 *
 * @param now for `retry_after`, which is a wall clock: the tick's.
 * @throws {SourceError} for everything that is not a page: a 200 without a count is never "no calls".
 */
export function readPage(answer: HttpAnswer, now: EpochMs, latency: Ms): Page {
  const scanned = scanEnvelope(answer.body);
  const members = scanned.ok ? scanned.members : NO_MEMBERS;
  const fail = ({ kind, code, message, rulesOut }: Refusal): never => {
    const body = kind === 'contract' || kind === 'poison' ? answer.body : undefined;
    throw new SourceError(kind, code, message, {
      retryAfter: retryAfter(answer.headers, members, now, LONGEST_PAUSE),
      ...(body && { body }),
      ...(rulesOut && { rulesOut }),
    });
  };
  const byStatus = judgeStatus(answer.status);
  // A page of HTML comes from something in front of the API: only its 401 and 429 are the API's own words.
  if (
    isHtml(answer, scanned) &&
    ![401, 429].includes(answer.status) &&
    !(answer.status >= 300 && answer.status < 400)
  )
    return fail(refusal('transient', 'html-body', 'A web page came instead of call records.'));
  const failure = judgeFailure(members);
  if (byStatus) {
    // A 4xx may mean a wait, and a 400 the token, in the words of a 200.
    const isClearer =
      failure.kind === 'rate-limited' || (failure.kind === 'auth' && byStatus.kind === 'contract');
    return fail(isClearer && answer.status < 500 ? failure : byStatus);
  }
  if (!scanned.ok) return fail(judgeMalformed(scanned));
  if (isFalse(valueOf(members, 'success'))) return fail(failure);

  const count = numberOf(valueOf(members, 'count'));
  if (count === undefined || !Number.isSafeInteger(count) || count < 0)
    return fail(refusal('contract', 'count-missing', 'The answer has no count of records.'));
  if (scanned.records === undefined)
    return fail(refusal('contract', 'results-missing', 'The answer has no list of results.'));
  if (scanned.records.some((raw) => !raw.startsWith('{')))
    return fail(refusal('contract', 'result-strange', 'A result is not an object.'));
  return {
    count,
    limit: numberOf(valueOf(members, 'limit')),
    records: scanned.records.map((raw) => ({ raw })),
    latency,
  };
}

/**
 * Reads an answer to `POST /v1/auth/login`. Whatever says no is a rejection, for a second try could lock the
 * account; only what can't come from the login itself (5xx, a web page, a redirect, no such route) is an error.
 *
 * @throws {SourceError} never with the body: it may hold a token.
 */
export function readLogin(answer: HttpAnswer, now: EpochMs): LoginAnswer {
  const scanned = scanEnvelope(answer.body);
  const members = scanned.ok ? scanned.members : NO_MEMBERS;
  const fail = ({ kind, code, message }: Refusal): never => {
    throw new SourceError(kind, code, message, {
      retryAfter: retryAfter(answer.headers, members, now, LONGEST_LOCK_OUT),
    });
  };
  const { status } = answer;
  if (status === 429 || members.has('retry_after'))
    return { outcome: 'locked', retryAfter: retryAfter(answer.headers, members, now, LONGEST_LOCK_OUT) };
  // Who tells how many have failed has judged this one and counted it, whatever the status says.
  if (status === 401 || members.has('login_failed_count')) return { outcome: 'rejected' };
  if (isHtml(answer, scanned) && (status < 300 || status >= 400))
    return fail(refusal('transient', 'html-body', 'A web page came instead of a login.'));
  if (status === 400 || status === 403 || status === 422) return { outcome: 'rejected' };
  const byStatus = judgeStatus(status);
  if (byStatus) return fail(byStatus);
  if (!scanned.ok) return fail(judgeMalformed(scanned));
  if (isFalse(valueOf(members, 'success'))) return { outcome: 'rejected' };
  const token = valueOf(members, 'access_token');
  if (typeof token !== 'string' || !/^[\x21-\x7E]+$/.test(token))
    return fail(refusal('contract', 'login-without-token', 'The login was answered without a token.'));
  const seconds = numberOf(valueOf(members, 'expires_in'));
  return {
    outcome: 'granted',
    token,
    life: seconds === undefined || seconds <= 0 ? undefined : seconds * 1_000,
    passwordDaysLeft: numberOf(valueOf(members, 'number_of_days_left')),
  };
}
