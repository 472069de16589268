import type { AccountInput } from '../../../shared/contract/account.ts';
import type { TickReport } from '../../../shared/contract/tick.ts';
import {
  type EpochMs,
  HOUR,
  istStamp,
  MINUTE,
  type Ms,
  parseIstStamp,
  SECOND,
} from '../../../shared/core/time.ts';
import { type Effect, type FaultPoint, faultsAt } from './chaos.ts';
import { Draws } from './draws.ts';
import { type Invocation, SimulatedSystem } from './simulated-system.ts';
import { answerTiny, drawTinyWorld, type TinyWorld } from './tiny-source.ts';
import type { Violation } from './witness.ts';

export interface CrashRun {
  readonly seed: number;
  readonly faults: readonly FaultPoint[];
  /** Told of every effect, as it comes. */
  readonly trace?: (line: string) => void;
}

export interface CrashOutcome {
  readonly violations: readonly Violation[];
  /** The effects in which a fault may be put: those before the healing. */
  readonly effects: readonly Effect[];
  readonly records: number;
  /** By account and id: the contents that were sent, first to last. */
  readonly revisions: ReadonlyMap<string, readonly string[]>;
  readonly steps: number;
}

const TICKS = 3;
/** Healing ticks at most: what is owed by then must have been read. */
const HEALING_TICKS = 8;
/** After the last tick every look of the policy below is due. */
const HEALING_AFTER: Ms = 2 * HOUR;
/** Calls began so long before the first tick. */
const PAST: Ms = 10 * MINUTE;

/** A quiet morning, an hour's border between the records, and midnight. */
const BEGINNINGS = ['2026-03-10 09:30:00', '2026-03-10 10:04:00', '2026-03-11 00:03:00'];

/** What a seed decides of a run, besides the order of its effects. */
const drawSetting = (seed: number) => {
  const draws = new Draws(seed, 1);
  const begin = parseIstStamp(draws.of(BEGINNINGS)) ?? 0;
  const spacing = draws.of([MINUTE, 160 * SECOND]);
  const ticks = Array.from({ length: TICKS }, (_, tick) => begin + tick * spacing);
  /** Everything read at every tick, or in as many kinds of look as there are. */
  const isWide = draws.chance(0.5);
  const policy = {
    cps: 3,
    share: 1,
    concurrency: draws.of([1, 1, 2]),
    pageLimit: 4,
    longestCallMinutes: 4,
    liveMinutes: isWide ? 14 : 2,
    liveMinutesWithoutDuration: 14,
    probes: isWide ? [] : [{ ageMinutes: 4, blockMinutes: 5 }],
    edits: [
      ...(isWide ? [] : [1, 2, 3, 5].map((ageMinutes) => ({ ageMinutes, blockMinutes: 1 }))),
      { ageMinutes: 30, blockMinutes: 30 },
    ],
    fetchFrom: istStamp(begin - 2 * PAST),
  };
  const accounts: AccountInput[] = ['alpha', 'beta'].map((name) => ({ name, secretId: name, ...policy }));
  const worlds = new Map(
    accounts.map(({ name }) => [name, drawTinyWorld(name, { ticks, past: PAST }, draws)]),
  );
  return {
    begin,
    ticks,
    accounts,
    worlds,
    lateness: ticks.map(() => draws.of([0, 0, 15 * SECOND])),
    isDoubled: ticks.map(() => draws.chance(0.15)),
    stall: draws.of([100, 170, 300]) * SECOND,
    queue: {
      visibility: draws.of([3, 40, 360]) * SECOND,
      delay: draws.of([0, 5, 100, 400]) * SECOND,
      doubled: draws.of([0, 0.1]),
    },
  };
};

const recordsOf = ({ records }: TinyWorld) =>
  records.map(({ id, startAt, contents }) => ({
    id,
    startAt,
    appearsAt: contents[0]?.at ?? 0,
    newest: contents.at(-1)?.raw ?? '',
  }));

const isDefect = (error: unknown): error is Error =>
  error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;

const isSettled = (reports: readonly TickReport[]): boolean =>
  reports.every(({ outcome, owed }) => outcome === 'done' && Object.keys(owed).length === 0);

/** Offset from the beginning, as the trace shows it. */
const clockText = (at: EpochMs, begin: EpochMs): string => `+${((at - begin) / SECOND).toFixed(3)}s`;

/**
 * One run: three ticks and two consumers under faults, then healing without, then the judgement. Seed and faults
 * decide everything.
 */
export const runCrash = async ({ seed, faults, trace }: CrashRun): Promise<CrashOutcome> => {
  const setting = drawSetting(seed);
  const { begin, ticks, accounts, worlds } = setting;
  const effects: Effect[] = [];
  let isHealing = false;
  const planned = faultsAt(faults);
  const system = new SimulatedSystem({
    seed,
    startedAt: begin,
    accounts,
    secrets: { alpha: '{"email":"poller","password":"made up"}', beta: '{"token":"made.up"}' },
    answer: (account, query, at) => {
      const world = worlds.get(account);
      return world ? answerTiny(world, query, at) : { count: 0, limit: undefined, records: [] };
    },
    records: new Map([...worlds].map(([account, world]) => [account, recordsOf(world)])),
    queue: setting.queue,
    chaos: {
      plan: (effect) => (isHealing ? undefined : planned(effect)),
      stall: setting.stall,
      onEffect: (effect, fault, what) => {
        if (!isHealing) effects.push(effect);
        trace?.(
          `${String(effect.ordinal).padStart(4)} ${clockText(effect.at, begin).padStart(10)} ${effect.process.padEnd(12)} ${effect.name} ${what}${fault ? `   <<< ${fault}` : ''}`,
        );
      },
    },
  });
  const { scheduler, queue, witness } = system;
  const invocations: Invocation[] = [];
  const tick = (at: EpochMs): Invocation => {
    const invocation = system.startPoller(at);
    invocations.push(invocation);
    return invocation;
  };

  system.startConsumers(2);
  for (const [number, at] of ticks.entries()) {
    await scheduler.run(at + (setting.lateness[number] ?? 0));
    tick(at);
    if (setting.isDoubled[number]) tick(at);
  }
  await scheduler.run((ticks.at(-1) ?? begin) + MINUTE);
  const healing = (ticks.at(-1) ?? begin) + HEALING_AFTER;
  isHealing = true;
  trace?.('healing');
  await scheduler.run(healing);
  let isHealed = false;
  for (let number = 0; number < HEALING_TICKS && !isHealed; number += 1) {
    await scheduler.run(healing + number * MINUTE);
    const { process } = tick(healing + number * MINUTE);
    await scheduler.run(scheduler.now + 50 * MINUTE, () => !process.isAlive && queue.isEmpty);
    isHealed = isSettled(invocations.at(-1)?.reports ?? []) && queue.isEmpty;
  }
  if (!isHealed) {
    const { reports, error } = invocations.at(-1) ?? {};
    witness.blame(
      'not-converged',
      `${queue.isEmpty ? '' : 'messages are left; '}${JSON.stringify(reports)} ${String(error)}`,
    );
  }
  for (const { error } of invocations) if (isDefect(error)) witness.blame('defect', `${error.stack}`);
  witness.judgeEnd({ objects: system.objects.objects, calls: system.index.calls, events: system.bus.events });
  if (faults.length === 0) witness.judgeRepeats();
  const records = [...worlds.values()].reduce((sum, world) => sum + world.records.length, 0);
  const { violations, contents: revisions } = witness;
  return { violations, effects, records, revisions, steps: scheduler.steps };
};
