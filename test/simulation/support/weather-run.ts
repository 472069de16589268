import { writeQuery } from '../../../shared/adapters/smartflo-http.ts';
import { readPage } from '../../../shared/adapters/smartflo-answer.ts';
import type { AccountInput } from '../../../shared/contract/account.ts';
import { compileVolatilePaths } from '../../../shared/core/content-hash.ts';
import { coveredTo } from '../../../shared/core/coverage.ts';
import {
  DAY,
  type EpochMs,
  HOUR,
  istStamp,
  MINUTE,
  type Ms,
  parseIstStamp,
  SECOND,
} from '../../../shared/core/time.ts';
import { contains, type Window } from '../../../shared/core/window.ts';
import { SourceError } from '../../../shared/ports/source.ts';
import { FakeSmartflo } from '../../../local/fake-smartflo/api.ts';
import type { KnobChanges } from '../../../local/fake-smartflo/knobs.ts';
import {
  archivedContents,
  compare,
  contentsAt,
  indexedContents,
  unpublished,
} from '../../support/contents.ts';
import { type Effect, type FaultKind, faultKindsOf } from './chaos.ts';
import { Draws } from './draws.ts';
import { type Invocation, SimulatedSystem } from './simulated-system.ts';

/** What may be gone for hours, and by what its effects are known. */
const SERVICES = {
  source: ['source.'],
  queue: ['queue.'],
  table: ['ledger.', 'sessions.', 'index.'],
  bucket: ['objects.'],
  bus: ['bus.'],
} as const;
type Service = keyof typeof SERVICES;
const NAMES: readonly Service[] = ['source', 'queue', 'table', 'bucket', 'bus'];

const BEGIN = parseIstStamp('2026-03-10 09:00:00') ?? 0;
const DAYS = 7;
/** The longest that a service may be gone without a hand being needed. */
const LONGEST: Ms = 8 * HOUR;
/** Faults come in the first half; one round of looks, the last of them three days after a day's end, heals the rest. */
const STORM = { from: BEGIN, to: BEGIN + 2.5 * DAY };
const CALLS = { from: BEGIN - 2 * HOUR, to: BEGIN + 2.5 * DAY };
const END = BEGIN + DAYS * DAY;
/** Fresh calls are read again so soon after the last fault. */
const RECOVERY: Ms = 20 * MINUTE;
/** As the template sets them. */
const VISIBILITY: Ms = 6 * MINUTE;
const MOST_RECEIVES = 200;

interface Outage extends Window {
  readonly service: Service;
  /** Of its effects so many fail. */
  readonly share: number;
}

export interface WeatherOutcome {
  readonly violations: readonly { readonly check: string; readonly detail: string }[];
  readonly records: number;
  readonly ticks: number;
  readonly faults: number;
  readonly events: number;
  /** Outages of eight hours, by service. */
  readonly outages: Readonly<Record<string, number>>;
}

/** One outage of eight hours, and others, one after the other, with a while between them. */
const drawOutages = (seed: number, draws: Draws): Outage[] => {
  const outages: Outage[] = [];
  const longest = draws.below(3);
  let at = STORM.from + draws.below(6 * HOUR);
  for (let number = 0; at < STORM.to; number += 1) {
    const service = number === longest ? (NAMES[seed % NAMES.length] ?? 'source') : draws.of(NAMES);
    const length = number === longest ? LONGEST : Math.round(5 * MINUTE * 40 ** draws.unit());
    const to = Math.min(at + length, STORM.to);
    outages.push({ service, from: at, to, share: draws.of([1, 1, 0.7]) });
    at = to + 30 * MINUTE + draws.below(8 * HOUR);
  }
  return outages;
};

/** What a seed decides of a run, besides the order of its effects. */
const drawSetting = (seed: number) => {
  const draws = new Draws(seed, 21);
  const outages = drawOutages(seed, draws);
  const throttles = Array.from({ length: draws.between(0, 4) }, () => {
    const from = STORM.from + draws.below(STORM.to - STORM.from);
    return { from, to: Math.min(STORM.to, from + draws.between(1, 90) * MINUTE) };
  });
  const knobs = {
    calls: { callsPerMinute: 0.15, lateShare: 0.05, lateTo: 4 * HOUR, understatedShare: 0.05 },
    edits: { share: 0.4, to: 24 * HOUR, revertShare: 0.3, recordingLateShare: 0.2 },
    listing: {
      rotatingTokens: true,
      limitCap: draws.of([1000, 10]),
      limitEcho: draws.of(['used', 'asked']),
      pastTheEnd: draws.of(['empty', 'last-page']),
      count: draws.of(['moving', 'frozen']),
    },
    rate: { cps: 3, retryAfter: draws.of([undefined, 1, 30]) },
    faults: {
      share: draws.of([0, 0.02, 0.1]),
      kinds: [
        'server-error',
        'bad-gateway',
        'rate-limited',
        'html',
        'failure-200',
        'truncated',
        'cut',
        'reset',
        'not-a-page',
      ],
      plan: throttles.map(({ from, to }) => ({
        kind: 'rate-limited' as const,
        between: [from, to] as const,
      })),
    },
  } satisfies KnobChanges;
  return {
    draws,
    outages,
    longest: outages.find(({ from, to }) => to - from === LONGEST)?.service,
    knobs,
    /** Of all effects in the storm so many fail on their own. */
    noise: draws.of([0, 0.002, 0.02]),
    /** How far the source's clock is off. */
    sourceSkew: draws.of([0, 0, -10, 10]) * MINUTE,
    /** How far the functions' clocks are off, each. */
    skew: draws.of([0, 10]) * MINUTE,
    ticks: { run: draws.of([0.1, 0.2, 0.3]), late: draws.of([0, 0.2]), doubled: draws.of([0, 0.1]) },
    queue: {
      visibility: VISIBILITY,
      delay: draws.of([0, 30, 900]) * SECOND,
      doubled: draws.of([0, 0.1, 0.5]),
    },
  };
};

/**
 * Seven days of one account under weather: outages of up to eight hours of one service after the other, and beside
 * them whatever else may go wrong. Judged when the last fault has been over for a round of looks.
 */
export const runWeather = async (seed: number, trace?: (line: string) => void): Promise<WeatherOutcome> => {
  const { draws, outages, longest, knobs, noise, sourceSkew, skew, ticks, queue } = drawSetting(seed);
  const violations: { check: string; detail: string }[] = [];
  const blame = (check: string, detail: string) => violations.push({ check, detail });
  let faults = 0;

  const faultAt = ({ name, at }: Effect): FaultKind | undefined => {
    if (!contains(STORM, at)) return undefined;
    const outage = outages.find((other) => contains(other, at));
    const isOut = outage && SERVICES[outage.service].some((port) => name.startsWith(port));
    if (isOut && draws.chance(outage.share)) return draws.chance(0.9) ? 'refused' : 'reply-lost';
    return draws.chance(noise) ? draws.of(faultKindsOf(name)) : undefined;
  };
  const clock = { real: (): EpochMs => system.scheduler.now + sourceSkew };
  const fake: FakeSmartflo = new FakeSmartflo({
    seed,
    knobs,
    clock: { real: () => clock.real() },
    startedAt: BEGIN + sourceSkew,
    historyFrom: CALLS.from + sourceSkew,
    historyTo: CALLS.to + sourceSkew,
  });
  const account: AccountInput = {
    name: 'main',
    secretId: 'secret',
    pageLimit: 20,
    fetchFrom: istStamp(CALLS.from - 20 * MINUTE),
    edits: [
      { ageMinutes: 60, blockMinutes: 15 },
      { ageMinutes: 360, blockMinutes: 60 },
      { ageMinutes: 1560, blockMinutes: 60 },
      { ageMinutes: 4320, blockMinutes: 1440 },
    ],
  };
  const system: SimulatedSystem = new SimulatedSystem({
    seed,
    startedAt: BEGIN,
    accounts: [account],
    secrets: { secret: '{"email":"poller","password":"made up"}' },
    answer: (_account, query, at) => {
      const answer = fake.answer({
        method: 'GET',
        path: `/v1/call/records?${writeQuery(query)}`,
        headers: { authorization: 'Bearer fake-token' },
      });
      if (answer.ending !== 'whole') throw new SourceError('transient', 'connection-lost', 'made up');
      return readPage(
        { status: answer.status, headers: answer.headers, body: Buffer.from(answer.body, 'latin1') },
        at,
        0,
      );
    },
    queue,
    skew: () => (skew === 0 ? 0 : draws.between(-skew, skew)),
    chaos: {
      plan: faultAt,
      stall: 170 * SECOND,
      onEffect: (effect, fault, what) => {
        if (fault) faults += 1;
        trace?.(
          `${istStamp(effect.at)} ${effect.process.padEnd(14)} ${effect.name} ${what}${fault ? `   <<< ${fault}` : ''}`,
        );
      },
    },
  });
  for (const { service, from, to } of outages)
    trace?.(`${service} is out from ${istStamp(from)} to ${istStamp(to)}`);

  const { scheduler } = system;
  const invocations: Invocation[] = [];
  let begun = 0;
  const tick = async (at: EpochMs, lateness: Ms = 0): Promise<Invocation> => {
    await scheduler.run(at + lateness);
    begun += 1;
    const invocation = system.startPoller(at);
    const { error } = invocations.at(-1) ?? {};
    if (error instanceof TypeError || error instanceof RangeError) blame('defect', String(error.stack));
    invocations.splice(0, invocations.length, invocation);
    return invocation;
  };
  const calm = async (from: EpochMs, to: EpochMs, every: Ms) => {
    for (let at = from; at < to; at += every) await tick(at);
  };

  system.startConsumers(2);
  for (let at = STORM.from; at < STORM.to; at += MINUTE) {
    if (!draws.chance(ticks.run)) continue;
    await tick(at, draws.chance(ticks.late) ? draws.below(MINUTE) : 0);
    if (draws.chance(ticks.doubled)) await tick(at, scheduler.now - at);
  }
  trace?.('the storm is over');
  fake.knobs.faults.share = 0;
  await calm(STORM.to, STORM.to + RECOVERY, MINUTE);
  const state = (await system.ledger.load('main'))?.value;
  const covered = coveredTo(state?.coverage ?? [], state?.liveFrom ?? 0);
  if (covered < STORM.to)
    blame('not-recovered', `covered to ${istStamp(covered)}, ${RECOVERY / MINUTE} min after the storm`);

  await calm(STORM.to + RECOVERY, END, 15 * MINUTE);
  const last = await tick(END);
  await scheduler.run(END + HOUR, () => !last.process.isAlive && system.queue.isEmpty);
  const [report] = last.reports ?? [];
  if (!system.queue.isEmpty) blame('not-converged', 'messages are left');
  if (report?.outcome !== 'done' || Object.keys(report.owed).length > 0)
    blame('not-converged', JSON.stringify(last));
  if (system.queue.mostReceives > MOST_RECEIVES)
    blame('dead-letters', `a message was received ${system.queue.mostReceives} times`);

  const volatile = compileVolatilePaths(['recording_url?token']);
  const { historyFrom: from, historyTo: to } = fake.world;
  const truth = contentsAt(fake.world, clock.real(), { from, to }, volatile);
  const places = {
    archive: archivedContents(system.objects.objects, volatile),
    index: indexedContents(system.index.calls),
  };
  for (const [place, contents] of Object.entries(places))
    for (const [what, keys] of Object.entries(compare(truth, contents)))
      if (keys.length > 0) blame(what, `${place}: ${keys.length}, ${keys.slice(0, 5).join(', ')}`);
  const silent = unpublished(system.index.calls, system.bus.events);
  if (silent.length > 0) blame('silent', `${silent.length}: ${silent.slice(0, 5).join(', ')}`);
  const setAside = [...system.objects.objects.keys()].filter((key) => key.startsWith('quarantine/'));
  if (setAside.length > 0) blame('set-aside', setAside.slice(0, 5).join(', '));
  return {
    violations,
    records: truth.size,
    ticks: begun,
    faults,
    events: system.bus.events.length,
    outages: { [`8 h without ${longest}`]: 1 },
  };
};
