import { expect, test } from 'vitest';
import { DAY, HOUR, istStamp, MINUTE, parseIstDate, SECOND } from '../../shared/core/time.ts';
import { PolledAccount } from '../support/polled-account.ts';

const midnight = parseIstDate('2026-03-10') ?? 0;
const WAIT = 130 * MINUTE;

test('an account that waits until its calls are over gets each once and is not told to lag', async () => {
  const startedAt = midnight + 10 * HOUR;
  const polled = new PolledAccount(
    {
      seed: 11,
      startedAt,
      historyFrom: midnight,
      historyTo: midnight + DAY,
      knobs: { calls: { callsPerMinute: 4 } },
    },
    {
      settleSeconds: 7_800,
      probes: [],
      edits: [{ ageMinutes: 26 * 60, blockMinutes: 60 }],
      fetchFrom: istStamp(startedAt - 3 * HOUR),
      // Where the first fetch ends: what comes after it is wanted all the same.
      fetchTo: istStamp(startedAt - 2.5 * HOUR),
    },
  );
  const lags: number[] = [];
  polled.telemetry.count = (metric, value) => void (metric === 'Lag' && lags.push(value));
  const end = startedAt + 2 * HOUR;
  await polled.run(end, (at) => at === startedAt + HOUR);

  const got = polled.messages().flatMap(({ lines }) => lines);
  const wanted = [
    ...polled.fake.world.truth(end, { from: startedAt - WAIT - MINUTE, to: end - WAIT - 2 * MINUTE }),
  ];
  expect(wanted.length).toBeGreaterThan(400);
  expect(wanted.filter(({ raw }) => !got.includes(raw))).toEqual([]);
  expect(new Set(got).size).toBe(got.length);
  expect(polled.fake.requests.filter(({ params }) => params['duration'] !== undefined)).toEqual([]);
  expect(lags.length).toBeGreaterThan(100);
  expect(Math.max(...lags)).toBeLessThan(3 * 60);
});

test.each([119, 121, 600, 20_000])(
  'an account that waits %i s gets every call, ticks lost or not, and does not lag',
  async (settleSeconds) => {
    const startedAt = midnight + 12 * HOUR;
    const polled = new PolledAccount(
      {
        seed: 5,
        startedAt,
        historyFrom: midnight,
        historyTo: midnight + DAY,
        knobs: { calls: { callsPerMinute: 3, lateShare: 0.05, lateTo: HOUR } },
      },
      { settleSeconds, fetchFrom: istStamp(startedAt - 7 * HOUR) },
    );
    const lags: number[] = [];
    polled.telemetry.count = (metric, value) => void (metric === 'Lag' && lags.push(value));
    const end = startedAt + 4 * HOUR;
    await polled.run(end, (at) => [7, 8, 31, 90].includes((at - startedAt) / MINUTE));

    const got = polled.messages().flatMap(({ lines }) => lines);
    const told = end - settleSeconds * SECOND;
    const wanted = [...polled.fake.world.truth(end - HOUR, { from: startedAt - 6 * HOUR, to: told })].filter(
      ({ insertAt }) => insertAt < told - 90 * MINUTE,
    );
    expect(wanted.length).toBeGreaterThan(500);
    const ids = new Set(got.map((raw) => /"id":"([^"]*)"/.exec(raw)?.[1]));
    expect(wanted.filter(({ id }) => !ids.has(String(id)))).toEqual([]);
    expect(lags.length).toBeGreaterThan(200);
    expect(Math.max(...lags.slice(30))).toBeLessThan(3 * 60);
  },
);
