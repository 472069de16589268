import type { Trouble } from './account-state.ts';
import { type Ms, SECOND } from './time.ts';
import { length, overlaps, type Window } from './window.ts';

/** Reads of one window, at one length, before it is split; and of one second before it is an exception. */
const READS_BEFORE_SPLIT = 2;
const READS_OF_A_SECOND = 3;

/** Troubles kept at most: beyond, the oldest are forgotten and found again by the next read. */
const MOST = 50;

/** The longest window that may be read inside `window`, where a trouble lies in it. */
export const spanLimit = (troubles: readonly Trouble[], window: Window): Ms | undefined =>
  troubles
    .filter((trouble) => overlaps(trouble, window))
    .reduce<Ms | undefined>(
      (least, { span }) => (least === undefined ? span : Math.min(least, span)),
      undefined,
    );

const outside = (trouble: Trouble, window: Window): Trouble[] => [
  ...(trouble.from < window.from ? [{ ...trouble, to: Math.min(trouble.to, window.from) }] : []),
  ...(trouble.to > window.to ? [{ ...trouble, from: Math.max(trouble.from, window.to) }] : []),
];

/** The troubles after `window` was settled. */
export const settleTroubles = (troubles: readonly Trouble[], window: Window): readonly Trouble[] =>
  troubles.some((trouble) => overlaps(trouble, window))
    ? troubles.flatMap((trouble) => (overlaps(trouble, window) ? outside(trouble, window) : [trouble]))
    : troubles;

/**
 * The troubles after a read of `window` did not settle: it may be read again at this length once, then in halves.
 * @param atOnce no second read at this length (the source can't answer so much at a time)
 * @returns `exhausted` when it is one second long and was read three times: to be covered with an exception.
 */
export const noteTrouble = (
  troubles: readonly Trouble[],
  window: Window,
  atOnce: boolean,
): { troubles: readonly Trouble[]; exhausted: boolean } => {
  const same = troubles.find((trouble) => overlaps(trouble, window) && trouble.span <= length(window));
  const reads = (same?.reads ?? 0) + 1;
  const others = settleTroubles(troubles, window);
  if (length(window) <= SECOND) {
    if (reads >= READS_OF_A_SECOND) return { troubles: others, exhausted: true };
    return { troubles: [...others, { ...window, span: SECOND, reads }].slice(-MOST), exhausted: false };
  }
  const split = atOnce || reads >= READS_BEFORE_SPLIT;
  const half = Math.max(SECOND, Math.ceil(length(window) / 2 / SECOND) * SECOND);
  const next = split ? { ...window, span: half, reads: 0 } : { ...window, span: length(window), reads };
  return { troubles: [...others, next].slice(-MOST), exhausted: false };
};
