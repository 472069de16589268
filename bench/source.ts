import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FakeSmartflo } from '../local/fake-smartflo/api.ts';
import { DAY, type EpochMs, MINUTE, type Ms, parseIstStamp } from '../shared/core/time.ts';
import type { Window } from '../shared/core/window.ts';

export const TOKEN = 'fake-token';
export const SECRET = JSON.stringify({ token: TOKEN });

/** A working day in India; every call of a run begins after it. */
const BEGIN = parseIstStamp('2026-03-10 09:00:00') ?? 0;

/** The fake source, over HTTP, at an instant at which all of its calls have ended. */
export interface Source {
  readonly url: string;
  readonly window: Window;
  /** The instant at which it stands. */
  readonly now: EpochMs;
  /** How many records there are. */
  readonly records: number;
  /** Paths that were asked for since the last time. */
  takePaths(): string[];
  /** From now on an answer takes so long from when it is asked for; before, no longer than it takes to make. */
  slowTo(latency: Ms): void;
  close(): Promise<void>;
}

export interface SourceOptions {
  /** About so many records. */
  readonly records: number;
  readonly callsPerMinute: number;
  /** Bytes of answers that are kept, so that a second asking costs the fake nothing. */
  readonly keptBytes?: number;
}

/** Records of a call on average: some calls have a second leg (the fake's `legShare` of the answered). */
const RECORDS_OF_A_CALL = 1 + 0.03 * 0.75;

export const startSource = async ({
  records,
  callsPerMinute,
  keptBytes = 1024 ** 3,
}: SourceOptions): Promise<Source> => {
  const minutes = Math.max(1, Math.round(records / callsPerMinute / RECORDS_OF_A_CALL));
  const window = { from: BEGIN, to: BEGIN + minutes * MINUTE };
  const now = window.to + DAY;
  const fake = new FakeSmartflo({
    seed: 1,
    clock: { real: () => now },
    startedAt: now,
    historyFrom: window.from,
    historyTo: window.to,
    knobs: { calls: { callsPerMinute } },
  });
  const kept = new Map<string, Buffer>();
  let left = keptBytes;
  let paths: string[] = [];
  let latency = 0;

  const answer = (path: string, authorization: string | undefined): { status: number; body: Buffer } => {
    const held = kept.get(path);
    if (held) return { status: 200, body: held };
    const { status, body } = fake.answer({ method: 'GET', path, headers: { authorization } });
    const bytes = Buffer.from(body, 'latin1');
    if (status === 200 && left > bytes.length) {
      left -= bytes.length;
      kept.set(path, bytes);
    }
    return { status, body: bytes };
  };

  const server = createServer((request, response) => {
    const askedAt = performance.now();
    const path = request.url ?? '/';
    paths.push(path);
    const { status, body } = answer(path, request.headers.authorization);
    const send = () => {
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
      response.end(body);
    };
    const wait = latency - (performance.now() - askedAt);
    if (wait > 0) setTimeout(send, wait);
    else send();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    window,
    now,
    records: fake.world.count(now, window),
    takePaths() {
      const taken = paths;
      paths = [];
      return taken;
    },
    slowTo(wanted) {
      latency = wanted;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
