import * as http from 'node:http';
import * as https from 'node:https';
import type { Account } from '../contract/account.ts';
import type { CdrQuery } from '../contract/cdr-query.ts';
import type { EpochMs, Ms } from '../core/time.ts';
import type { Clock } from '../ports/clock.ts';
import { type Pacer, type Page, SourceError } from '../ports/source.ts';
import {
  HTTP_LIMITS,
  type HttpLimits,
  type HttpRequest,
  StaleConnection,
  sendRequest,
} from './bounded-request.ts';
import { type LoginAnswer, readLogin, readPage } from './smartflo-answer.ts';

/** The vendor's host; others must be named in the account. */
const KNOWN_HOST = 'api-smartflo.tatateleservices.com';
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** The two calls that the source has for us. Each HTTP request waits for its turn; none follows a redirect. */
export interface SmartfloHttp {
  /** @throws {SourceError} where the login was not judged: see `readLogin`. */
  login(email: string, password: string, timeLimit: Ms): Promise<LoginAnswer>;
  /** @throws {SourceError} of kind `auth` where this token is refused. */
  page(token: string, query: CdrQuery, timeLimit: Ms): Promise<Page>;
  /** Lets go of connections that are kept open. */
  close(): void;
}

export interface SmartfloHttpParts {
  readonly account: Pick<Account, 'baseUrl' | 'allowedHosts'>;
  readonly pacer: Pacer;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** The tick's now, UTC epoch ms: what a `retry_after` is counted from. */
  readonly now: () => EpochMs;
  readonly limits?: HttpLimits;
  /** Told the `Date` of every answer. */
  readonly dated?: (date: string | undefined) => void;
}

/** @throws {SourceError} where a credential must not be sent to this address. */
function trustedBase({ baseUrl, allowedHosts }: Pick<Account, 'baseUrl' | 'allowedHosts'>): URL {
  const refuse = (code: string, message: string): never => {
    throw new SourceError('contract', code, message, { rulesOut: 'account' });
  };
  if (!URL.canParse(baseUrl)) return refuse('base-url-invalid', 'The base URL is no URL.');
  const url = new URL(baseUrl);
  const isLoopback = LOOPBACK.test(url.hostname);
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    return refuse('base-url-invalid', 'The base URL must hold no user, password, query or fragment.');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback))
    return refuse('base-url-insecure', 'The base URL must be https; http is for loopback only.');
  const isAllowed = [KNOWN_HOST, ...allowedHosts].some(
    (host) => host.toLowerCase() === url.hostname || host.toLowerCase() === url.host,
  );
  if (!isLoopback && !isAllowed)
    return refuse('host-not-allowed', "The base URL's host is not in allowedHosts.");
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

/**
 * The query as the vendor's PHP reads it: `agents[]=…` for each entry of an array, but `services` joined by
 * commas, as the page asks. A space is `%20`, which every decoder understands, `+` not.
 */
export function writeQuery(query: CdrQuery): string {
  const pair = (name: string, value: string | number) =>
    `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
  return Object.entries(query)
    .flatMap(([name, value]) => {
      if (value === undefined) return [];
      if (!Array.isArray(value)) return [pair(name, value)];
      return name === 'services'
        ? [pair(name, value.join(','))]
        : value.map((entry) => pair(`${name}[]`, entry));
    })
    .join('&');
}

const ACCEPT = {
  accept: 'application/json',
  'accept-encoding': 'gzip, br, deflate',
  'user-agent': 'smartflo-cdr',
};

export function createSmartfloHttp({
  account,
  pacer,
  clock,
  now,
  limits = HTTP_LIMITS,
  dated,
}: SmartfloHttpParts): SmartfloHttp {
  const agents = { http: new http.Agent({ keepAlive: true }), https: new https.Agent({ keepAlive: true }) };

  /** @param deadline by the monotonic clock; waiting for the turn counts. */
  async function send(request: Omit<HttpRequest, 'url' | 'onConnected'>, path: string, deadline: Ms) {
    await pacer.turn();
    const sentAt = clock.monotonic();
    if (sentAt >= deadline)
      throw new SourceError('transient', 'out-of-time', 'No time was left to ask the source.');
    const answer = await sendRequest(
      { ...request, url: new URL(path, trustedBase(account)), onConnected: () => pacer.left() },
      deadline - sentAt,
      limits,
    );
    dated?.(answer.headers.date);
    return { answer, latency: clock.monotonic() - sentAt };
  }

  return {
    async login(email, password, timeLimit) {
      const body = JSON.stringify({ email, password });
      const headers = {
        ...ACCEPT,
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
      };
      // A connection of its own: on a kept one that dies nobody knows whether the login was counted.
      const request = { method: 'POST' as const, headers, body, agent: false as const };
      try {
        const { answer } = await send(request, 'v1/auth/login', clock.monotonic() + timeLimit);
        return readLogin(answer, now());
      } catch (error) {
        // No smaller query cures a login, so no window may be blamed for it.
        if (error instanceof SourceError && error.kind === 'poison')
          throw new SourceError('transient', error.code, error.message);
        throw error;
      }
    },
    async page(token, query, timeLimit) {
      const deadline = clock.monotonic() + timeLimit;
      const path = `v1/call/records?${writeQuery(query)}`;
      const request = { method: 'GET' as const, headers: { ...ACCEPT, authorization: `Bearer ${token}` } };
      const agent = trustedBase(account).protocol === 'https:' ? agents.https : agents.http;
      // A frozen function wakes up with connections that died meanwhile: ask once more, on a new one.
      const { answer, latency } = await send({ ...request, agent }, path, deadline).catch(
        (error: unknown) => {
          if (error instanceof StaleConnection) return send({ ...request, agent: false }, path, deadline);
          throw error;
        },
      );
      return readPage(answer, now(), latency);
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}
