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
import { compileVolatilePaths } from '../../shared/core/content-hash.ts';
import { DAY, HOUR, istDate, type Ms, MINUTE } from '../../shared/core/time.ts';
import type { CallsView } from '../../shared/ports/calls-view.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import { compactDay, GENERATION } from './compact-day.ts';
import type { DayTablePorts } from './day-table.ts';
import { NotCurated } from './raw-day.ts';

export interface CompactionPorts extends DayTablePorts {
  /** Undefined where nobody asks by a view that must be moved. */
  readonly view: CallsView | undefined;
  readonly telemetry: Telemetry;
  /** What is left of the invocation. */
  timeLeft(): Ms;
}

/** As the account's setting has them by default: an account that is gone from the configuration is still curated. */
const USUAL_PATHS = ['recording_url?token'];

/**
 * A day is curated this much after it is old enough. Who brings an object marks it as late by the clock, so an object
 * that came unmarked at the last moment is there when its day is first listed.
 */
const SLACK: Ms = HOUR;

/** No day begins with less time, or with less than this times the longest so far. */
const LEAST_TIME: Ms = MINUTE;
const LONGER = 1.5;

interface DueDay {
  readonly account: string;
  readonly dt: string;
}

/**
 * Curates what is due: first the days for which something has come late, then those that have become old enough,
 * oldest first. Then `calls` changes over to files for all of these at once: in the document that owns the date, then
 * in the view that follows it.
 *
 * A day that fails keeps no other from being curated; only the change-over waits for it.
 *
 * @throws after all that, where a day has failed: that is how somebody is told, and the next run tries again.
 */
export const compact = async (
  { scheduledAt, curatedAfterDays, volatilePaths }: CompactionOrder,
  ports: CompactionPorts,
): Promise<CompactionReport> => {
  const { objects, telemetry } = ports;
  const stored = await objects.read(CUTOVER_KEY);
  const before = stored && Cutover.parse(JSON.parse(Buffer.from(stored.body).toString()));
  const due = istDate(scheduledAt - SLACK - curatedAfterDays * DAY);
  // A longer `curatedAfterDays` than before does not take back what files are asked for already.
  const asked = before && before.rawFrom > due ? before.rawFrom : due;
  const late = (await listMarks(ports, before?.marksFrom)).filter(({ dt }) => dt < asked);
  const done = before?.generation === GENERATION ? before.rawFrom : undefined;
  const old = (await listDays(ports, done)).filter(({ dt }) => dt < asked);

  const report = { days: 0, records: 0, owed: 0 };
  let failed = 0;
  let longest: Ms = 0;
  /** @returns whether the day is as it should be */
  const curate = async ({ account, dt }: DueDay): Promise<boolean> => {
    const began = ports.timeLeft();
    try {
      if (began < Math.max(LEAST_TIME, LONGER * longest)) return false;
      const volatile = compileVolatilePaths(volatilePaths[account] ?? USUAL_PATHS);
      const outcome = await compactDay({ account, dt, volatile }, ports);
      if (outcome.kind !== 'made') return true;
      report.days += 1;
      report.records += outcome.records;
      const { records, files, bytes } = outcome;
      telemetry.log('info', 'day curated', { account, dt, records, files, bytes });
      return true;
    } catch (error) {
      // Of others the name alone: a message may quote what could not be read.
      const reason =
        error instanceof NotCurated ? error.message : error instanceof Error ? error.name : 'unknown';
      failed += 1;
      telemetry.log('error', 'day could not be curated', { account, dt, reason });
      return false;
    } finally {
      longest = Math.max(longest, began - ports.timeLeft());
    }
  };
  const notDone = async (days: readonly DueDay[]): Promise<DueDay[]> => {
    const left: DueDay[] = [];
    for (const day of days) if (!(await curate(day))) left.push(day);
    return left;
  };
  const lateLeft = await notDone(late);
  const oldLeft = await notDone(old);
  report.owed = lateLeft.length + oldLeft.length;
  telemetry.count('DaysNotCurated', report.owed);

  const [incomplete] = oldLeft.map(({ dt }) => dt).sort();
  const rawFrom = incomplete ?? asked;
  // The hour before is looked through once more: who marks may have begun in it and ended after this run did.
  const marksFrom = lateLeft.length > 0 ? (before?.marksFrom ?? LATE) : lateHour(scheduledAt - HOUR);
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
  const marked = new Map<string, DueDay>();
  for await (const key of objects.list(LATE, from)) {
    const day = parseLateKey(key);
    if (day) marked.set(rawDay(day.account, day.dt), day);
  }
  return [...marked.values()].sort(byDate);
};

/** Days of the raw archive from a date on, oldest first. `dt=unknown` is no day: it is never curated. */
const listDays = async ({ objects }: CompactionPorts, from = ''): Promise<DueDay[]> => {
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

const byDate = (a: DueDay, b: DueDay): number => (a.dt < b.dt ? -1 : a.dt > b.dt ? 1 : 0);
