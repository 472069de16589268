import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AGAIN, DRIPS, FLOODS, type HostileStream, WRECKS } from '../support/hostile-streams.ts';
import { type SourceServer, startSourceServer } from '../support/source-server.ts';
import { AT, CALLS } from './support/hostile-second.ts';
import { covers, smallSource } from './support/small-source.ts';
import type { StreamOrder, StreamReport } from './support/stream-poller.ts';

const POLLER = fileURLToPath(new URL('support/stream-poller.ts', import.meta.url));
/** A poller that hangs is stopped. */
const POLLER_LIFE = 100_000;
const MEGABYTE = 1 << 20;
/** Of the machine, which has more to do than to watch the clock. */
const LATENESS = 2_000;

let server: SourceServer;
let streams: ReadonlyMap<string, HostileStream>;
beforeAll(async () => {
  streams = new Map([...FLOODS, ...DRIPS, ...WRECKS].map((stream) => [stream.name, stream]));
  const sent = new Set<string>();
  server = await startSourceServer((asked, response) => {
    const [, name = '', ...path] = asked.path.split('/');
    const isHostile = () => streams.has(name) && !sent.has(name);
    const answer = smallSource(CALLS, (records) => {
      if (!covers(records, AT) || !isHostile()) return false;
      sent.add(name);
      streams.get(name)?.send(response);
      return true;
    });
    answer({ ...asked, path: `/${path.join('/')}` }, response);
  });
});
afterAll(() => server[Symbol.asyncDispose]());

/** Polls in a process of its own, whose memory is the poller's alone. */
const pollApart = async (order: Omit<StreamOrder, 'baseUrl'>): Promise<StreamReport[]> => {
  const whole: StreamOrder = { ...order, baseUrl: server.baseUrl };
  const poller = spawn(process.execPath, ['--expose-gc', POLLER, JSON.stringify(whole)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: POLLER_LIFE,
  });
  const [out, errors] = await Promise.all([text(poller.stdout), text(poller.stderr)]);
  if (out === '') throw new Error(`the poller died: ${errors}`);
  return JSON.parse(out);
};

/** Each was refused once, for its reason; then all came through. */
const expectHealthy = (reports: readonly StreamReport[], hostile: readonly HostileStream[]) => {
  const came = reports.map(({ name, refusals, outcomes, putAside, problems }, place) => {
    const codes = refusals.map(({ code }) => code).join(' ') || AGAIN;
    const known = hostile[place]?.codes.includes(codes) ? 'refused as it should be' : codes;
    return [name, known, ...outcomes, putAside, ...problems];
  });
  expect(came).toEqual(hostile.map(({ name }) => [name, 'refused as it should be', 'done', 'done', 0]));
};

test('a flood is cut off at the limit, with less than 64 MB more memory, and the next poll is healthy', async () => {
  const reports: StreamReport[] = [];
  const kept: string[] = [];
  for (const { name } of FLOODS) {
    // Each in a process of its own, warmed up by a calm poll: what one flood leaves must not hide the next.
    const limits = { headers: 20_000, requestLimit: 20_000, together: false };
    const [, report] = await pollApart({ names: [`calm-before-${name}`, name], ...limits });
    if (report) reports.push(report);
    kept.push(`${name} ${((report?.grewBy ?? 0) / MEGABYTE).toFixed(0)} MB`);
  }
  process.stdout.write(`memory grew by at most: ${kept.join(', ')}\n`);
  expectHealthy(reports, FLOODS);
  for (const { name, grewBy } of reports) expect(grewBy, name).toBeLessThanOrEqual(64 * MEGABYTE);
});

test('a drip is given up at its limit, and the next poll is healthy', async () => {
  const limits = { headers: 500, requestLimit: 1_000 };
  const reports = await pollApart({ names: DRIPS.map(({ name }) => name), ...limits, together: true });
  expectHealthy(reports, DRIPS);
  for (const [place, { codes, name }] of DRIPS.entries()) {
    const limit = codes.includes('header-timeout') ? limits.headers : limits.requestLimit;
    const after = reports[place]?.refusals[0]?.after;
    expect(after, name).toBeGreaterThan(limit - 20);
    expect(after, name).toBeLessThan(limit + LATENESS);
  }
});

test('a wreck is asked for again, and the next poll is healthy', async () => {
  const names = WRECKS.map(({ name }) => name);
  const reports = await pollApart({ names, headers: 20_000, requestLimit: 20_000, together: true });
  expectHealthy(reports, WRECKS);
});
