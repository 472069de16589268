import type { EpochMs, Ms } from './time.ts';

/** A covered span and how far its later looks are settled. */
export interface Segment {
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** The highest age of a full-read look that is settled; 0 for the first read. */
  readonly readAge: Ms;
  /** The highest age of a counting look that is settled, by a count or a full read. */
  readonly probeAge: Ms;
}
