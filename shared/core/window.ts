import type { EpochMs, Ms } from './time.ts';

/** Half-open span `[from, to)` of call time, whole seconds, that is asked of the source in one go. */
export interface Window {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

export const length = (window: Window): Ms => window.to - window.from;

export const contains = (window: Window, at: EpochMs): boolean => window.from <= at && at < window.to;

/** What of a window lies outside another. */
export const without = (window: Window, other: Window): Window[] =>
  overlaps(window, other)
    ? [
        { from: window.from, to: other.from },
        { from: other.to, to: window.to },
      ].filter(({ from, to }) => from < to)
    : [window];

export const overlaps = (a: Window, b: Window): boolean => a.from < b.to && b.from < a.to;

/** The same window, wider by `margin` at both ends. */
export const widen = (window: Window, margin: Ms): Window => ({
  from: window.from - margin,
  to: window.to + margin,
});
