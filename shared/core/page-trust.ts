import { FILTER_TIMES, type FilterTime } from './account-state.ts';
import type { CallTimes } from './call-times.ts';
import { type EpochMs, MINUTE, type Ms, SECOND } from './time.ts';
import { contains, overlaps, type Window, widen } from './window.ts';

/** Bounds are whole seconds and may count or not, and stored times may have fractions. */
const EDGE: Ms = 2 * SECOND;
/** A record is stored some time after hang-up. */
const AFTERLIFE: Ms = 10 * MINUTE;
/** Fewer rows than this prove nothing about the parameters. */
const ROWS_THAT_PROVE = 2;

/** The time of a record by which the source filters. */
export const filterTime = (times: CallTimes, filterOn: FilterTime): EpochMs | undefined =>
  filterOn === 'start' ? times.startAt : filterOn === 'end' ? times.endAt : times.insertedAt;

/**
 * A row is strange in a window when its life and its insert time both miss it. What can't be read can't
 * be held against it.
 */
export const isStrange = (times: CallTimes, window: Window): boolean => {
  const wide = widen(window, EDGE);
  const { startAt, endAt, insertedAt } = times;
  if (startAt === undefined && endAt === undefined)
    return insertedAt !== undefined && !contains(wide, insertedAt);
  const from = startAt ?? endAt ?? 0;
  const life = { from, to: Math.max(from, endAt ?? from) + AFTERLIFE };
  return !overlaps(life, wide) && !(insertedAt !== undefined && contains(wide, insertedAt));
};

/**
 * Whether a page shows that the source ignored the window: more than half of its rows are strange.
 * A single odd row in a page of one is the row's fault, unless the source counts more than it shows.
 */
export const ignoresWindow = (rows: readonly CallTimes[], window: Window, count: number): boolean => {
  const strange = rows.filter((row) => isStrange(row, window)).length;
  return strange * 2 > rows.length && (strange >= ROWS_THAT_PROVE || count > rows.length);
};

/**
 * By which time the source filters, as the rows of a window show: the believed one unless at least two rows
 * contradict it and another time explains every row.
 */
export const learnFilterTime = (
  believed: FilterTime,
  rows: readonly CallTimes[],
  window: Window,
): FilterTime => {
  const wide = widen(window, EDGE);
  const contradicting = (candidate: FilterTime) =>
    rows.filter((row) => {
      const at = filterTime(row, candidate);
      return at !== undefined && !contains(wide, at);
    }).length;
  if (contradicting(believed) < ROWS_THAT_PROVE) return believed;
  const readable = (candidate: FilterTime) => rows.some((row) => filterTime(row, candidate) !== undefined);
  return FILTER_TIMES.find((candidate) => readable(candidate) && contradicting(candidate) === 0) ?? believed;
};

/** Where a record belongs: its filter time inside the window that showed it, or the nearest second of that window. */
export const placeIn = (times: CallTimes, filterOn: FilterTime, window: Window): EpochMs => {
  const at = filterTime(times, filterOn) ?? window.from;
  return Math.min(Math.max(Math.floor(at / SECOND) * SECOND, window.from), window.to - SECOND);
};

/** A row of a second beside the window, which the neighbouring window owns: it came because bounds are asked wide. */
export const belongsBeside = (times: CallTimes, filterOn: FilterTime, window: Window): boolean => {
  const at = filterTime(times, filterOn);
  return at !== undefined && !contains(window, at) && contains(widen(window, EDGE), at);
};
