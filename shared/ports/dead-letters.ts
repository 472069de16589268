import type { EpochMs } from '../core/time.ts';

/** A message whose retries ran out. */
export interface DeadLetter {
  readonly messageId: string;
  readonly body: string;
  /** When it was first sent to the queue; UTC epoch ms. */
  readonly sentAt: EpochMs;
  /** How often it was tried. */
  readonly receives: number;
}

/** The queue where messages go whose retries ran out. Every method rejects when it could not be asked. */
export interface DeadLetters {
  count(): Promise<number>;
  /** Looks at what is there and leaves it; what is being looked at by somebody else may be missing. */
  peek(most: number): Promise<DeadLetter[]>;
  /**
   * Sends messages back to the queue that they came from, each of them only then deleted here: what dies in
   * between is sent twice, which is harmless.
   * @param ids undefined: all that are there now
   * @returns the ids of those that went back
   */
  redrive(ids: ReadonlySet<string> | undefined): Promise<string[]>;
}
