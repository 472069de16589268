import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAuthorisedSource } from '../../shared/adapters/authorised-source.ts';
import { createMemoryCredentials, type MemoryCredentials } from '../../shared/adapters/memory/credentials.ts';
import { createMemorySessions } from '../../shared/adapters/memory/ledger.ts';
import { createSmartfloHttp, type SmartfloHttp } from '../../shared/adapters/smartflo-http.ts';
import type { CdrQuery } from '../../shared/contract/cdr-query.ts';
import { DAY, HOUR, MINUTE } from '../../shared/core/time.ts';
import type { Sessions } from '../../shared/ports/ledger.ts';
import type { Source } from '../../shared/ports/source.ts';
import {
  type Answerer,
  refusal,
  reply,
  type SourceServer,
  startSourceServer,
  unpaced,
} from '../support/source-server.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const QUERY: CdrQuery = {
  from_date: '2026-03-10 11:00:00',
  to_date: '2026-03-10 11:01:59',
  page: 1,
  limit: 100,
};
const PASSWORD = JSON.stringify({ email: 'agent-07', password: 'right' });
const NOW = Date.parse('2026-03-10T06:00:00Z');

/** A source that counts logins and kills tokens when told. */
let server: SourceServer;
let clock: VirtualClock;
let credentials: MemoryCredentials;
let sessions: Sessions;
let alive: Set<string>;
let life: number | undefined;
let turns: number;
let opened: SmartfloHttp[];

const answerLogin: Answerer = ({ body }, response) => {
  if (JSON.parse(body).password !== 'right')
    return reply(response, 200, { success: false, login_failed_count: 1 });
  const token = `t${logins()}`;
  alive.add(token);
  return reply(response, 200, {
    success: true,
    access_token: token,
    expires_in: life,
    number_of_days_left: 9,
  });
};
const answerPage: Answerer = ({ headers }, response) =>
  alive.has(headers.authorization?.replace(/^Bearer /, '') ?? '')
    ? reply(response, 200, { count: 0, results: [] })
    : reply(response, 401, { message: 'Unauthorized', success: false });
const answer: Answerer = (asked, response) =>
  (asked.path === '/v1/auth/login' ? answerLogin : answerPage)(asked, response);

const logins = () => server.asked.filter(({ path }) => path === '/v1/auth/login').length;
const pages = () => server.asked.length - logins();
const session = async () => (await sessions.load('main'))?.value;

beforeEach(async () => {
  server = await startSourceServer(answer);
  clock = new VirtualClock(NOW);
  credentials = createMemoryCredentials();
  credentials.put('secret', PASSWORD);
  sessions = createMemorySessions();
  alive = new Set();
  life = 3600;
  turns = 0;
  opened = [];
});
afterEach(async () => {
  for (const http of opened) http.close();
  await server[Symbol.asyncDispose]();
});

/** Waiting lets the others get on, and costs no virtual time: their logins go over a real socket. */
const waitForOthers = () => {
  clock.sleep = () => setImmediate();
};

/** A poller that starts cold. */
const start = (more: { sessions?: Sessions } = {}): Source => {
  const account = { name: 'main', secretId: 'secret', baseUrl: server.baseUrl, allowedHosts: [] };
  const now = () => clock.real();
  const http = createSmartfloHttp({ account, pacer: unpaced(() => turns++), clock, now });
  opened.push(http);
  const parts = { account, http, credentials, clock, now };
  return createAuthorisedSource({ ...parts, sessions: more.sessions ?? sessions });
};
const ask = (source = start()) => source.page(QUERY, 20_000);

describe('a login', () => {
  test('is made once a token life, across restarts', async () => {
    for (let minute = 0; minute < 54; minute++) {
      await ask();
      clock.at += MINUTE;
    }
    expect({ logins: logins(), pages: pages() }).toEqual({ logins: 1, pages: 54 });
    clock.at += 2 * MINUTE;
    await ask();
    expect(logins()).toBe(2);
    expect(pages()).toBe(55);
  });

  test('is renewed before a short life ends', async () => {
    life = 60;
    const source = start();
    await ask(source);
    clock.at += 53_000;
    await ask(source);
    expect(logins()).toBe(1);
    clock.at += 2_000;
    await ask(source);
    expect(logins()).toBe(2);
  });

  test('waits for its turn like every request', async () => {
    await ask();
    expect(turns).toBe(2);
  });

  test('is made once for requests in flight together, and for pollers that start together', async () => {
    waitForOthers();
    const source = start();
    await Promise.all([ask(source), ask(source), ask(start()), ask(start()), ask(start())]);
    expect({ logins: logins(), pages: pages() }).toEqual({ logins: 1, pages: 5 });
  });

  test('is in the ledger before its token is used', async () => {
    server.answer = async (asked, response) => {
      if (asked.path !== '/v1/auth/login') expect((await session())?.token).toBe('t1');
      return answer(asked, response);
    };
    await ask();
    expect(await session()).toEqual({
      token: 't1',
      secretVersion: 'v1',
      issuedAt: NOW,
      expiresAt: NOW + HOUR,
      accepted: true,
      passwordDaysLeft: 9,
    });
  });

  test('is not used where the ledger could not keep it', async () => {
    const failing: Sessions = {
      load: (account) => sessions.load(account),
      save: async (account, value, expected) => {
        if (value.token !== undefined) throw new Error('no ledger');
        return sessions.save(account, value, expected);
      },
    };
    await expect(ask(start({ sessions: failing }))).rejects.toThrow('no ledger');
    expect(pages()).toBe(0);
  });

  test('claimed by a poller that died is made again a minute later', async () => {
    await sessions.save('main', { claim: { owner: 'dead', until: NOW + MINUTE } }, 0);
    expect(await refusal(ask())).toMatchObject({ kind: 'transient', code: 'out-of-time' });
    expect(server.asked).toHaveLength(0);
    clock.at = NOW + MINUTE;
    await ask();
    expect(logins()).toBe(1);
  });

  test('takes its life from the token where the answer names none', async () => {
    life = undefined;
    const exp = NOW / 1000 + 7200;
    const token = `h.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.s`;
    alive.add(token);
    server.answer = (asked, response) =>
      asked.path === '/v1/auth/login'
        ? reply(response, 200, { access_token: token })
        : answerPage(asked, response);
    await ask();
    expect((await session())?.expiresAt).toBe(exp * 1000);
  });
});

test('another secret is another login, though the old token lives', async () => {
  await ask();
  credentials.put('secret', PASSWORD);
  await ask();
  expect(logins()).toBe(2);
});

describe('a token that dies early', () => {
  test('costs exactly one new login', async () => {
    const source = start();
    await ask(source);
    alive.clear();
    await ask(source);
    expect({ logins: logins(), pages: pages() }).toEqual({ logins: 2, pages: 3 });
  });

  test('costs one new login for all requests in flight', async () => {
    const source = start();
    await ask(source);
    alive.clear();
    await Promise.all([ask(source), ask(source), ask(source)]);
    expect(logins()).toBe(2);
  });

  test('is replaced by the one that another poller has got meanwhile', async () => {
    const [one, other] = [start(), start()];
    await ask(one);
    alive.clear();
    await ask(other);
    await ask(one);
    expect(logins()).toBe(2);
  });

  test('is known by a 200 that says so', async () => {
    const source = start();
    await ask(source);
    server.answer = (asked, response) =>
      asked.headers.authorization === 'Bearer t1'
        ? reply(response, 200, { success: false, message: 'Token has expired' })
        : answer(asked, response);
    await ask(source);
    expect(logins()).toBe(2);
  });

  test('right after the login is not replaced until its life is over', async () => {
    server.answer = (asked, response) =>
      asked.path === '/v1/auth/login'
        ? answerLogin(asked, response)
        : reply(response, 403, { message: 'Forbidden' });
    for (let tick = 0; tick < 5; tick++) {
      expect(await refusal(ask())).toMatchObject({ kind: 'auth', code: 'new-token-refused' });
      clock.at += MINUTE;
    }
    expect(logins()).toBe(1);
    clock.at += HOUR;
    server.answer = answer;
    await ask();
    expect(logins()).toBe(2);
  });
});

describe('a rejected login', () => {
  beforeEach(() => credentials.put('secret', PASSWORD.replace('right', 'wrong')));

  test('is never tried again with the same secret, and nothing else is asked', async () => {
    const source = start();
    for (let tick = 0; tick < 5; tick++) {
      expect(await refusal(ask(source))).toMatchObject({ kind: 'auth', code: 'login-rejected' });
      expect(await refusal(ask())).toMatchObject({ kind: 'auth', code: 'login-rejected' });
      clock.at += DAY;
    }
    expect(server.asked).toHaveLength(1);
    expect(start().health().breaker).toBeUndefined();
    expect(source.health().breaker).toBe('login-rejected');
  });

  test('is one, however many ask together', async () => {
    waitForOthers();
    const source = start();
    const refusals = await Promise.all([ask(source), ask(source), ask(), ask()].map(refusal));
    expect(refusals.map(({ code }) => code)).toEqual(Array.from({ length: 4 }, () => 'login-rejected'));
    expect(server.asked).toHaveLength(1);
  });

  test('is forgotten with the secret, in a warm poller and a cold one', async () => {
    const [warm, cold] = [start(), start()];
    await refusal(ask(warm));
    credentials.put('secret', PASSWORD);
    await ask(warm);
    await ask(cold);
    expect(logins()).toBe(2);
    expect((await session())?.breaker).toBeUndefined();
  });

  test('is not risked with an old password by a poller that is warm', async () => {
    credentials.put('secret', PASSWORD.replace('right', 'old'));
    server.answer = (asked, response) =>
      answer({ ...asked, body: asked.body.replace('"old"', '"right"') }, response);
    const source = start();
    await ask(source);
    server.answer = answer;
    credentials.put('secret', PASSWORD);
    clock.at += 2 * HOUR;
    await ask(source);
    expect(logins()).toBe(2);
  });

  test('in mid-run stops the run', async () => {
    credentials.put('secret', PASSWORD);
    const source = start();
    await ask(source);
    alive.clear();
    credentials.put('secret', PASSWORD.replace('right', 'wrong'));
    expect(await refusal(ask(source))).toMatchObject({ code: 'login-rejected' });
    await refusal(ask(source));
    expect(logins()).toBe(2);
  });
});

describe('a lock-out', () => {
  const locked: Answerer = (_, response) =>
    reply(response, 200, { success: false, retry_after: '2026-03-10 12:00:00' });

  test('stops everything until it ends', async () => {
    server.answer = locked;
    expect(await refusal(ask())).toMatchObject({
      kind: 'rate-limited',
      code: 'login-locked',
      retryAfter: 30 * MINUTE,
    });
    clock.at += 29 * MINUTE;
    expect(await refusal(ask())).toMatchObject({ code: 'login-locked', retryAfter: MINUTE });
    expect(server.asked).toHaveLength(1);
    clock.at += MINUTE;
    server.answer = answer;
    await ask();
    expect(logins()).toBe(2);
  });

  test('without a named end is waited for as well', async () => {
    server.answer = (_, response) =>
      reply(response, 429, { success: 'false', message: 'Too many requests.' });
    for (let tick = 0; tick < 15; tick++) {
      expect(await refusal(ask())).toMatchObject({ kind: 'rate-limited' });
      clock.at += MINUTE;
    }
    expect(server.asked).toHaveLength(1);
  });
});

describe('a login that could not be judged', () => {
  const down: Answerer = (asked, response) =>
    asked.path === '/v1/auth/login' ? reply(response, 503, '') : answerPage(asked, response);

  test('is tried again at the next tick', async () => {
    server.answer = down;
    expect(await refusal(ask())).toMatchObject({ kind: 'transient', code: 'source-down' });
    server.answer = answer;
    await ask();
    expect(logins()).toBe(2);
  });

  test('is not repeated for a minute where its answer was lost', async () => {
    server.answer = (_, response) => response.socket?.resetAndDestroy();
    const source = start();
    expect(await refusal(ask(source))).toMatchObject({ kind: 'transient', code: 'connection-lost' });
    server.answer = answer;
    expect(await refusal(ask(source))).toMatchObject({ kind: 'transient', code: 'login-unanswered' });
    expect(logins()).toBe(1);
    clock.at += MINUTE;
    await ask(source);
    expect(logins()).toBe(2);
  });

  test('leaves the old token in use while that lives', async () => {
    await ask();
    clock.at += 56 * MINUTE;
    server.answer = down;
    await ask();
    await ask();
    expect({ logins: logins(), pages: pages() }).toEqual({ logins: 2, pages: 3 });
  });
});

describe('a portal token', () => {
  const jwt = (exp: number) => `h.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.s`;
  const put = (token: string) => credentials.put('secret', JSON.stringify({ token }));

  test('is used as it is, without a login, and tells when it dies', async () => {
    const exp = (NOW + 20 * DAY) / 1000;
    put(`Bearer ${jwt(exp)}`);
    alive.add(jwt(exp));
    const source = start();
    await ask(source);
    expect(server.asked).toHaveLength(1);
    expect(source.health()).toEqual({
      tokenExpiresAt: exp * 1000,
      passwordDaysLeft: undefined,
      breaker: undefined,
    });
  });

  test('that is refused is never sent again', async () => {
    put('dead');
    const source = start();
    expect(await refusal(ask(source))).toMatchObject({ kind: 'auth', code: 'token-rejected' });
    expect(await refusal(ask(source))).toMatchObject({ code: 'token-rejected' });
    expect(await refusal(ask())).toMatchObject({ code: 'token-rejected' });
    expect(server.asked).toHaveLength(1);
    put('good');
    alive.add('good');
    await ask(source);
    expect(server.asked).toHaveLength(2);
  });

  test('rotated in mid-run is taken up', async () => {
    put('old');
    alive.add('old');
    const source = start();
    await ask(source);
    put('new');
    alive = new Set(['new']);
    await ask(source);
    expect(server.asked.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer old',
      'Bearer old',
      'Bearer new',
    ]);
    expect(logins()).toBe(0);
  });
});

test('a secret that can not be used asks nothing, and says why', async () => {
  credentials.put('secret', '{"token":"eyJh****"}');
  const error = await refusal(ask());
  expect(error).toMatchObject({ kind: 'auth', code: 'credential-unusable' });
  expect(error.message).toContain('masked');
  expect(server.asked).toHaveLength(0);
});

test('health tells how long the password lives', async () => {
  const source = start();
  await ask(source);
  expect(source.health()).toEqual({
    tokenExpiresAt: undefined,
    passwordDaysLeft: 9,
    breaker: undefined,
  });
});

test('an error that is not about the token is passed on, without a login', async () => {
  const source = start();
  await ask(source);
  server.answer = (_, response) => reply(response, 429, {}, { 'retry-after': '5' });
  expect(await refusal(ask(source))).toMatchObject({ kind: 'rate-limited', retryAfter: 5_000 });
  expect(logins()).toBe(1);
});
