import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { table } from '../../cli/columns.ts';
import type { AccountInput } from '../../shared/contract/account.ts';
import { DAY, type EpochMs, HOUR, MINUTE, parseIstDate, SECOND } from '../../shared/core/time.ts';
import { turnKnobs } from '../../local/fake-smartflo/knobs.ts';
import type { CallSight } from '../../local/fake-smartflo/call-sight.ts';
import { World } from '../../local/fake-smartflo/world.ts';
import { type Contender, NewestSeenPoller, OwnPoller, SlidingPoller } from './support/contenders.ts';

const SEED = 20_260_310;
const MIDNIGHT = parseIstDate('2026-03-10') ?? 0;
const CALLS = { from: MIDNIGHT + 10 * HOUR, to: MIDNIGHT + 14 * HOUR };
/** A call of 2 h, stored 4 h late, and every look of the first six hours. */
const BUSY_UNTIL = CALLS.to + 7 * HOUR;
const DAY_ENDS = MIDNIGHT + DAY;
/** The three-day look comes three days after the day's end, and takes a while. */
const END = DAY_ENDS + 3 * DAY + 4 * HOUR;
/** 20 calls a minute in pages of 10 cost what 200 cost in pages of 100. */
const PAGE = 10;
const BACK = 4 * HOUR + 10 * MINUTE;

/** The settings that the runbook gives an account that can wait for its calls. */
const [, patientSettings = ''] =
  /## Spend fewer requests[^]*?```json\n([^]*?)```/.exec(
    readFileSync(new URL('../../docs/operating.md', import.meta.url), 'utf8'),
  ) ?? [];
const PATIENT: Partial<AccountInput> = JSON.parse(patientSettings);

const knobs = {
  calls: { callsPerMinute: 20, lateShare: 0.05, lateTo: 4 * HOUR },
  edits: { share: 0.4, from: MINUTE, to: 24 * HOUR, recordingLateShare: 0.2 },
};
const world = { seed: SEED, startedAt: CALLS.from, historyFrom: CALLS.from, historyTo: CALLS.to, knobs };
const truth = new World({ ...world, knobs: turnKnobs(knobs) });

const isOnTime = ({ insertAt, endAt }: CallSight): boolean => insertAt - endAt < 5 * SECOND;

class Score {
  readonly contender: Contender;
  lost = 0;
  staleAfter28Hours = 0;
  staleAfterThreeDays = 0;

  constructor(contender: Contender) {
    this.contender = contender;
  }

  /** @param at when the world and what the contender has of it are compared */
  note(at: EpochMs): void {
    const has = this.contender.contents();
    const stale = ({ id, raw }: CallSight) => has.get(String(id)) !== raw;
    if (at === DAY_ENDS + DAY)
      this.lost = [...truth.truth(at, CALLS)].filter(({ id }) => !has.has(String(id))).length;
    const hour = { from: at - 29 * HOUR, to: at - 28 * HOUR };
    const isHour = (hour.from - CALLS.from) % HOUR === 0 && hour.from >= CALLS.from && hour.to <= CALLS.to;
    if (isHour)
      this.staleAfter28Hours += [...truth.truth(at, hour)].filter(
        (call) => isOnTime(call) && stale(call),
      ).length;
    if (at === END) this.staleAfterThreeDays = [...truth.truth(at, CALLS)].filter(stale).length;
  }

  get requests(): number {
    return this.contender.requests({ from: CALLS.from, to: CALLS.to + 2 * HOUR });
  }

  /** How long records that appear on time wait to be had: of so many, in whole seconds. */
  wait(share: number): number {
    const { firstHad } = this.contender;
    const waits = [...truth.truth(END, CALLS)]
      .filter(isOnTime)
      .map(({ id, insertAt }) => (firstHad.get(String(id)) ?? Infinity) - insertAt)
      .sort((a, b) => a - b);
    return Math.round((waits[Math.floor(waits.length * share)] ?? 0) / SECOND);
  }
}

/** What reading so far back at every minute costs: more than can be run here. */
const requestsOfEveryMinute = (): number => {
  let requests = 0;
  for (let at = CALLS.from; at < CALLS.to + BACK; at += MINUTE)
    requests += Math.floor(truth.count(at, { from: at - BACK, to: at }) / PAGE) + 1;
  return requests;
};

test(`4,800 calls up to 4 h late and edited up to 24 h, beside two plain pollers (seed ${SEED})`, async () => {
  const account = { pageLimit: PAGE, fetchFrom: '2026-03-10 10:00:00' };
  const own = new Score(new OwnPoller(world, 'this system, every min', account));
  // Who has 200 calls a minute dials at more than 3 a second.
  const patient = new Score(new OwnPoller(world, 'this system, patient', { ...account, ...PATIENT, cps: 6 }));
  const sliding = new Score(new SlidingPoller(world, PAGE, { back: BACK, every: 10 * MINUTE }));
  const naive = new Score(new NewestSeenPoller(world, PAGE));
  const scores = [own, patient, sliding, naive];
  for (let at = CALLS.from; at <= END; at += at < BUSY_UNTIL || at > END - 4 * HOUR ? MINUTE : 10 * MINUTE) {
    for (const score of scores) {
      const { contender } = score;
      // The plain ones have nothing to see any more.
      const isOver = !(contender instanceof OwnPoller) && at > BUSY_UNTIL;
      if (!isOver && (at - CALLS.from) % contender.every === 0) await contender.tick(at);
      score.note(at);
    }
  }

  const everyMinute = requestsOfEveryMinute();
  const rows = scores.map((score) => [
    score.contender.name,
    String(score.requests),
    ...[0.5, 0.99].map((share) => (Number.isFinite(score.wait(share)) ? `${score.wait(share)} s` : 'never')),
    String(score.lost),
    String(score.staleAfter28Hours),
    String(score.staleAfterThreeDays),
  ]);
  rows.push([`${BACK / MINUTE} min back, every min`, String(everyMinute), '', '', '', '', '']);
  const heads = ['reads', 'requests', 'half had in', '99 % in', 'lost, day + 1', 'stale, 28 h', 'stale, 3 d'];
  process.stdout.write(
    `${truth.count(END, CALLS)} records\n${table(heads, rows, 120, [1, 2, 3, 4, 5, 6])}\n`,
  );

  expect(truth.count(END, CALLS)).toBeGreaterThan(4_800);
  expect([own.lost, own.staleAfter28Hours, own.staleAfterThreeDays]).toEqual([0, 0, 0]);
  expect([patient.lost, patient.staleAfter28Hours, patient.staleAfterThreeDays]).toEqual([0, 0, 0]);
  expect(patient.requests).toBeLessThanOrEqual(0.15 * sliding.requests);
  expect(own.requests).toBeLessThan(0.15 * everyMinute);
  expect(own.requests).toBeLessThan(0.6 * sliding.requests);
  // Counted to the end of the tick that sent them.
  expect(own.wait(0.99)).toBeLessThan(120);
  // Both plain pollers leave something wrong, or this world asks for nothing.
  expect(sliding.staleAfter28Hours).toBeGreaterThan(100);
  expect(naive.lost).toBeGreaterThan(1_000);
}, 600_000);
