import type { Ms } from './time.ts';
import { SECOND } from './time.ts';

/** Lower bounds of the classes in which call durations are counted, seconds. */
export const DURATION_CLASSES = [0, 15, 30, 60, 120, 240, 480, 960, 1920, 3840] as const;

/** The sum at which the counts are halved, so that the mix follows the account. */
const MEMORY = 20_000;

/**
 * Before anything was seen: a contact centre's mix, mean about 3 min (`performance.md`'s model: a third of the
 * calls last longer than a minute or two, 8 % over 5 min, 1.8 % over 15 min, 0.06 % over an hour).
 */
export const durationPrior = (): number[] => [120, 140, 170, 240, 190, 90, 32, 12, 4, 1];

const classOf = (seconds: number): number => {
  let index = 0;
  while (index + 1 < DURATION_CLASSES.length && (DURATION_CLASSES[index + 1] ?? 0) <= seconds) index += 1;
  return index;
};

/** The counts after these durations (seconds) were seen too. */
export const countDurations = (counts: readonly number[], seconds: readonly number[]): number[] => {
  const next = DURATION_CLASSES.map((_, index) => counts[index] ?? 0);
  for (const duration of seconds) {
    const index = classOf(duration);
    next[index] = (next[index] ?? 0) + 1;
  }
  return next.reduce((sum, count) => sum + count, 0) > MEMORY
    ? next.map((count) => Math.ceil(count / 2))
    : next;
};

/** The share of calls that last at least `duration`; within a class taken as spread evenly. */
export const shareLasting = (counts: readonly number[], duration: Ms): number => {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (duration <= 0 || total === 0) return 1;
  const seconds = duration / SECOND;
  let above = 0;
  DURATION_CLASSES.forEach((low, index) => {
    const high = DURATION_CLASSES[index + 1] ?? low * 2;
    const share = seconds <= low ? 1 : seconds >= high ? 0 : (high - seconds) / (high - low);
    above += (counts[index] ?? 0) * share;
  });
  return above / total;
};
