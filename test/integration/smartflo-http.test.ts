import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { brotliCompressSync, createGzip, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HTTP_LIMITS, type HttpLimits } from '../../shared/adapters/bounded-request.ts';
import { createSmartfloHttp } from '../../shared/adapters/smartflo-http.ts';
import type { CdrQuery } from '../../shared/contract/cdr-query.ts';
import {
  type Answerer,
  always,
  refusal,
  reply,
  type SourceServer,
  startSourceServer,
  unpaced,
} from '../support/source-server.ts';

const NOW = Date.parse('2026-03-10T06:00:00Z'); // 11:30:00 in India
const QUERY: CdrQuery = {
  from_date: '2026-03-10 11:00:00',
  to_date: '2026-03-10 11:01:59',
  page: 1,
  limit: 100,
};
const PAGE = '{"count":1,"limit":20,"results":[{"id":"a","n":1.0}]}';
const TOKEN = 'header.claims.signature';

let server: SourceServer;
let turns = 0;
let left = 0;
beforeEach(async () => {
  turns = 0;
  left = 0;
  server = await startSourceServer((_, response) => reply(response, 200, PAGE));
});
afterEach(() => server[Symbol.asyncDispose]());

const client = (more: { baseUrl?: string; allowedHosts?: string[]; limits?: Partial<HttpLimits> } = {}) =>
  createSmartfloHttp({
    account: { baseUrl: more.baseUrl ?? server.baseUrl, allowedHosts: more.allowedHosts ?? [] },
    pacer: unpaced(
      () => turns++,
      () => left++,
    ),
    clock: { monotonic: () => performance.now() },
    now: () => NOW,
    limits: { ...HTTP_LIMITS, ...more.limits },
  });
const pageError = (limits: Partial<HttpLimits> = {}, timeLimit = 10_000) =>
  refusal(client({ limits }).page(TOKEN, QUERY, timeLimit));

describe('a page', () => {
  test('is asked for as the vendor wrote, and comes raw', async () => {
    const page = await client().page(TOKEN, QUERY, 10_000);
    expect(page).toMatchObject({ count: 1, limit: 20, records: [{ raw: '{"id":"a","n":1.0}' }] });
    expect(page.latency).toBeGreaterThan(0);
    expect(server.asked).toMatchObject([
      {
        method: 'GET',
        path: '/v1/call/records?from_date=2026-03-10%2011%3A00%3A00&to_date=2026-03-10%2011%3A01%3A59&page=1&limit=100',
        headers: { authorization: `Bearer ${TOKEN}`, accept: 'application/json' },
      },
    ]);
    expect(turns).toBe(1);
  });

  test('is asked for under the path of the base URL', async () => {
    await client({ baseUrl: `${server.baseUrl}/proxy` }).page(TOKEN, QUERY, 10_000);
    expect(server.asked[0]?.path).toMatch(/^\/proxy\/v1\/call\/records\?/);
  });

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('may be compressed with %s', async (encoding, compress) => {
    server.answer = (_, response) => reply(response, 200, compress(PAGE), { 'content-encoding': encoding });
    expect(await client().page(TOKEN, QUERY, 10_000)).toMatchObject({ count: 1 });
  });

  test('may give its count as a text, and no limit', async () => {
    server.answer = (_, response) => reply(response, 200, { count: '406', results: [] });
    expect(await client().page(TOKEN, QUERY, 10_000)).toMatchObject({
      count: 406,
      limit: undefined,
      records: [],
    });
  });

  test('comes over a kept connection, and over a new one where that has died', async () => {
    const http = client();
    await http.page(TOKEN, QUERY, 10_000);
    const sockets = new Set<unknown>();
    let deaths = 0;
    server.answer = (_, response) => {
      sockets.add(response.socket);
      if (deaths++ === 0) response.socket?.resetAndDestroy();
      else reply(response, 200, PAGE);
    };
    expect(await http.page(TOKEN, QUERY, 10_000)).toMatchObject({ count: 1 });
    expect(sockets.size).toBe(2);
    expect([turns, left]).toEqual([3, 3]);
    http.close();
  });
});

describe('what is no page', () => {
  test.each<[string, Answerer, object]>([
    ['401', always(401, { message: 'Unauthorized', success: false }), { kind: 'auth', code: 'unauthorised' }],
    ['403', always(403, { message: 'Forbidden' }), { kind: 'auth', code: 'forbidden' }],
    ['403 as a web page', always(403, '<html>'), { kind: 'transient', code: 'html-body' }],
    [
      '403 with a wait',
      always(403, { retry_after: '2026-03-10 11:30:30' }),
      { kind: 'rate-limited', retryAfter: 30_000 },
    ],
    [
      '400 about the token',
      always(400, { success: false, message: 'Token has expired' }),
      { kind: 'auth', code: 'token-refused' },
    ],
    [
      '200 about the token',
      always(200, { success: false, message: 'Token has expired' }),
      { kind: 'auth', code: 'token-refused' },
    ],
    [
      '200 about the token, in an array',
      always(200, { success: 'false', message: ['Unauthenticated.'] }),
      { kind: 'auth' },
    ],
    [
      '200 about the token, in a map',
      always(200, { success: false, message: { token: ['expired'] } }),
      { kind: 'auth' },
    ],
    [
      '200 about something else',
      always(200, { success: false, message: 'Invalid to_date' }),
      { kind: 'contract', code: 'failed-in-200' },
    ],
    [
      '429 with false as a text',
      always(429, { success: 'false', message: 'Too many requests.' }),
      { kind: 'rate-limited', code: 'too-many-requests', retryAfter: undefined },
    ],
    [
      '429 with seconds',
      always(429, {}, { 'retry-after': '7' }),
      { kind: 'rate-limited', retryAfter: 7_000 },
    ],
    [
      '429 with a date',
      always(
        429,
        {},
        { 'retry-after': 'Tue, 10 Mar 2026 05:00:09 GMT', date: 'Tue, 10 Mar 2026 05:00:00 GMT' },
      ),
      { retryAfter: 9_000 },
    ],
    [
      '429 with a date gone by',
      always(429, {}, { 'retry-after': 'Tue, 10 Mar 2020 05:00:09 GMT' }),
      { retryAfter: 0 },
    ],
    [
      '429 with retry_after in India time',
      always(429, { retry_after: '2026-03-10 11:30:30' }),
      { retryAfter: 30_000 },
    ],
    ['429 as a web page', always(429, '<html>'), { kind: 'rate-limited' }],
    [
      '200 with retry_after',
      always(200, { success: false, retry_after: '2026-03-10 11:31:00' }),
      { kind: 'rate-limited', retryAfter: 60_000 },
    ],
    ['500', always(500, { message: 'x' }), { kind: 'transient', code: 'source-down' }],
    ['502 as a web page', always(502, '<html>Bad gateway</html>'), { kind: 'transient', code: 'html-body' }],
    ['503 with seconds', always(503, '', { 'retry-after': '3' }), { kind: 'transient', retryAfter: 3_000 }],
    ['200 as a web page', always(200, '\uFEFF\n <!doctype html>'), { kind: 'transient', code: 'html-body' }],
    [
      '302',
      always(302, '', { location: 'https://example.invalid/' }),
      { kind: 'contract', code: 'redirected' },
    ],
    ['404', always(404, { message: 'Not found' }), { kind: 'contract', code: 'query-refused' }],
    ['414', always(414, ''), { kind: 'poison', code: 'query-too-large' }],
    ['an empty 200', always(200, ''), { kind: 'transient', code: 'truncated' }],
    ['no count', always(200, { results: [] }), { kind: 'contract', code: 'count-missing' }],
    [
      'a count that is none',
      always(200, { count: 'many', results: [] }),
      { kind: 'contract', code: 'count-missing' },
    ],
    [
      'a negative count',
      always(200, { count: -1, results: [] }),
      { kind: 'contract', code: 'count-missing' },
    ],
    ['no results', always(200, { count: 1 }), { kind: 'contract', code: 'results-missing' }],
    [
      'results in a map',
      always(200, { count: 1, results: { 0: {} } }),
      { kind: 'contract', code: 'results-missing' },
    ],
    [
      'a result that is no object',
      always(200, { count: 1, results: [[]] }),
      { kind: 'contract', code: 'result-strange' },
    ],
    ['a list', always(200, []), { kind: 'contract', code: 'json-not-object' }],
    ['text', always(200, 'OK'), { kind: 'contract', code: 'json-not-object' }],
    ['too deep a body', always(200, `{"a":${'['.repeat(200_000)}`), { kind: 'poison', code: 'too-deep' }],
    [
      'cut off in the middle of a record',
      always(200, PAGE.slice(0, -9)),
      { kind: 'transient', code: 'truncated' },
    ],
    [
      'an encoding that was not asked for',
      always(200, PAGE, { 'content-encoding': 'zstd' }),
      { kind: 'contract', code: 'encoding-unknown' },
    ],
    [
      'gzip that is none',
      always(200, PAGE, { 'content-encoding': 'gzip' }),
      { kind: 'transient', code: 'compression-broken' },
    ],
    [
      'gzip cut off',
      always(200, gzipSync(PAGE).subarray(0, 30), { 'content-encoding': 'gzip' }),
      { kind: 'transient', code: 'truncated' },
    ],
    [
      'br that is none',
      always(200, Buffer.alloc(50, 0xff), { 'content-encoding': 'br' }),
      { kind: 'transient', code: 'compression-broken' },
    ],
    [
      'an end before the announced length',
      (_, response) => {
        response.writeHead(200, { 'content-length': '5000' });
        response.write(PAGE, () => response.destroy());
      },
      { kind: 'transient', code: 'truncated' },
    ],
    [
      'a reset before any answer',
      (_, response) => response.socket?.resetAndDestroy(),
      { kind: 'transient', code: 'connection-lost' },
    ],
  ])('%s', async (_, answer, wanted) => {
    server.answer = answer;
    expect(await pageError()).toMatchObject(wanted);
    expect(server.asked).toHaveLength(1);
  });

  test('keeps the bytes of a contract error for quarantine, and puts nothing of them into the message', async () => {
    server.answer = always(200, '{"success":false,"message":"call 91 0000012345"}');
    const error = await pageError();
    expect(Buffer.from(error.body ?? []).toString()).toContain('0000012345');
    expect(error.message).not.toContain('0000012345');
    expect(error.message).not.toContain(TOKEN);
  });

  test('a refused connection', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    taken.close();
    await once(taken, 'close');
    const error = await refusal(client({ baseUrl: `http://127.0.0.1:${port}` }).page(TOKEN, QUERY, 1_000));
    expect(error).toMatchObject({ kind: 'transient', code: 'connection-refused' });
  });
});

describe('limits', () => {
  test('no headers in time', async () => {
    server.answer = () => undefined;
    expect(await pageError({ headers: 30 })).toMatchObject({ kind: 'transient', code: 'header-timeout' });
  });

  test('a body that drips', async () => {
    server.answer = (_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 5);
      response.on('close', () => clearInterval(drip));
    };
    expect(await pageError({}, 60)).toMatchObject({ kind: 'transient', code: 'total-timeout' });
  });

  test('no time left for a turn', async () => {
    expect(await pageError({}, 0)).toMatchObject({ kind: 'transient', code: 'out-of-time' });
    expect(server.asked).toHaveLength(0);
  });

  test('a body over the limit, and one just within', async () => {
    server.answer = always(200, PAGE);
    expect(await pageError({ bytes: PAGE.length - 1 })).toMatchObject({ kind: 'poison', code: 'too-large' });
    expect(await client({ limits: { bytes: PAGE.length } }).page(TOKEN, QUERY, 1_000)).toMatchObject({
      count: 1,
    });
  });

  test('a bomb is cut off while it unpacks, with flat memory', async () => {
    let hungUp = false;
    server.answer = (_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      const zip = createGzip();
      zip.pipe(response);
      const zeros = Buffer.alloc(1 << 20);
      const pour = () => !hungUp && zip.write(zeros, pour);
      response.on('close', () => {
        hungUp = true;
      });
      pour();
    };
    const before = process.memoryUsage().rss;
    expect(await pageError({ bytes: 8 << 20 }, 20_000)).toMatchObject({
      kind: 'poison',
      code: 'too-large',
      body: undefined,
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(150 << 20);
  });

  test('an endless connection attempt', async () => {
    // A listener whose backlog is full does not answer: TLS to a silent plain socket stands for it.
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const error = await refusal(
      client({ baseUrl: `https://127.0.0.1:${port}`, limits: { connect: 30 } }).page(TOKEN, QUERY, 5_000),
    );
    expect(error).toMatchObject({ kind: 'transient', code: 'connect-timeout' });
    // TLS stands between: nothing has gone out.
    expect([turns, left]).toEqual([1, 0]);
    connect(port, '127.0.0.1').destroy();
    silent.close();
  });
});

describe('where a credential may go', () => {
  test.each([
    ['http://api-smartflo.tatateleservices.com', [], 'base-url-insecure'],
    ['https://example.invalid', [], 'host-not-allowed'],
    ['https://example.invalid', ['example.com', 'xexample.invalid'], 'host-not-allowed'],
    ['https://api-smartflo.tatateleservices.com.example.invalid', [], 'host-not-allowed'],
    ['https://user:secret@api-smartflo.tatateleservices.com', [], 'base-url-invalid'],
    ['http://127.0.0.1.example.invalid', [], 'base-url-insecure'],
    ['ftp://127.0.0.1', [], 'base-url-insecure'],
    ['nonsense', [], 'base-url-invalid'],
  ])('not to %s', async (baseUrl, allowedHosts, code) => {
    expect(await refusal(client({ baseUrl, allowedHosts }).page(TOKEN, QUERY, 1_000))).toMatchObject({
      kind: 'contract',
      code,
    });
    expect(await refusal(client({ baseUrl, allowedHosts }).login('x', 'y', 1_000))).toMatchObject({
      kind: 'contract',
      code,
    });
  });

  test('not where a redirect points', async () => {
    await using other = await startSourceServer((_, response) => reply(response, 200, PAGE));
    server.answer = always(307, '', { location: `${other.baseUrl}/v1/call/records` });
    expect(await pageError()).toMatchObject({ code: 'redirected' });
    expect(other.asked).toHaveLength(0);
  });
});
