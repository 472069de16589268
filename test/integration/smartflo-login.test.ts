import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSmartfloHttp } from '../../shared/adapters/smartflo-http.ts';
import {
  type Answerer,
  always,
  refusal,
  type SourceServer,
  startSourceServer,
  unpaced,
} from '../support/source-server.ts';

const NOW = Date.parse('2026-03-10T06:00:00Z'); // 11:30:00 in India
const TOKEN = 'header.claims.signature';

let server: SourceServer;
let turns = 0;
beforeEach(async () => {
  turns = 0;
  server = await startSourceServer(always(500, ''));
});
afterEach(() => server[Symbol.asyncDispose]());

const login = () =>
  createSmartfloHttp({
    account: { baseUrl: server.baseUrl, allowedHosts: [] },
    pacer: unpaced(() => turns++),
    clock: { monotonic: () => performance.now() },
    now: () => NOW,
  }).login('agent-07', 'päss', 5_000);
const granted = {
  success: true,
  access_token: TOKEN,
  token_type: 'bearer',
  expires_in: 3600,
  number_of_days_left: 61,
};

test('a login is asked for as the vendor wrote', async () => {
  server.answer = always(200, granted);
  expect(await login()).toEqual({
    outcome: 'granted',
    token: TOKEN,
    life: 3_600_000,
    passwordDaysLeft: 61,
  });
  expect(server.asked).toMatchObject([
    { method: 'POST', path: '/v1/auth/login', headers: { 'content-type': 'application/json' } },
  ]);
  expect(JSON.parse(server.asked[0]?.body ?? '')).toEqual({ email: 'agent-07', password: 'päss' });
  expect(turns).toBe(1);
});

test.each<[string, Answerer, object]>([
  [
    'rejected with 200',
    always(200, { success: false, message: 'Invalid', login_failed_count: 1 }),
    { outcome: 'rejected' },
  ],
  ['rejected with false as a text', always(200, { success: 'false' }), { outcome: 'rejected' }],
  [
    'rejected with 500 that counts it',
    always(500, { success: false, message: 'Invalid', login_failed_count: 2 }),
    { outcome: 'rejected' },
  ],
  ['rejected with 401', always(401, '<html>'), { outcome: 'rejected' }],
  ['rejected with 422', always(422, { message: { email: ['required'] } }), { outcome: 'rejected' }],
  ['locked with 429', always(429, { success: 'false' }), { outcome: 'locked', retryAfter: undefined }],
  [
    'locked with 429 and seconds',
    always(429, '', { 'retry-after': '60' }),
    { outcome: 'locked', retryAfter: 60_000 },
  ],
  [
    'locked till an India time',
    always(200, { success: false, retry_after: '2026-03-10 12:00:00' }),
    { outcome: 'locked', retryAfter: 1_800_000 },
  ],
  [
    'granted with texts for numbers',
    always(200, { ...granted, expires_in: '60', number_of_days_left: '3' }),
    { life: 60_000, passwordDaysLeft: 3 },
  ],
  [
    'granted with no life',
    always(200, { access_token: TOKEN }),
    { outcome: 'granted', life: undefined, passwordDaysLeft: undefined },
  ],
])('a login is %s', async (_, answer, wanted) => {
  server.answer = answer;
  expect(await login()).toMatchObject(wanted);
});

test.each<[string, Answerer, object]>([
  ['503', always(503, '<html>'), { kind: 'transient', code: 'html-body' }],
  ['500', always(500, {}), { kind: 'transient', code: 'source-down' }],
  ['a redirect', always(302, '<html>', { location: '/' }), { kind: 'contract', code: 'redirected' }],
  [
    'no token',
    always(200, { success: true }),
    { kind: 'contract', code: 'login-without-token', body: undefined },
  ],
  [
    'a token that no header can hold',
    always(200, { access_token: 'a\r\nb' }),
    { code: 'login-without-token' },
  ],
  [
    'a cut-off body',
    always(200, '{"access_token":"a'),
    { kind: 'transient', code: 'truncated', body: undefined },
  ],
])('a login was not judged: %s', async (_, answer, wanted) => {
  server.answer = answer;
  expect(await refusal(login())).toMatchObject(wanted);
});
