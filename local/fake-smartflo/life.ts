import { type EpochMs, IST_OFFSET, HOUR, type Ms, SECOND } from '../../shared/core/time.ts';

/** No call lasts longer (smartflo-api.md, Time). */
export const LONGEST_CALL: Ms = 7_200 * SECOND;

/**
 * How long answered calls last: the share of them that outlasts so many seconds. With a quarter missed this
 * gives the mix of smartflo-api.md: of all calls 34 % outlast 95 s, 8 % 5 min, 1.8 % 15 min, 0.06 % 1 h, none 2 h.
 */
const ANSWERED: readonly (readonly [share: number, seconds: number])[] = [
  [1, 12],
  [0.94, 30],
  [0.4533, 95],
  [0.1067, 300],
  [0.024, 900],
  [0.0008, 3_600],
  [0, 7_200],
];

/** @param u uniform in [0, 1) @returns ms, with fractions of a second */
const answeredLife = (u: number): Ms => {
  let [above, short] = [1, 12];
  for (const [share, seconds] of ANSWERED) {
    if (u >= share) {
      const part = above === share ? 0 : (above - u) / (above - share);
      return Math.round(short * (seconds / short) ** part * SECOND);
    }
    [above, short] = [share, seconds];
  }
  return LONGEST_CALL;
};

/** @param u uniform in [0, 1) @returns start to hang-up, ms */
export const lifeOf = (answered: boolean, u: number): Ms =>
  answered ? answeredLife(u) : Math.round((10 + 35 * u) * SECOND);

/** An Indian office day, hour by hour from midnight IST: relative weights. */
const DAY_CURVE = [
  15, 10, 8, 8, 10, 20, 40, 80, 120, 170, 200, 210, 190, 160, 180, 190, 190, 180, 170, 140, 110, 80, 50, 30,
];
const MEAN_WEIGHT = DAY_CURVE.reduce((sum, weight) => sum + weight, 0) / 24;

/** The rate at an instant against the day's mean. `strength` 0 is flat, 1 the full curve. */
export const dayFactor = (at: EpochMs, strength: number): number => {
  const hour = Math.floor((at + IST_OFFSET) / HOUR) % 24;
  return 1 + strength * ((DAY_CURVE[hour] ?? MEAN_WEIGHT) / MEAN_WEIGHT - 1);
};
