import { isDeepStrictEqual } from 'node:util';
import {
  CUTOVER_KEY,
  LATE,
  lateHour,
  parseLateKey,
  RAW,
  rawDay,
} from '../../shared/contract/bucket-layout.ts';
import { type CompactionOrder, type CompactionReport, Cutover } from '../../shared/contract/compaction.ts';
import { DAY, HOUR, istDate, type Ms, MINUTE } from '../../shared/core/time.ts';
import type { CallsView } from '../../shared/ports/calls-view.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import { CUT, type Cut, compactDay, type DayOutcome, type PieceAhead } from './compact-day.ts';
import { GENERATION, type PiecePorts } from './piece.ts';
import { NotCurated, TimeUp } from './raw-day.ts';

export interface CompactionPorts extends PiecePorts {
  /** Undefined where nobody asks by a view that must be moved. */
  readonly view: CallsView | undefined;
  readonly telemetry: Telemetry;
}

/** As the account's setting has them by default: an account that is gone from the configuration is still curated. */
const USUAL_PATHS = ['recording_url?token'];

/**
 * A day is curated this much after it is old enough. Who brings an object marks it as late by the clock, so an object
 * that came unmarked at the last moment is there when its day is first listed.
 */
const SLACK: Ms = HOUR;

/** No piece begins with less time, or with less than this for each of its lines: half as much again as it takes. */
const LEAST_TIME: Ms = MINUTE;
const LINE_TIME: Ms = 0.7;

interface DueDay {
  readonly account: string;
  readonly dt: string;
}

/** A day that is being made. */
interface DayWork extends DueDay {
  readonly steps: AsyncGenerator<PieceAhead, DayOutcome, undefined>;
  /** What its last step came to; undefined before the first. */
  step: IteratorResult<PieceAhead, DayOutcome> | undefined;
}

/**
 * Curates what is due: first the days for which something has come late, then those that have become old enough,
 * oldest first. A day that is too large for one turn lets the others go before its next piece; what the time does not
 * suffice for, the next run finds half done. Then `calls` changes over to files for all of these at once: in the
 * document that owns the date, then in the view that follows it.
 *
 * A day that fails keeps no other from being curated; only the change-over waits for it.
 *
 * @throws after all that, where a day has failed: that is how somebody is told, and the next run tries again.
 */
export const compact = async (
  { scheduledAt, curatedAfterDays, volatilePaths }: CompactionOrder,
  ports: CompactionPorts,
  cut: Cut = CUT,
): Promise<CompactionReport> => {
  const { objects, telemetry } = ports;
  const stored = await objects.read(CUTOVER_KEY);
  const before = stored && Cutover.parse(JSON.parse(Buffer.from(stored.body).toString()));
  const due = istDate(scheduledAt - SLACK - curatedAfterDays * DAY);
  // A longer `curatedAfterDays` than before does not take back what files are asked for already.
  const asked = before && before.rawFrom > due ? before.rawFrom : due;
  const late = (await listMarks(ports, before?.marksFrom)).filter(({ dt }) => dt < asked);
  const done = before?.generation === GENERATION ? before.rawFrom : '';
  const old = (await listDays(ports, done)).filter(({ dt }) => dt < asked);

  const report = { days: 0, records: 0, owed: 0 };
  let failed = 0;
  /** One piece of a day, and whatever that completes. @returns whether the day is done; undefined where it is left */
  const takeTurn = async (work: DayWork): Promise<boolean | undefined> => {
    const { account, dt, steps } = work;
    try {
      if (ports.timeLeft() < LEAST_TIME) throw new TimeUp();
      let step = work.step ?? (await steps.next());
      if (!step.done) {
        if (ports.timeLeft() < Math.max(LEAST_TIME, LINE_TIME * step.value.lines)) throw new TimeUp();
        step = await steps.next();
      }
      work.step = step;
      if (!step.done) return false;
      if (step.value.kind !== 'made') return true;
      const { records, files, bytes } = step.value;
      report.days += 1;
      report.records += records;
      telemetry.log('info', 'day curated', { account, dt, records, files, bytes });
      return true;
    } catch (error) {
      if (error instanceof TimeUp) {
        if (work.step?.done === false)
          telemetry.log('info', 'day goes on in the next run', {
            account,
            dt,
            pieces: `${work.step.value.made} of ${work.step.value.of}`,
          });
        return undefined;
      }
      // Of others the name alone: a message may quote what could not be read.
      const reason =
        error instanceof NotCurated ? error.message : error instanceof Error ? error.name : 'unknown';
      failed += 1;
      telemetry.log('error', 'day could not be curated', { account, dt, reason });
      return undefined;
    }
  };
  const queue = uniqueDays([...late, ...old]).map(({ account, dt }): DayWork => {
    const day = { account, dt, volatilePaths: volatilePaths[account] ?? USUAL_PATHS };
    return { account, dt, steps: compactDay(day, ports, cut), step: undefined };
  });
  const left: DueDay[] = [];
  for (let work = queue.shift(); work; work = queue.shift()) {
    const isDone = await takeTurn(work);
    if (isDone === false) queue.push(work);
    if (isDone === undefined) left.push(work);
  }
  report.owed = left.length;
  telemetry.count('DaysNotCurated', report.owed);

  // A day that was curated before is asked as it was.
  const [incomplete] = left
    .map(({ dt }) => dt)
    .filter((dt) => dt >= done)
    .sort();
  const rawFrom = incomplete ?? asked;
  // The hour before is looked through once more: who marks may have begun in it and ended after this run did.
  const marked = new Set(late.map(nameOf));
  const isLateLeft = left.some((day) => marked.has(nameOf(day)));
  const marksFrom = isLateLeft ? (before?.marksFrom ?? LATE) : lateHour(scheduledAt - HOUR);
  const after: Cutover = { version: 1, rawFrom, marksFrom, generation: GENERATION };
  if (!before || !isDeepStrictEqual(after, before))
    await objects.replace(CUTOVER_KEY, Buffer.from(JSON.stringify(after)), stored?.version);
  if ((await ports.view?.readRawFrom(rawFrom)) === 'moved')
    telemetry.log('info', 'calls has changed over', { rawFrom });
  if (failed > 0) throw new Error(`days that could not be curated: ${failed}; the log tells why`);
  return { ...report, rawFrom };
};

/** Days for which something has come that they may not hold, oldest first. */
const listMarks = async ({ objects }: CompactionPorts, from: string = LATE): Promise<DueDay[]> => {
  const marked: DueDay[] = [];
  for await (const key of objects.list(LATE, from)) {
    const day = parseLateKey(key);
    if (day) marked.push(day);
  }
  return uniqueDays(marked).sort(byDate);
};

/** Days of the raw archive from a date on, oldest first. `dt=unknown` is no day: it is never curated. */
const listDays = async ({ objects }: CompactionPorts, from: string): Promise<DueDay[]> => {
  const days: DueDay[] = [];
  for await (const folder of objects.folders(RAW)) {
    const account = /^account=([^/]+)\/$/.exec(folder)?.[1];
    if (account === undefined) continue;
    for await (const name of objects.folders(`${RAW}${folder}`)) {
      const dt = /^dt=(\d{4}-\d{2}-\d{2})\/$/.exec(name)?.[1];
      if (dt !== undefined && dt >= from) days.push({ account, dt });
    }
  }
  return days.sort(byDate);
};

const nameOf = ({ account, dt }: DueDay): string => rawDay(account, dt);

const uniqueDays = (days: readonly DueDay[]): DueDay[] => [
  ...new Map(days.map((day) => [nameOf(day), day])).values(),
];

const byDate = (a: DueDay, b: DueDay): number => (a.dt < b.dt ? -1 : a.dt > b.dt ? 1 : 0);
