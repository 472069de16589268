import { expect, test } from 'vitest';
import { writeThinly } from '../../local/fake-smartflo/thin.ts';
import type { CallSight } from '../../local/fake-smartflo/call-sight.ts';
import { policyOf } from '../../shared/contract/account.ts';
import { PackMessage, unzipLines } from '../../shared/contract/pack-message.ts';
import { durationPrior } from '../../shared/core/durations.ts';
import { planRequests } from '../../shared/core/request-plan.ts';
import {
  type EpochMs,
  HOUR,
  istStamp,
  MINUTE,
  type Ms,
  parseIstDate,
  SECOND,
} from '../../shared/core/time.ts';
import { PolledAccount } from '../support/polled-account.ts';

const START = (parseIstDate('2026-03-10') ?? 0) + 10 * HOUR;
const LONGEST: Ms = 130 * MINUTE;

interface Load {
  readonly callsPerMinute: number;
  readonly cps: number;
  /** Virtual time in all, and its last part in which requests are counted. */
  readonly stretch: Ms;
  readonly counted: Ms;
  /** Requests a minute (target 8). */
  readonly most: number;
}

/** Follows an account in virtual time, a tick a minute. @returns what it asked a minute, and when each record was sent. */
const follow = async ({ callsPerMinute, cps, stretch, counted }: Load) => {
  const end = START + stretch;
  // Calls of every length, beside the drawn ones, that end while somebody watches.
  const lives = [12 * SECOND, MINUTE, 5 * MINUTE, 20 * MINUTE, HOUR, 2 * HOUR].filter(
    (life) => life < stretch,
  );
  const planted = lives.map((life, place) => ({ startAt: START + (7 + 11 * place) * SECOND, life }));
  const polled = new PolledAccount(
    {
      seed: 41,
      startedAt: START,
      // What is listed beside the wanted calls costs requests as it would in the middle of a day.
      historyFrom: START - LONGEST,
      knobs: { calls: { callsPerMinute, lateShare: 0.02, planted }, faults: { latency: 100 } },
    },
    { cps, share: 1, fetchFrom: istStamp(START) },
  );
  writeThinly(polled.fake);
  const sentAt = new Map<string, EpochMs>();
  const send = async (bodies: readonly string[]) =>
    bodies.map((body) => {
      const pack = PackMessage.parse(JSON.parse(body));
      if (pack.body !== 'inline') throw new Error('a thin pack is never too large');
      for (const line of unzipLines(Buffer.from(pack.ndjson, 'base64'))) {
        const { id } = JSON.parse(line) as { id: string };
        if (!sentAt.has(id)) sentAt.set(id, polled.clock.at);
      }
      return { sent: true as const };
    });
  const ports = { ...polled.ports, queue: { send } };
  let requests = 0;
  for (let at = START + 2 * MINUTE; at <= end; at += MINUTE) {
    const report = await polled.tick(at, undefined, ports);
    expect(report.outcome).toBe('done');
    if (at > end - counted) requests += report.requests;
  }
  const policy = policyOf(polled.account);
  const young = ({ age, block }: { age: Ms; block: Ms }) => age + block <= stretch - counted;
  const youngPolicy = { ...policy, probes: policy.probes.filter(young), edits: policy.edits.filter(young) };
  const density = { perMinute: callsPerMinute, pageLimit: policy.pageLimit, durations: durationPrior() };
  // Looks older than the stretch are not due in it: what the plan says of them is added.
  const plan = planRequests(policy, density);
  const planned = plan.requestsPerMinute - planRequests(youngPolicy, density).requestsPerMinute;
  const calls = polled.fake.world.recordsVisible(end, { from: START, to: end });
  const asked = (requests * MINUTE) / counted;
  return { plan, asked, perMinute: asked + planned, sentAt, calls, end, stretch };
};

/** From visible at the source to the queue. */
const waits = (calls: readonly CallSight[], sentAt: ReadonlyMap<string, EpochMs>): Ms[] =>
  calls
    .map(({ id, insertAt }) => (sentAt.get(id ?? '') ?? Number.POSITIVE_INFINITY) - insertAt)
    .sort((a, b) => a - b);

const at99 = (sorted: readonly Ms[]): Ms => sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0;

const loads: Load[] = [
  { callsPerMinute: 20, cps: 1, stretch: 5 * HOUR, counted: 2 * HOUR, most: 8 },
  { callsPerMinute: 200, cps: 1, stretch: 130 * MINUTE, counted: 40 * MINUTE, most: 30 },
  { callsPerMinute: 2_000, cps: 6, stretch: 20 * MINUTE, counted: 8 * MINUTE, most: 250 },
];

test.each(loads)(
  '$callsPerMinute calls a minute: at most $most requests a minute, and whatever appears in time is read within a tick',
  async (load) => {
    const { plan, perMinute, sentAt, calls, end, stretch } = await follow(load);
    expect(plan.fits).toBe(true);
    expect(perMinute).toBeLessThanOrEqual(load.most);

    const punctual = calls.filter(({ endAt, insertAt }) => insertAt - endAt <= 10 * SECOND);
    const settled = punctual.filter(
      ({ insertAt }) => insertAt > START + 5 * MINUTE && insertAt < end - 90 * SECOND,
    );
    const waited = waits(settled, sentAt);
    expect(settled.length).toBeGreaterThan((load.callsPerMinute * stretch) / MINUTE / 4);
    expect(at99(waited)).toBeLessThanOrEqual(63 * SECOND);
    // The next tick, and what its requests before take.
    expect(waited.at(-1)).toBeLessThanOrEqual(110 * SECOND);

    const late = calls.filter(({ endAt, insertAt }) => insertAt - endAt > 10 * SECOND);
    const probed = late.filter(({ insertAt }) => insertAt < end - 45 * MINUTE);
    expect(at99(waits(probed, sentAt))).toBeLessThanOrEqual(41 * MINUTE);

    // A call of two hours that comes 25 min late is found by the probe at three.
    const owed = calls.filter(({ startAt }) => startAt < end - 3.5 * HOUR);
    expect(owed.filter(({ id }) => !sentAt.has(id ?? ''))).toEqual([]);
  },
);

test('what the rate can not carry is said, and the newest calls come first all the same', async () => {
  const { plan, asked, sentAt, calls, end } = await follow({
    callsPerMinute: 200,
    cps: 0.2,
    stretch: 30 * MINUTE,
    counted: 10 * MINUTE,
    most: 12,
  });
  expect(plan).toMatchObject({ fits: false, capacityPerMinute: 12 });
  expect(asked).toBeLessThanOrEqual(12);
  const short = calls.filter(({ startAt, endAt, insertAt }) => {
    const seen = insertAt > START + 10 * MINUTE && insertAt < end - 2 * MINUTE;
    return seen && endAt - startAt < 30 * SECOND && insertAt - endAt <= 10 * SECOND;
  });
  expect(at99(waits(short, sentAt))).toBeLessThanOrEqual(3 * MINUTE);
});
