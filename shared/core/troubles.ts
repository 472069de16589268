import type { Trouble } from './account-state.ts';
import { type EpochMs, MINUTE, type Ms, SECOND } from './time.ts';
import { length, overlaps, type Window } from './window.ts';

/** Reads of one window, at one length, before it is split; and of one second before it is an exception. */
const READS_BEFORE_SPLIT = 2;
const READS_OF_A_SECOND = 3;
/**
 * A second that is not answered may be well a moment later: a source that fails half of its requests gave one nine
 * failures in a few ticks (two of 2,001 weeks of weather, 26 November 2026). So it takes more, in as many ticks, over a
 * time in which most sources recover.
 */
const UNANSWERED_READS = 6;
const UNANSWERED_FOR: Ms = 30 * MINUTE;

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
 * Why a read did not settle:
 * - `unsettled`: it was answered, and what came is not what the source counts;
 * - `too-much`: the source can't answer so much at a time;
 * - `unanswered`: it failed in a way that may pass, while the source answered elsewhere.
 */
export type Unread = 'unsettled' | 'too-much' | 'unanswered';

/** One more read of a second, and whether that is enough to give it up. */
const noteSecond = (before: Trouble | undefined, window: Window, why: Unread, now: EpochMs) => {
  const { reads = 0, unanswered = { reads: 0, since: now } } = before ?? {};
  const trouble: Trouble = { ...before, ...window, span: SECOND, reads };
  if (why === 'unanswered') {
    const { since } = unanswered;
    const silent = unanswered.reads + 1;
    return {
      trouble: { ...trouble, unanswered: { reads: silent, since } },
      exhausted: silent >= UNANSWERED_READS && now - since >= UNANSWERED_FOR,
    };
  }
  return { trouble: { ...trouble, reads: reads + 1 }, exhausted: reads + 1 >= READS_OF_A_SECOND };
};

/**
 * The troubles after a read of `window` did not settle: it may be read again at this length once, then in halves.
 * What is `unanswered` is noted once a tick at most.
 *
 * @param now the tick's scheduled time
 * @returns `exhausted` when it is one second long and was read often enough: to be covered with an exception.
 */
export const noteTrouble = (
  troubles: readonly Trouble[],
  window: Window,
  why: Unread,
  now: EpochMs,
): { troubles: readonly Trouble[]; exhausted: boolean } => {
  const same = troubles.find((trouble) => overlaps(trouble, window) && trouble.span <= length(window));
  const others = settleTroubles(troubles, window);
  if (length(window) <= SECOND) {
    const { trouble, exhausted } = noteSecond(same, window, why, now);
    return { troubles: exhausted ? others : [...others, trouble].slice(-MOST), exhausted };
  }
  const reads = (same?.reads ?? 0) + 1;
  const split = why === 'too-much' || reads >= READS_BEFORE_SPLIT;
  const half = Math.max(SECOND, Math.ceil(length(window) / 2 / SECOND) * SECOND);
  const next = split ? { ...window, span: half, reads: 0 } : { ...window, span: length(window), reads };
  return { troubles: [...others, next].slice(-MOST), exhausted: false };
};
