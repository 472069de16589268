/** What became of one message of a send. */
export type SendOutcome = { readonly sent: true } | { readonly sent: false; readonly code: string };

/** Bytes of one message, and of one batch, at most (SQS, since August 2025). */
export const MESSAGE_BYTES = 1024 * 1024;

/** The outcome's code of a body over `MESSAGE_BYTES`: it is not even asked. */
export const TOO_LARGE = 'too-large';

/** How much is on its way. */
export interface QueueDepth {
  /** Messages that wait or are being worked on, about. Rejects when the queue could not be asked. */
  waiting(): Promise<number>;
}

/** The queue to the consumer. */
export interface Queue {
  /**
   * Sends message bodies, in as few requests as their sizes allow. Each outcome is the queue's own word on
   * that entry; a request that failed whole gives its entries `sent: false`. Never rejects.
   * @returns one outcome per body, in their order.
   */
  send(bodies: readonly string[]): Promise<SendOutcome[]>;
}
