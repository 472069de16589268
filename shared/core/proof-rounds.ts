import { DAY, type EpochMs, HOUR, type Ms, parseIstDate } from './time.ts';
import { type Window, without } from './window.ts';

/** How long after a day's end it is proven: when late records have come, and again after the looks at 3 and 8 days. */
export const PROOF_ROUNDS: readonly Ms[] = [26 * HOUR, 3 * DAY, 8 * DAY];

/** A read of a window, as far as a proof must choose among several. */
export interface ReadOf extends Window {
  readonly readAt: EpochMs;
  readonly stamp: string;
}

/** A read, and the part of its window in which it is the newest. */
export interface ChosenRead<R extends ReadOf> {
  readonly read: R;
  readonly part: Window;
}

/** @throws {RangeError} where `dt` is no date. */
export const dayWindow = (dt: string): Window => {
  const from = parseIstDate(dt);
  if (from === undefined) throw new RangeError(`${dt} is no date: wanted YYYY-MM-DD`);
  return { from, to: from + DAY };
};

/** For every instant of `span` the newest read that holds it; and what no read holds. */
export const chooseReads = <R extends ReadOf>(
  reads: readonly R[],
  span: Window,
): { readonly chosen: readonly ChosenRead<R>[]; readonly unread: readonly Window[] } => {
  let unread: readonly Window[] = [span];
  const chosen: ChosenRead<R>[] = [];
  for (const read of [...reads].sort((a, b) => (a.stamp < b.stamp ? 1 : -1))) {
    const left: Window[] = [];
    for (const part of unread) {
      const inside = { from: Math.max(part.from, read.from), to: Math.min(part.to, read.to) };
      if (inside.from < inside.to) chosen.push({ read, part: inside });
      left.push(...without(part, read));
    }
    unread = left;
  }
  return { chosen, unread };
};

/** The round that these reads are good for: how long after the day's end the oldest of them was made. */
export const roundOf = (readAts: readonly EpochMs[], day: Window): Ms => {
  const age = Math.min(...readAts) - day.to;
  return PROOF_ROUNDS.findLast((round) => round <= age) ?? PROOF_ROUNDS[0] ?? 0;
};
