import type { EpochMs } from './time.ts';

/**
 * What the index and the events say of a call. Every field may be absent: the source leaves out what it likes.
 * Numbers are E.164 where they can be read, else as they came.
 */
export interface CallSummary {
  readonly callId?: string;
  readonly uuid?: string;
  /** Start and end of the call, UTC epoch ms. */
  readonly startAt?: EpochMs;
  readonly endAt?: EpochMs;
  readonly direction?: string;
  readonly status?: string;
  readonly service?: string;
  readonly customer?: string;
  readonly did?: string;
  /** Names-free ids of every agent who answered, in order of answering. */
  readonly agents?: readonly string[];
  readonly department?: string;
  readonly campaign?: string;
  readonly disposition?: string;
  readonly hangupCause?: string;
  readonly durationSeconds?: number;
  readonly answeredSeconds?: number;
  readonly hasRecording?: boolean;
}
