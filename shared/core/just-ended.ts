import { shareLasting } from './durations.ts';
import { MINUTE, type Ms, SECOND } from './time.ts';

/** Calls appear within this time of hang-up (2 to 3 s in the source's sample); later ones are a probe's find. */
const APPEARS_WITHIN: Ms = 10 * SECOND;

/** `call_duration` has been seen at 0.88 of end − start: the filter stays below that. */
const DURATION_SHARE = 0.8;

/** One filtered read: calls that started `youngest` to `oldest` ago and lasted at least `minDuration` seconds. */
export interface JustEndedStep {
  readonly youngest: Ms;
  readonly oldest: Ms;
  readonly minDuration: number;
  /** Pages expected. */
  readonly requests: number;
}

export interface Density {
  /** Records a minute of call time. */
  readonly perMinute: number;
  readonly durations: readonly number[];
  readonly pageLimit: number;
}

/** Pages that a read of so many records takes on average: the last page is half empty. */
export const expectedPages = (records: number, pageLimit: number): number =>
  Math.max(1, records / pageLimit + 0.5);

/** Ages at which a step may begin or end: finer where calls are many, about 1.3 apart. */
const borders = (from: Ms, to: Ms): Ms[] => {
  const ages: Ms[] = [];
  for (let age = from; age < to; age = Math.max(age + MINUTE, Math.round((age * 1.3) / MINUTE) * MINUTE))
    ages.push(age);
  return [...ages, to];
};

/**
 * The filtered reads that find what became visible since the last tick, at the lowest cost.
 *
 * What became visible during the last `gap` and began at age a lasted about a − gap or more. A longer step needs
 * fewer requests but has to take its youngest age's filter, so lets more calls through; the split with the fewest
 * expected pages is found by dynamic programming over the possible borders.
 *
 * @param youngest end of what live reads in full
 * @param oldest the longest call
 */
export const justEndedSteps = (
  youngest: Ms,
  oldest: Ms,
  gap: Ms,
  settle: Ms,
  { perMinute, durations, pageLimit }: Density,
): JustEndedStep[] => {
  if (youngest >= oldest) return [];
  const ages = borders(youngest, oldest);
  const step = (from: Ms, to: Ms): JustEndedStep => {
    const lasted = Math.max(0, DURATION_SHARE * (from - gap - settle - APPEARS_WITHIN));
    const records = (perMinute * (to - from) * shareLasting(durations, lasted)) / MINUTE;
    return {
      youngest: from,
      oldest: to,
      minDuration: Math.floor(lasted / SECOND),
      requests: expectedPages(records, pageLimit),
    };
  };
  const best: { requests: number; steps: JustEndedStep[] }[] = [{ requests: 0, steps: [] }];
  for (let end = 1; end < ages.length; end += 1) {
    const choices = ages.slice(0, end).map((from, start) => {
      const last = step(from, ages[end] ?? oldest);
      const before = best[start] ?? { requests: 0, steps: [] };
      return { requests: before.requests + last.requests, steps: [...before.steps, last] };
    });
    best.push(choices.reduce((least, choice) => (choice.requests < least.requests ? choice : least)));
  }
  return best.at(-1)?.steps ?? [];
};
