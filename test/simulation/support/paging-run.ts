import { type Coverage, coveredIn, gapsIn } from '../../../shared/core/coverage.ts';
import { compileVolatilePaths, readContent } from '../../../shared/core/content-hash.ts';
import {
  type EpochMs,
  HOUR,
  istStamp,
  MINUTE,
  type Ms,
  parseIstStamp,
  SECOND,
} from '../../../shared/core/time.ts';
import type { Window } from '../../../shared/core/window.ts';
import type { KnobChanges, PlantedCall, TimeField } from '../../../local/fake-smartflo/knobs.ts';
import type { CallSight } from '../../../local/fake-smartflo/call-sight.ts';
import { PolledAccount } from '../../support/polled-account.ts';
import { disagreement } from '../../support/world-check.ts';
import { Draws } from './draws.ts';

const NOW = parseIstStamp('2026-03-10 12:00:00') ?? 0;
const AGE = 6 * HOUR;
/** The calls of a run began six hours before its first tick: their windows are closed, by whatever time they are asked. */
const FROM = NOW - AGE;
/** Ticks until everything is read at most; a window that does not settle is halved at every other. */
const MOST_TICKS = 60;
/** Later looks come at eight hours. */
const LAST_LOOK = NOW + 5 * HOUR;

export interface PagingOutcome {
  readonly violations: readonly string[];
  readonly records: number;
  readonly requests: number;
  /** Ticks until no gap was left. */
  readonly ticks: number;
  readonly exceptions: number;
  /** One that lay in a window while it was read and covered, was not shown, and came with the next look. */
  readonly healed: number;
}

/** What stands in the way of a plain listing. */
const ODDITIES = ['none', 'unlisted', 'nameless', 'twins', 'hostile-ids', 'hostile-dates'] as const;

/** Several that stand in one second, so that their order may be any. */
const tied = (draws: Draws, count: number): PlantedCall[] =>
  Array.from({ length: count }, () => ({
    startAt: FROM + 30 * SECOND + draws.below(SECOND),
    life: 40 * SECOND + draws.below(500),
  }));

/** Some that come and some that go while the first tick is at work. */
const comingAndGoing = (draws: Draws, span: Ms): PlantedCall[] =>
  Array.from({ length: draws.between(1, 6) }, () => {
    const call = { startAt: FROM + draws.below(span), life: draws.between(5, 90) * SECOND };
    const toTheTick = NOW + draws.below(20 * SECOND) - call.startAt - call.life;
    return draws.chance(0.5)
      ? { ...call, insertDelay: toTheTick }
      : { ...call, insertDelay: 2500, goneAfter: toTheTick - 2500 };
  });

/** What a seed decides of a run. */
const drawSetting = (seed: number) => {
  const draws = new Draws(seed, 11);
  const span = draws.between(1, 12) * MINUTE;
  const oddity = draws.of(ODDITIES);
  const mayLookForeign = oddity === 'hostile-dates' || oddity === 'hostile-ids';
  const filterOn: TimeField = draws.of(['start', 'start', 'end', 'insert']);
  // Large enough for records with odd times not to be the greater part of a first page: that stops the account.
  const pageLimit = mayLookForeign ? draws.between(6, 9) : draws.between(3, 8);
  const planted = [
    ...(draws.chance(0.4) ? tied(draws, draws.between(2, pageLimit + 2)) : []),
    ...(draws.chance(0.6) ? comingAndGoing(draws, span) : []),
  ];
  const knobs = {
    calls: { callsPerMinute: draws.between(6, 18) / (span / MINUTE), planted, lateTo: AGE },
    identity: {
      missingShare: oddity === 'nameless' ? 0.2 : 0,
      repeatedShare: oddity === 'twins' ? 0.2 : 0,
      hostileShare: oddity === 'hostile-ids' ? 0.3 : 0,
    },
    drift: { hostileDateShare: oddity === 'hostile-dates' ? 0.1 : 0 },
    listing: {
      filterOn,
      limitCap: draws.of([1000, pageLimit, draws.between(mayLookForeign ? 5 : 2, pageLimit)]),
      limitEcho: draws.of(['used', 'asked']),
      pastTheEnd: draws.of(['empty', 'last-page', 'error']),
      sortBy: draws.of(['start', 'start', 'end', 'insert', 'id']),
      order: draws.of(['desc', 'asc']),
      ties: draws.of(['stable', 'shuffled']),
      fromInclusive: draws.chance(0.5),
      toInclusive: draws.chance(0.5),
      subSecond: draws.chance(0.5),
      count: draws.of(['moving', 'frozen']),
      numbersAs: draws.of(['number', 'string']),
      shiftShare: draws.of([0, 0, 0.1, 0.3]),
      rotatingTokens: draws.chance(0.5),
    },
    faults: { latency: draws.of([0, 80, 700]) },
  } satisfies KnobChanges;
  return { draws, span, oddity, pageLimit, knobs, resorts: draws.of([0, 0, 0.1, 0.2]) };
};

const volatile = compileVolatilePaths(['recording_url?token']);

const name = ({ id, startAt }: CallSight): string => `${id} (${istStamp(startAt)})`;

/** What became covered of a window. */
const newlyCovered = (window: Window, before: Coverage, after: Coverage): Window[] =>
  gapsIn(before, window).flatMap((gap) => coveredIn(after, gap));

/**
 * One closed window, full of what may go wrong between two pages, polled until nothing of it is owed, and looked at
 * once more an hour later, in peace. The seed decides everything.
 */
export const runPaging = async (seed: number, trace?: (line: string) => void): Promise<PagingOutcome> => {
  const { draws, span, oddity, pageLimit, knobs, resorts } = drawSetting(seed);
  const violations: string[] = [];
  const polled: PolledAccount = new PolledAccount(
    { seed, startedAt: NOW, historyFrom: FROM, historyTo: FROM + span, knobs },
    {
      pageLimit,
      fetchFrom: istStamp(FROM),
      probes: [{ ageMinutes: 20, blockMinutes: 15 }],
      edits: [{ ageMinutes: 480, blockMinutes: 15 }],
    },
    () => {
      for (const { at, params, status } of trace ? fake.requests.splice(0) : [])
        trace?.(`${istStamp(at)} ${new URLSearchParams(params).toString()} ${status}`);
      if (!draws.chance(resorts)) return;
      listing.sortBy = draws.of(['start', 'end', 'insert', 'id']);
      listing.order = draws.of(['desc', 'asc']);
    },
  );
  const { fake, clock } = polled;
  const { listing } = fake.knobs;
  const all = fake.world.recordsVisible(NOW + 2 * HOUR, { from: FROM, to: FROM + span });
  const gone = [...fake.world.vanished(NOW + 2 * HOUR)];
  const oddStart = oddity === 'unlisted' ? draws.of(all).startAt : undefined;
  if (oddStart !== undefined) listing.unlisted = ({ startAt }) => startAt === oddStart;

  const sent = new Set<string>();
  let unpacked = 0;
  const unpack = () => {
    for (const { lines } of polled.messages().slice(unpacked))
      for (const line of lines) sent.add(readContent(line, volatile).hash);
    unpacked = polled.queue.bodies.length;
  };
  const asked = { from: FROM, to: NOW };
  /** Records that the source shows at both instants and that were not sent, of those that a window is asked for by. */
  const unsent = (window: Window, since: EpochMs) =>
    fake.world
      .recordsVisible(clock.at, window, knobs.listing.filterOn)
      .filter(({ insertAt, startAt }) => insertAt <= since && startAt !== oddStart)
      .filter(({ raw }) => !sent.has(readContent(raw, volatile).hash));

  let coverage: Coverage = [];
  let healed = 0;
  let ticks = 0;
  const tick = async (at: EpochMs) => {
    const began = Math.max(clock.at, at);
    const { outcome, owed } = await polled.tick(began);
    unpack();
    if (outcome !== 'done') violations.push(`tick ${ticks}: ${outcome}`);
    const state = (await polled.ledger.load('main'))?.value;
    if (!state) throw new Error('the ledger has no state');
    const duringTick = (instant: EpochMs) => began <= instant && instant <= clock.at;
    const isRestless =
      all.some(({ insertAt }) => duringTick(insertAt)) && gone.some(({ goneAt }) => duringTick(goneAt));
    for (const window of newlyCovered(asked, coverage, state.coverage)) {
      const missed = unsent(window, began);
      // One gone and one come between two pages: the count stood still, and a third may have slipped through.
      if (isRestless) healed += missed.length;
      else violations.push(...missed.map((call) => `${name(call)} was covered and not sent`));
    }
    coverage = state.coverage;
    return Object.keys(owed).length === 0;
  };

  while (!(await tick(NOW + ticks * MINUTE)) && ticks < MOST_TICKS) ticks += 1;
  if (ticks === MOST_TICKS) violations.push('it does not end');
  const exceptions = polled.telemetry.counts.get('Exceptions') ?? 0;
  const requests = fake.requestCount;

  listing.shiftShare = 0;
  listing.ties = 'stable';
  for (let late = 0; late < MOST_TICKS && !(await tick(LAST_LOOK + late * MINUTE)); late += 1);
  violations.push(...unsent(asked, clock.at).map((call) => `${name(call)} was never sent`));
  for (const [what, keys] of Object.entries(disagreement(polled, { from: FROM, to: FROM + span })))
    if (keys.length > 0) violations.push(`${what}: ${keys.join(', ')}`);
  return { violations, records: all.length, requests, ticks: ticks + 1, exceptions, healed };
};
