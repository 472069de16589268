import type { CallSummary } from '../core/call-summary.ts';
import type { Stamp } from '../core/stamp.ts';

/** One record in the index, at most 1 KB stored: what it says, when it was seen, where it lies. */
export interface IndexedCall {
  readonly account: string;
  /** The record's `id`, or `~` and a content digest where the `id` is absent or repeats. */
  readonly key: string;
  readonly dt: string;
  readonly summary: CallSummary;
  /** Content hash of the current revision, hex. */
  readonly hash: string;
  /** The highest stamp at which the record was observed. */
  readonly seen: Stamp;
  /** The stamp that brought the current content: the revision's name. */
  readonly madeBy: Stamp;
  /** Summary fields that differ from the revision before; empty for the first. `raw`: something outside the summary. */
  readonly changed: readonly string[];
  /** The archive object of the newest observation, and the line in it, from 0. */
  readonly object: string;
  readonly line: number;
}
