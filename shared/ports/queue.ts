/** What became of one message of a send. */
export type SendOutcome = { readonly sent: true } | { readonly sent: false; readonly code: string };

/** The queue to the consumer. */
export interface Queue {
  /**
   * Sends message bodies, in as few requests as their sizes allow. Each outcome is the queue's own word on
   * that entry; a request that failed whole gives its entries `sent: false`. Never rejects.
   * @returns one outcome per body, in their order.
   */
  send(bodies: readonly string[]): Promise<SendOutcome[]>;
}
