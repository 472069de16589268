import type { FilterTime, Learned } from './account-state.ts';
import type { CallTimes } from './call-times.ts';
import { countDurations } from './durations.ts';
import { filterTime, learnFilterTime, NO_DOUBTS } from './page-trust.ts';
import { MINUTE, type Ms, SECOND } from './time.ts';
import { contains, length, type Window } from './window.ts';

/** Weight of the newest value in the smoothed ones. */
const LATENCY_WEIGHT = 0.2;
const DENSITY_WEIGHT = 0.5;
/** Shorter windows say little of an account's density. */
const TELLING_WINDOW: Ms = MINUTE;

/** One window's answers, as far as they teach. */
export interface Lesson {
  readonly window: Window;
  readonly rows: readonly CallTimes[];
  /** Complete and old enough to tell the density and the mix of durations. */
  readonly ripe: boolean;
  /** Seconds, where the duration filter was used. */
  readonly minDuration: number | undefined;
}

const smooth = (before: number, value: number, weight: number): number =>
  before === 0 ? value : before + weight * (value - before);

export const learnLatency = (learned: Learned, latency: Ms): Learned => ({
  ...learned,
  latency: Math.round(smooth(learned.latency, latency, LATENCY_WEIGHT)),
});

const edge = (
  rows: readonly CallTimes[],
  filterOn: FilterTime,
  second: number,
  believed: 'in' | 'out' | undefined,
  known: boolean,
) => {
  const shown = rows.some((row) => Math.floor((filterTime(row, filterOn) ?? 0) / SECOND) * SECOND === second);
  return shown ? 'in' : known ? 'out' : believed;
};

/** Which bounds count, from a read that was complete: `known` tells whether a record is known at that second. */
export const learnEdges = (
  learned: Learned,
  lesson: Lesson,
  known: { from: boolean; to: boolean },
): Learned => {
  const { window, rows } = lesson;
  const fromEdge = edge(rows, learned.filterOn, window.from - SECOND, learned.fromEdge, known.from);
  const toEdge = edge(rows, learned.filterOn, window.to, learned.toEdge, known.to);
  return { ...learned, ...(fromEdge && { fromEdge }), ...(toEdge && { toEdge }) };
};

/** What a window's rows teach: the filter's time, whether `duration` is heeded, the mix of durations, the density. */
export const learnFrom = (learned: Learned, lesson: Lesson): Learned => {
  const { window, rows, ripe, minDuration } = lesson;
  const { filterOn, doubts } = learnFilterTime(learned.filterOn, learned.doubts ?? NO_DOUBTS, rows, window);
  const breaks =
    minDuration !== undefined &&
    rows.some(({ durationSeconds }) => durationSeconds !== undefined && durationSeconds < minDuration);
  const durationFilter = breaks ? 'ignored' : learned.durationFilter;
  if (minDuration !== undefined) return { ...learned, filterOn, doubts, durationFilter };

  const inside = rows.filter((row) => contains(window, filterTime(row, filterOn) ?? window.from)).length;
  const perMinute = (inside * MINUTE) / length(window);
  const tells = length(window) >= TELLING_WINDOW && (ripe || learned.perMinute === 0);
  return {
    ...learned,
    filterOn,
    doubts,
    durationFilter,
    ...(tells && { perMinute: smooth(learned.perMinute, perMinute, DENSITY_WEIGHT) }),
    ...(ripe && {
      durations: countDurations(
        learned.durations,
        rows.flatMap(({ durationSeconds }) => durationSeconds ?? []),
      ),
    }),
  };
};
