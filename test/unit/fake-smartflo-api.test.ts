import { describe, expect, it } from 'vitest';
import { FakeSmartflo } from '../../local/fake-smartflo/api.ts';
import type { FaultKind } from '../../local/fake-smartflo/knobs.ts';
import type { KnobChanges } from '../../local/fake-smartflo/knobs.ts';
import { MINUTE, SECOND } from '../../shared/core/time.ts';

const NOW = Date.parse('2026-03-10T12:00:00+05:30');
const HOUR_AGO = '/v1/call/records?from_date=2026-03-10 11:00:00&to_date=2026-03-10 11:09:59&limit=100';

const startFake = (knobs: KnobChanges = {}) => {
  const time = { now: NOW };
  const fake = new FakeSmartflo({ seed: 5, knobs, clock: { real: () => time.now }, startedAt: NOW });
  return { fake, time };
};

const ask = (fake: FakeSmartflo, token = 'fake-token', path = HOUR_AGO) =>
  fake.answer({ method: 'GET', path, headers: { authorization: `Bearer ${token}` } });

const login = (fake: FakeSmartflo, password = 'fake-password') => {
  const body = JSON.stringify({ email: 'fake-login', password });
  const { status, body: text } = fake.answer({ method: 'POST', path: '/v1/auth/login', headers: {}, body });
  return { status, ...JSON.parse(text) };
};

describe('credentials', () => {
  it('open the door with a login until it expires', () => {
    const { fake, time } = startFake();
    const answer = login(fake);
    expect(answer).toEqual({
      status: 200,
      success: true,
      access_token: answer.access_token,
      token_type: 'bearer',
      expires_in: 3600,
      number_of_days_left: 60,
    });
    time.now += 3_599 * SECOND;
    expect(ask(fake, answer.access_token).status).toBe(200);
    time.now += SECOND;
    expect(ask(fake, answer.access_token)).toMatchObject({
      status: 401,
      body: '{"message":"Unauthorized","success":false}',
    });
    expect(ask(fake, login(fake).access_token).status).toBe(200);
  });

  it('refuse what is no token, with 401 or 200', () => {
    const { fake } = startFake();
    expect(['wrong', 'Bearer fake-token', ''].map((token) => ask(fake, token).status)).toEqual([
      401, 401, 401,
    ]);
    expect(fake.answer({ method: 'GET', path: HOUR_AGO, headers: {} }).status).toBe(401);
    fake.knobs.auth.refusal = '200';
    const { status, body } = ask(fake, 'wrong');
    expect([status, JSON.parse(body).success]).toEqual([200, false]);
  });

  it('let a token die early, by requests or in mid-page', () => {
    const { fake } = startFake({ auth: { diesAfterRequests: 2 } });
    const { access_token: token } = login(fake);
    expect([1, 2, 3].map(() => ask(fake, token).status)).toEqual([200, 200, 401]);
    fake.knobs.auth.diesAfterRequests = Infinity;
    fake.knobs.faults.plan = [{ kind: 'token-death', page: 3 }];
    const next = login(fake).access_token;
    const pages = [1, 2, 3, 1].map((page) => ask(fake, next, `${HOUR_AGO}&limit=10&page=${page}`).status);
    expect(pages).toEqual([200, 200, 401, 401]);
    fake.knobs.faults.plan = [];
    expect(ask(fake, login(fake).access_token).status).toBe(200);
  });

  it('count failed logins and lock the account for a while, India time', () => {
    const { fake, time } = startFake({ auth: { lockAfter: 3, rejectedLoginStatus: 422 } });
    const rejected = { status: 422, success: false, login_failed_count: 1 };
    expect(login(fake, 'wrong')).toMatchObject(rejected);
    expect(login(fake, 'wrong')).toMatchObject({ ...rejected, login_failed_count: 2 });
    const locked = { status: 429, success: false, login_failed_count: 3, retry_after: '2026-03-10 12:30:00' };
    expect(login(fake, 'wrong')).toMatchObject(locked);
    expect(login(fake)).toMatchObject(locked);
    fake.knobs.auth.lockStatus = 200;
    expect(login(fake)).toMatchObject({ ...locked, status: 200 });
    time.now += 30 * MINUTE;
    expect(login(fake)).toMatchObject({ status: 200, success: true });
    expect(login(fake, 'wrong')).toMatchObject(rejected);
  });

  it('refuse a login that is no JSON', () => {
    const { fake } = startFake();
    expect(fake.answer({ method: 'POST', path: '/v1/auth/login', headers: {}, body: '{' }).status).toBe(401);
  });
});

describe('the rate', () => {
  it('counts all requests of a second, and stops those above the limit', () => {
    const { fake, time } = startFake({ rate: { cps: 3, retryAfter: 2 } });
    login(fake);
    expect([1, 2, 3].map(() => ask(fake).status)).toEqual([200, 200, 429]);
    const { headers, body } = ask(fake);
    expect(headers['retry-after']).toBe('2');
    expect(body).toBe('{"success":"false","message":"Too many requests."}');
    fake.knobs.rate.retryAfter = undefined;
    expect(Object.keys(ask(fake).headers)).toEqual(['content-type']);
    time.now += SECOND;
    expect(ask(fake).status).toBe(200);
    expect(fake.maxPerSecond).toBe(6);
    expect(fake.requestCount).toBe(7);
  });
});

describe('faults', () => {
  const play = (kind: FaultKind) => {
    const { fake } = startFake({
      faults: { plan: [{ kind, requests: [1, 1] }], hugeBytes: 1_000, depth: 50 },
    });
    const whole = () => ask(fake).body;
    const answer = ask(fake);
    return { answer, whole };
  };

  it('come with the status and the body of their kind', () => {
    const statuses: Partial<Record<FaultKind, number>> = {
      unauthorized: 401,
      forbidden: 403,
      'token-death': 401,
      'rate-limited': 429,
      'server-error': 500,
      'bad-gateway': 502,
      'gateway-timeout': 504,
      'failure-200': 200,
      html: 200,
      'not-a-page': 200,
      redirect: 302,
    };
    for (const [kind, status] of Object.entries(statuses)) {
      expect([kind, play(kind as FaultKind).answer.status]).toEqual([kind, status]);
    }
    expect(JSON.parse(play('failure-200').answer.body).success).toBe(false);
    expect(play('html').answer.headers['content-type']).toBe('text/html');
    expect(play('redirect').answer.headers['location']).toContain('elsewhere');
    expect(play('gateway-timeout').answer.delay).toBe(29_000);
    expect(play('slow').answer.delay).toBe(5_000);
    expect(play('deep').answer.body).toContain('['.repeat(50));
    expect(play('huge').answer.body.length).toBeGreaterThan(1_000);
  });

  it('break bodies and connections', () => {
    for (const kind of ['truncated', 'cut'] as const) {
      const { answer, whole } = play(kind);
      expect(whole().startsWith(answer.body)).toBe(true);
      expect(answer.body.length).toBeLessThan(whole().length);
      expect(answer.ending).toBe(kind === 'cut' ? 'cut' : 'whole');
    }
    expect(play('reset').answer).toMatchObject({ body: '', ending: 'reset' });
  });

  it('follow a plan by request, time and page', () => {
    const { fake, time } = startFake();
    const between = [NOW + SECOND, NOW + 2 * SECOND] as const;
    fake.knobs.faults.plan = [
      { kind: 'html', requests: [2, 3] },
      { kind: 'server-error', between, page: 2 },
    ];
    const types = [1, 2, 3, 4].map(() => ask(fake).headers['content-type']);
    expect(types).toEqual(['application/json', 'text/html', 'text/html', 'application/json']);
    const second = `${HOUR_AGO}&page=2`;
    expect(ask(fake, 'fake-token', second).status).toBe(200);
    time.now += SECOND;
    expect([ask(fake).status, ask(fake, 'fake-token', second).status]).toEqual([200, 500]);
    time.now += SECOND;
    expect(ask(fake, 'fake-token', second).status).toBe(200);
  });

  it('strike a seeded share of the requests, the same ones every time', () => {
    const run = (seed: number) => {
      const knobs = { faults: { share: 0.1, kinds: ['server-error', 'html'] } } as const;
      const fake = new FakeSmartflo({ seed, knobs, clock: { real: () => NOW } });
      return Array.from({ length: 500 }, () => {
        ask(fake);
        return fake.requests.at(-1)?.fault;
      });
    };
    const struck = run(5).filter((fault) => fault !== undefined);
    expect(Math.abs(struck.length - 50)).toBeLessThan(20);
    expect(new Set(struck)).toEqual(new Set(['server-error', 'html']));
    expect(run(5)).toEqual(run(5));
    expect(run(6)).not.toEqual(run(5));
  });

  it('spare the login, and routes that do not exist are forbidden', () => {
    const { fake } = startFake({ faults: { share: 1, kinds: ['server-error'] } });
    expect(login(fake).status).toBe(200);
    expect(ask(fake, 'fake-token', '/v1/users').status).toBe(403);
    expect(ask(fake, 'fake-token', '//').status).toBe(403);
  });
});

describe('the request log', () => {
  it('tells what was asked, when, and with what success', () => {
    const { fake } = startFake({ faults: { latency: 40, plan: [{ kind: 'reset', requests: [2, 2] }] } });
    ask(fake);
    ask(fake);
    const params = { from_date: '2026-03-10 11:00:00', to_date: '2026-03-10 11:09:59', limit: '100' };
    const entry = { at: NOW, path: '/v1/call/records', params, ms: 40 };
    expect(fake.requests).toEqual([
      { ...entry, status: 200 },
      { ...entry, status: 0, fault: 'reset' },
    ]);
  });
});
