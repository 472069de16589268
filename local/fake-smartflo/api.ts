import type { EpochMs, Ms } from '../../shared/core/time.ts';
import { faultOf } from './faults.ts';
import { type Params, readParams } from './filters.ts';
import { Gate } from './gate.ts';
import { type FaultKind, type KnobChanges, type Knobs, turnKnobs } from './knobs.ts';
import { Listing } from './listing.ts';
import { World } from './world.ts';

/** `path` carries the query string; header names are lower case. */
export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
}

export interface FakeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** One char a byte; `Buffer.from(body, 'latin1')` are the bytes. */
  readonly body: string;
  /** How long the answer takes. The function-level API does not wait: its caller lets that much time pass. */
  readonly delay: Ms;
  /** `cut`: the connection dies after the body; `reset`: before any of it. */
  readonly ending: 'whole' | 'cut' | 'reset';
}

export interface LoggedRequest {
  readonly at: EpochMs;
  readonly path: string;
  readonly params: Params;
  /** 0 where the connection was reset. */
  readonly status: number;
  /** How long the answer took; over HTTP as measured. */
  ms: Ms;
  readonly fault?: FaultKind;
}

export interface FakeSmartfloSettings {
  readonly seed: number;
  readonly knobs?: KnobChanges;
  /** The clock of everything here: which records exist, token life, the rate. */
  readonly clock?: { real(): EpochMs };
  /** See World. Default of `startedAt`: the clock's present. */
  readonly startedAt?: EpochMs;
  readonly historyFrom?: EpochMs;
  readonly historyTo?: EpochMs;
}

/** Entries of the request log that are kept; the oldest go first. */
const KEPT_REQUESTS = 100_000;

const json = (status: number, body: unknown, headers: Record<string, string> = {}) => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
  delay: 0,
  ending: 'whole' as const,
});

const BASE = 'http://fake-smartflo.invalid';
const UNAUTHORIZED = { message: 'Unauthorized', success: false };
const HTML =
  '<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Something went wrong</h1></body></html>';

const spaced = (minified: string): string => {
  let depth = 0;
  const line = () => `\r\n${'  '.repeat(depth)}`;
  return minified.replace(/"(?:[^"\\]|\\.)*"|[{}[\],:]/g, (token) => {
    if (token === '{' || token === '[') {
      depth += 1;
      return token + line();
    }
    if (token === '}' || token === ']') {
      depth -= 1;
      return line() + token;
    }
    if (token === ',') return token + line();
    return token === ':' ? ' :\t' : token;
  });
};

/** The vendor's API, without HTTP: one call, one answer, no waiting. */
export class FakeSmartflo {
  readonly world: World;
  /** `listing`, `auth`, `rate` and `faults` may be turned at any time. */
  readonly knobs: Knobs;
  /** Newest last. */
  readonly requests: LoggedRequest[] = [];
  /** All requests so far, logins too. */
  requestCount = 0;
  /** The most requests, of any kind, that came within one second of the clock. */
  maxPerSecond = 0;
  readonly #clock: { real(): EpochMs };
  readonly #gate: Gate;
  readonly #listing: Listing;
  #second = Number.NaN;
  #inSecond = 0;
  #recordRequests = 0;

  constructor({
    seed,
    knobs,
    clock = { real: Date.now },
    startedAt = clock.real(),
    ...history
  }: FakeSmartfloSettings) {
    this.knobs = turnKnobs(knobs);
    this.world = new World({ seed, knobs: this.knobs, startedAt, ...history });
    this.#clock = clock;
    this.#gate = new Gate(this.world.seed);
    this.#listing = new Listing(this.world);
  }

  /** Answers one request at the clock's present, and logs it. */
  answer(request: FakeRequest): FakeAnswer {
    const now = this.#clock.real();
    const url = URL.parse(request.path, BASE) ?? new URL(BASE);
    const params = readParams(url.searchParams, new Set());
    this.requestCount += 1;
    const isRecords = request.method === 'GET' && url.pathname === '/v1/call/records';
    if (isRecords) this.#recordRequests += 1;
    const fault = isRecords
      ? faultOf(this.world.seed, this.#recordRequests, now, Number(params['page'] ?? 1), this.knobs.faults)
      : undefined;
    const answer = this.#limitRate(now) ?? this.#route(request, url, now, fault);
    const delay = answer.delay + this.knobs.faults.latency;
    const status = answer.ending === 'reset' ? 0 : answer.status;
    this.requests.push({ at: now, path: url.pathname, params, status, ms: delay, ...(fault && { fault }) });
    if (this.requests.length > 2 * KEPT_REQUESTS) this.requests.splice(0, KEPT_REQUESTS);
    return { ...answer, delay };
  }

  #limitRate(now: EpochMs): FakeAnswer | undefined {
    const second = Math.floor(now / 1_000);
    this.#inSecond = second === this.#second ? this.#inSecond + 1 : 1;
    this.#second = second;
    this.maxPerSecond = Math.max(this.maxPerSecond, this.#inSecond);
    return this.#inSecond > this.knobs.rate.cps ? this.#tooMany() : undefined;
  }

  #tooMany(): FakeAnswer {
    const { retryAfter } = this.knobs.rate;
    const headers: Record<string, string> =
      retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
    return json(429, { success: 'false', message: 'Too many requests.' }, headers);
  }

  #refused(): FakeAnswer {
    return this.knobs.auth.refusal === '401'
      ? json(401, UNAUTHORIZED)
      : json(200, { success: false, message: 'Token is invalid or expired' });
  }

  #route(request: FakeRequest, url: URL, now: EpochMs, fault: FaultKind | undefined): FakeAnswer {
    if (request.method === 'POST' && url.pathname === '/v1/auth/login') {
      const { status, body } = this.#gate.login(request.body ?? '', now, this.knobs.auth);
      return json(status, body);
    }
    if (request.method !== 'GET' || url.pathname !== '/v1/call/records') {
      return json(403, { message: 'Missing Authentication Token' });
    }
    const authorization = request.headers['authorization'];
    if (fault === 'reset') return { ...json(200, ''), body: '', ending: 'reset' };
    if (!this.#gate.admits(authorization, now, this.knobs.auth)) return this.#refused();
    return fault ? this.#fail(fault, url, now, authorization) : this.#records(url, now);
  }

  #records(url: URL, now: EpochMs): FakeAnswer {
    const { listing } = this.knobs;
    const params = readParams(url.searchParams, listing.ignoredParameters);
    const listed = this.#listing.list(params, now, this.#recordRequests, listing);
    if (listed.kind === 'refused') return json(listed.status, { success: false, message: listed.message });
    const { count, limit, page, records } = listed;
    const as = (value: number): string => (listing.numbersAs === 'string' ? `"${value}"` : String(value));
    const head = `{"count":${as(count)},"limit":${as(limit)},"size":${as(records.length)},"page":${as(page)},"results":[`;
    const body = `${head}${records.join(',')}]}`;
    return { ...json(200, ''), body: listing.layout === 'pretty' ? spaced(body) : body };
  }

  #fail(fault: FaultKind, url: URL, now: EpochMs, authorization: string | undefined): FakeAnswer {
    const { slowFor, depth, hugeBytes } = this.knobs.faults;
    const html = { ...json(200, ''), headers: { 'content-type': 'text/html' }, body: HTML };
    switch (fault) {
      case 'token-death':
        this.#gate.kill(authorization);
        return this.#refused();
      case 'unauthorized':
        return json(401, UNAUTHORIZED);
      case 'forbidden':
        return json(403, { message: ['Forbidden'], success: false });
      case 'rate-limited':
        return this.#tooMany();
      case 'server-error':
        return json(500, { message: { error: ['Internal Server Error'] }, success: false });
      case 'bad-gateway':
        return { ...html, status: 502 };
      case 'gateway-timeout':
        return { ...json(504, { message: 'Endpoint request timed out' }), delay: 29_000 };
      case 'failure-200':
        return json(200, { success: false, message: 'Something went wrong' });
      case 'html':
        return html;
      case 'not-a-page':
        return json(200, { count: null, results: null });
      case 'redirect':
        return json(302, {}, { location: 'https://elsewhere.invalid/v1/call/records' });
      case 'deep':
        return {
          ...json(200, ''),
          body: `{"count":1,"results":[{"id":${'['.repeat(depth)}${']'.repeat(depth)}}]}`,
        };
      case 'huge':
        return { ...json(200, ''), body: `{"count":1,"results":[{"id":"${'x'.repeat(hugeBytes)}"}]}` };
      case 'reset':
        return { ...json(200, ''), body: '', ending: 'reset' };
      case 'slow':
        return { ...this.#records(url, now), delay: slowFor };
      case 'truncated':
      case 'cut': {
        const whole = this.#records(url, now);
        const body = whole.body.slice(0, Math.floor(whole.body.length * 0.6));
        return { ...whole, body, ending: fault === 'cut' ? 'cut' : 'whole' };
      }
    }
  }
}
