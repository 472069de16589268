import { FILTER_TIMES, type FilterTime } from './account-state.ts';
import type { CallTimes } from './call-times.ts';
import { type EpochMs, MINUTE, type Ms, SECOND } from './time.ts';
import { contains, overlaps, type Window, widen } from './window.ts';

/** Bounds are whole seconds and may count or not, and stored times may have fractions. */
const EDGE: Ms = 2 * SECOND;
/** A record is stored some time after hang-up. */
const AFTERLIFE: Ms = 10 * MINUTE;
/** So many rows that nothing explains prove that the window was ignored: where the source counts more than it shows, .. */
const ROWS_THAT_PROVE = 2;
/**
 * .. and in an answer that is complete, or on a page after others that stood in the window, such as a short last one:
 * there they may as well be odd records that happen to stand together.
 */
const ROWS_THAT_PROVE_ALONE = 5;

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
 * Whether a page shows that the source ignored the window: by none of the times that it may filter by are half of
 * the rows inside. Strange rows alone would not do: after a call's end its life goes on, so the newest calls of
 * the whole history look at home in the newest window.
 *
 * @param page its number, from 1
 */
export const ignoresWindow = (
  rows: readonly CallTimes[],
  window: Window,
  count: number,
  page = 1,
): boolean => {
  const wide = widen(window, EDGE);
  const unexplained = FILTER_TIMES.map(
    (candidate) =>
      rows.filter((row) => {
        const at = filterTime(row, candidate);
        return at === undefined ? isStrange(row, window) : !contains(wide, at);
      }).length,
  );
  const fewest = Math.min(...unexplained);
  const proof = count > rows.length && page === 1 ? ROWS_THAT_PROVE : ROWS_THAT_PROVE_ALONE;
  return fewest * 2 > rows.length && fewest >= proof;
};

/** How many rows each time has failed to explain, up to `MOST_DOUBTS`, since the belief last changed. */
export type Doubts = Readonly<Record<FilterTime, number>>;

export const NO_DOUBTS: Doubts = { start: 0, end: 0, insert: 0 };
const MOST_DOUBTS = 9;
/** Rows that contradict a belief before it is given up. One may be an odd record. */
const ROWS_THAT_CONTRADICT = 2;

/**
 * By which time the source filters, as the rows of its windows show: the believed one unless rows contradict it,
 * in this window or over many, and another time explains them all. End and insert are seconds apart: only a row
 * at a window's border tells them apart, so doubts are kept from window to window.
 */
export const learnFilterTime = (
  believed: FilterTime,
  doubts: Doubts,
  rows: readonly CallTimes[],
  window: Window,
): { filterOn: FilterTime; doubts: Doubts } => {
  const asked = { from: window.from - SECOND, to: window.to + SECOND };
  const explains = (candidate: FilterTime, row: CallTimes) => {
    const at = filterTime(row, candidate);
    return at === undefined ? undefined : contains(asked, at);
  };
  const contradicting = (candidate: FilterTime) => rows.filter((row) => explains(candidate, row) === false);
  const against = {
    start: contradicting('start').length,
    end: contradicting('end').length,
    insert: contradicting('insert').length,
  };
  const sum = (candidate: FilterTime) => Math.min(MOST_DOUBTS, doubts[candidate] + against[candidate]);
  const next = { start: sum('start'), end: sum('end'), insert: sum('insert') };
  if (against[believed] === 0) return { filterOn: believed, doubts: next };

  const unexplained = contradicting(believed);
  const candidates = FILTER_TIMES.filter(
    (candidate) => against[candidate] === 0 && unexplained.every((row) => explains(candidate, row)),
  );
  const shown = against[believed] >= ROWS_THAT_CONTRADICT ? candidates[0] : undefined;
  const gathered =
    next[believed] >= ROWS_THAT_CONTRADICT
      ? candidates.find((candidate) => next[candidate] === 0)
      : undefined;
  const filterOn = gathered ?? shown;
  return filterOn === undefined ? { filterOn: believed, doubts: next } : { filterOn, doubts: NO_DOUBTS };
};

/**
 * Where a record belongs: at its own second where that lies in the window or just beside it, for bounds are asked
 * wide and the neighbouring window shows it too; else at the nearest second of the window that showed it.
 */
export const placeIn = (times: CallTimes, filterOn: FilterTime, window: Window): EpochMs => {
  const at = filterTime(times, filterOn);
  if (at !== undefined && contains(widen(window, EDGE), at)) return Math.floor(at / SECOND) * SECOND;
  const near = at ?? times.startAt ?? times.endAt ?? times.insertedAt ?? window.from;
  return Math.min(Math.max(Math.floor(near / SECOND) * SECOND, window.from), window.to - SECOND);
};
