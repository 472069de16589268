import { describe, expect, test } from 'vitest';
import { createSmartfloHttp } from '../../shared/adapters/smartflo-http.ts';
import { type Source, SourceError, type SourceFailure } from '../../shared/ports/source.ts';
import { HOUR, parseIstDate, SECOND } from '../../shared/core/time.ts';
import { Asking } from '../../functions/poller/asking.ts';
import { PolledAccount, sourceOf } from '../support/polled-account.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const NOON = (parseIstDate('2026-03-10') ?? 0) + 12 * HOUR;
const QUERY = { from_date: '2026-03-10 11:00:00', to_date: '2026-03-10 11:01:59', page: 1, limit: 100 };
const health = () => ({ tokenExpiresAt: undefined, passwordDaysLeft: undefined, breaker: undefined });

/** Asks a source that fails until the `good`th request. @returns how often it was asked, and how long that took. */
const askOnce = async (failure: () => SourceError, good = Number.POSITIVE_INFINITY) => {
  const clock = new VirtualClock(NOON);
  let asked = 0;
  const source: Source = {
    health,
    async page() {
      asked += 1;
      if (asked < good) throw failure();
      return { count: 0, limit: 100, records: [], latency: 1 };
    },
  };
  const asking = new Asking(source, clock, {
    epoch: 1,
    at: NOON,
    began: clock.monotonic(),
    time: { start: 50 * SECOND, end: 60 * SECOND },
    rate: 1,
    concurrency: 1,
    latency: 0,
  });
  const meter = { requests: 0 };
  const code = await asking.page(QUERY, meter).then(
    () => 'answered',
    (error: SourceError) => error.code,
  );
  expect(meter.requests).toBe(asked);
  return { asked, code, took: clock.at - NOON };
};

describe('one request', () => {
  test.each<[SourceFailure, number]>([
    ['transient', 3],
    ['contract', 3],
    ['poison', 1],
    ['auth', 1],
  ])('that fails as %s is sent %i times', async (kind, times) => {
    expect(await askOnce(() => new SourceError(kind, 'made-up', ''))).toMatchObject({
      asked: times,
      code: 'made-up',
    });
  });

  test('that fails twice and then not is answered', async () => {
    expect(await askOnce(() => new SourceError('transient', 'made-up', ''), 3)).toEqual({
      asked: 3,
      code: 'answered',
      took: 1.5 * SECOND,
    });
  });

  test.each(['query', 'account'] as const)(
    'that is ruled out for the %s is sent once, and not waited for',
    async (rulesOut) => {
      const failure = () => new SourceError('contract', 'made-up', '', { rulesOut });
      expect(await askOnce(failure)).toEqual({ asked: 1, code: 'made-up', took: 0 });
    },
  );

  test.each([
    [undefined, 2, 5 * SECOND],
    [3 * SECOND, 2, 3 * SECOND],
    [11 * SECOND, 1, 0],
  ])('that is rate limited (%s ms) waits once, if that is short', async (retryAfter, asked, took) => {
    const more = retryAfter === undefined ? {} : { retryAfter };
    const failure = () => new SourceError('rate-limited', 'made-up', '', more);
    expect(await askOnce(failure)).toEqual({ asked, code: 'made-up', took });
  });
});

describe('a tick', () => {
  test('whose address must not be asked ends at once, and says why', async () => {
    const polled = new PolledAccount({ seed: 3, startedAt: NOON, historyFrom: NOON - HOUR });
    let asked = 0;
    const { openSource } = polled.ports;
    const ports = {
      ...polled.ports,
      openSource: (...parts: Parameters<typeof openSource>): Source => {
        const [, pacer, now] = parts;
        const http = createSmartfloHttp({
          account: { baseUrl: 'https://example.invalid', allowedHosts: [] },
          pacer,
          clock: polled.clock,
          now,
        });
        return {
          health,
          page: (query, timeLimit) => {
            asked += 1;
            return http.page('token', query, timeLimit);
          },
        };
      },
    };
    const report = await polled.tick(NOON, undefined, ports);
    expect(report).toMatchObject({ outcome: 'source-down', reason: 'host-not-allowed' });
    expect(asked).toBe(1);
    expect(polled.clock.at - NOON).toBe(0);
  });

  test('at a source that refuses pages past the end asks for each of them once', async () => {
    const polled = new PolledAccount({
      seed: 3,
      startedAt: NOON,
      historyFrom: NOON - HOUR,
      // A source that counts records which it does not show: an open window is read past its end.
      knobs: {
        calls: { callsPerMinute: 60 },
        listing: { pastTheEnd: 'error', unlisted: ({ ref }) => ref % 9 === 0 },
      },
    });
    const refused: string[] = [];
    const ports = {
      ...polled.ports,
      openSource: (...[, pacer]: Parameters<typeof polled.ports.openSource>): Source => {
        const source = sourceOf(polled.fake, polled.clock, pacer);
        return {
          ...source,
          page: (query, timeLimit) =>
            source.page(query, timeLimit).catch((error: SourceError) => {
              refused.push(`${error.code} ${JSON.stringify(query)}`);
              throw error;
            }),
        };
      },
    };
    for (let tick = 0; tick < 2; tick += 1) await polled.tick(NOON + tick * 60 * SECOND, undefined, ports);
    expect(refused.length).toBeGreaterThan(0);
    expect(new Set(refused).size).toBe(refused.length);
  });
});
