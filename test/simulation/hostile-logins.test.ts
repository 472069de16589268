import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../shared/core/time.ts';
import { reply, type SourceServer, startSourceServer } from '../support/source-server.ts';
import { CALLS, FIRST_TICK, problemsOf, startAccount } from './support/hostile-second.ts';
import { grantLogin, smallSource } from './support/small-source.ts';

/**
 * - `granted`: the token is used for its life, an hour where none is named
 * - `rejected`: the secret is never sent again
 * - `locked`: nothing is asked until it ends, a day at most, a quarter of an hour where no end is named
 * - `unclear`: it may have been counted against us: the next is sent a minute later
 * - `unjudged`: it can't have been: the next request may send it again
 */
type Outcome = 'granted' | 'rejected' | 'locked' | 'unclear' | 'unjudged';
type Row = readonly [name: string, outcome: Outcome, body: string, status?: number];

const token = (more: string): string => `{"success":true,"access_token":"token"${more}}`;
const jwt = (exp: string): string => `h.${Buffer.from(`{"exp":${exp}}`).toString('base64url')}.s`;

const ROWS: readonly Row[] = [
  ...[
    '',
    ',"expires_in":null',
    ',"expires_in":"3600"',
    ',"expires_in":"soon"',
    ',"expires_in":0',
    ',"expires_in":-1',
    ',"expires_in":1e308',
    ',"expires_in":1e400',
    ',"expires_in":{}',
    ',"number_of_days_left":1e308',
    ',"number_of_days_left":"many"',
    ',"message":"Login failed too often"',
    ',"__proto__":{"success":false}',
    `,"note":"${'x'.repeat(1 << 20)}"`,
  ].map((more): Row => [`a token with ${more.slice(1, 40) || 'nothing else'}`, 'granted', token(more)]),
  ['a token behind a byte order mark', 'granted', `\uFEFF${token('')}`],
  ['a token that dies at the end of time', 'granted', `{"access_token":"${jwt('1e308')}"}`],
  ['a token that died long ago', 'granted', `{"access_token":"${jwt('1')}"}`],
  ['a token whose death is no number', 'granted', `{"access_token":"${jwt('{}')}"}`],
  ['a token of 16,000 signs', 'granted', `{"access_token":"${'t'.repeat(12_000)}"}`],
  ['a life of a thousandth of a second', 'granted', token(',"expires_in":0.001')],
  ['a life of a second', 'granted', token(',"expires_in":1')],
  ['success false', 'rejected', '{"success":false,"message":"Invalid login","login_failed_count":1}'],
  ['success "False"', 'rejected', '{"success":"False"}'],
  ['success false and a token', 'rejected', '{"success":false,"access_token":"token"}'],
  ['503 that counts a failed login', 'rejected', '{"success":false,"login_failed_count":2}', 503],
  ['400', 'rejected', '{}', 400],
  ['401', 'rejected', '', 401],
  ['401 as a web page', 'rejected', '<html>', 401],
  ['403', 'rejected', '{"message":"Forbidden"}', 403],
  ['422', 'rejected', '{"message":{"email":["is no address"]}}', 422],
  ['a wait', 'locked', '{"success":false,"retry_after":"2026-03-10 11:30:00"}'],
  ['a wait and a token', 'locked', token(',"retry_after":"2026-03-10 11:30:00"')],
  ['a wait until 9999', 'locked', '{"retry_after":"9999-12-31 23:59:59"}'],
  ['a wait for ever', 'locked', '{"retry_after":1e308}'],
  ['a wait that is none', 'locked', '{"retry_after":{}}'],
  ['a wait that is over', 'locked', '{"retry_after":"1970-01-01 00:00:00"}'],
  ['429', 'locked', '', 429],
  ['429 as a web page', 'locked', '<html>', 429],
  ['nothing', 'unclear', ''],
  ['half a token', 'unclear', '{"success":true,"access_token":"tok'],
  ['no token', 'unclear', '{"success":true}'],
  ['a token that is null', 'unclear', '{"success":true,"access_token":null}'],
  ['a token that is a list', 'unclear', '{"success":true,"access_token":["token"]}'],
  ['an empty token', 'unclear', '{"success":true,"access_token":""}'],
  ['a token with a line feed', 'unclear', '{"success":true,"access_token":"a\\r\\nx-admin: 1"}'],
  ['a token with a sign that no header takes', 'unclear', '{"success":true,"access_token":"t\u{1f600}"}'],
  ['a token too long for a header', 'unclear', `{"success":true,"access_token":"${'t'.repeat(20_000)}"}`],
  ['two tokens', 'unclear', '{"access_token":"a","access_token":"b"}'],
  ['a list', 'unclear', '[]'],
  ['200,000 lists', 'unclear', `{"access_token":${'['.repeat(200_000)}`],
  ['a redirect', 'unclear', '', 302],
  ['404', 'unclear', '{"message":"Not found"}', 404],
  ['a web page', 'unjudged', '<html><form>Log in</form></html>'],
  ['502', 'unjudged', '', 502],
  ['503', 'unjudged', '{"message":"maintenance"}', 503],
];

const TABLE = ROWS.map(([name, outcome, body, status = 200]) => ({ name, outcome, body, status }));

/** Logins in twenty minutes of ticks, one a minute. */
const MOST: Readonly<Record<Outcome, number>> = {
  granted: 1,
  rejected: 1,
  locked: 2,
  unclear: 20,
  unjudged: 180,
};

let server: SourceServer;
beforeAll(async () => {
  server = await startSourceServer(smallSource(CALLS));
});
afterAll(() => server[Symbol.asyncDispose]());

describe('a login that is answered for twenty minutes with', () => {
  test.each(TABLE)('$name, is $outcome', async ({ outcome, body, status }) => {
    let isHostile = true;
    const logins: number[] = [];
    const records = smallSource(CALLS);
    server.answer = (asked, response) => {
      if (!asked.path.endsWith('/login')) return records(asked, response);
      logins.push(account.clock.at);
      return isHostile ? reply(response, status, body) : grantLogin(response);
    };
    using account = startAccount({ baseUrl: server.baseUrl }, { fetchTo: '2026-03-10 11:04:40' });
    for (let tick = 0; tick < 20; tick++) await account.tick(FIRST_TICK + tick * MINUTE);
    expect(account.failures).toEqual([]);
    expect(logins.length).toBeGreaterThan(0);
    expect(logins.length).toBeLessThanOrEqual(MOST[outcome]);
    if (outcome === 'granted') expect(problemsOf(account)).toEqual([]);
    else expect(account.index.calls.size).toBe(0);
    const spaces = logins.slice(1).map((at, place) => at - (logins[place] ?? 0));
    if (outcome === 'unclear') expect(Math.min(...spaces)).toBeGreaterThanOrEqual(MINUTE);

    // The vendor is well again, and a person has seen to a rejected secret; the longest lock-out ends after a day.
    isHostile = false;
    if (outcome === 'rejected')
      account.credentials.put('secret', JSON.stringify({ email: 'agent-07', password: 'right again' }));
    const later = FIRST_TICK + (outcome === 'locked' ? DAY + HOUR : 2 * HOUR);
    for (let tick = 0; tick < 3; tick++) await account.tick(later + tick * MINUTE);
    expect(problemsOf(account)).toEqual([]);
  });
});
