import { afterEach, describe, expect, it } from 'vitest';
import type { KnobChanges } from '../../local/fake-smartflo/knobs.ts';
import { OFFICIAL } from '../../local/fake-smartflo/official.ts';
import { SCENES } from '../../local/fake-smartflo/scenes.ts';
import { type FakeSmartfloServer, startFakeSmartflo } from '../../local/fake-smartflo/server.ts';
import { MINUTE } from '../../shared/core/time.ts';

const NOW = Date.parse('2026-03-10T12:00:00+05:30');
const HEADERS = { authorization: 'Bearer fake-token' };
const SAMPLE = '/v1/call/records?from_date=2024-05-09%2011:52:14&to_date=2024-05-09+11:52:14';
const DAY = '/v1/call/records?from_date=2026-03-09+00:00:00&to_date=2026-03-09+23:59:59&limit=100';

let server: FakeSmartfloServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const readJson = async (url: string, init: RequestInit): Promise<Record<string, unknown>> =>
  JSON.parse(await (await fetch(url, init)).text());

const start = async (knobs: KnobChanges = {}) => {
  server = await startFakeSmartflo({ seed: 5, knobs, clock: { real: () => NOW } });
  return server;
};

describe('the fake over HTTP', () => {
  it('listens on loopback only and serves bytes', async () => {
    const { url, requests } = await start();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const response = await fetch(url + SAMPLE, { headers: HEADERS });
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.text()).toBe(
      `{"count":1,"limit":20,"size":1,"page":1,"results":[${OFFICIAL.raw}]}`,
    );
    expect(requests).toMatchObject([{ path: '/v1/call/records', status: 200 }]);
    expect(requests[0]?.ms).toBeGreaterThan(0);
  });

  it('speaks UTF-8', async () => {
    const { url } = await start();
    const { results } = await readJson(url + DAY, { headers: HEADERS });
    expect(JSON.stringify(results)).toContain('"agent_name":"एजेंट');
  });

  it('logs in', async () => {
    const { url } = await start();
    const body = JSON.stringify({ email: 'fake-login', password: 'fake-password' });
    const { access_token: token } = await readJson(`${url}/v1/auth/login`, { method: 'POST', body });
    const headers = { authorization: `Bearer ${String(token)}` };
    expect((await fetch(url + SAMPLE, { headers })).status).toBe(200);
  });

  it('breaks connections', async () => {
    const { url, knobs } = await start();
    for (const kind of ['cut', 'reset'] as const) {
      knobs.faults.plan = [{ kind }];
      await expect(fetch(url + DAY, { headers: HEADERS }).then((answer) => answer.text())).rejects.toThrow();
    }
    knobs.faults.plan = [{ kind: 'truncated' }];
    const text = await (await fetch(url + DAY, { headers: HEADERS })).text();
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
  });

  it('waits out the latency', async () => {
    const { url, requests } = await start({ faults: { latency: 60 } });
    await fetch(url + SAMPLE, { headers: HEADERS });
    expect(requests[0]?.ms).toBeGreaterThan(55);
  });

  it('zips for those who accept it', async () => {
    const { url, knobs } = await start();
    const plain = await (await fetch(url + DAY, { headers: HEADERS })).text();
    knobs.listing.gzip = true;
    const zipped = await fetch(url + DAY, { headers: HEADERS });
    expect(zipped.headers.get('content-encoding')).toBe('gzip');
    expect(await zipped.text()).toBe(plain);
  });
});

describe('scenes', () => {
  it('show a watcher calls and changes within minutes', async () => {
    const { world } = await start(SCENES.everyday);
    const window = { from: NOW - 5 * MINUTE, to: NOW };
    const recent = world.recordsVisible(NOW, window);
    expect(recent.length).toBeGreaterThan(10);
    expect(recent.some(({ revision }) => revision > 0)).toBe(true);
  });
});
