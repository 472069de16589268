import type { EpochMs } from '../../shared/core/time.ts';

/** Names a record inside a world: its minute and its place there. A safe integer. */
export type Ref = number;

/** One record as it is at an instant. */
export interface CallSight {
  readonly ref: Ref;
  /** As the record has it, a number in its own spelling; undefined where there is none to use. */
  readonly id: string | undefined;
  readonly callId: string;
  readonly startAt: EpochMs;
  readonly endAt: EpochMs;
  readonly insertAt: EpochMs;
  /** When the vendor removes it; Infinity: never. */
  readonly goneAt: EpochMs;
  /** How many changes its content has behind it. */
  readonly revision: number;
  /** When this content came to be; drift may hide what changed then. */
  readonly changedAt: EpochMs;
  /** The record minified, one char a byte; written when first read. */
  readonly raw: string;
}
