import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod';
import { CallEvent } from '../shared/contract/call-event.ts';
import type { Revisions } from '../shared/ports/revisions.ts';
import { CallBusy, type GuardOptions, guarded } from './guard.ts';

export interface ConsumerParts extends GuardOptions {
  readonly revisions: Revisions;
  /** Does with a call what the consumer is there for. Throw to have the event come again. */
  readonly work: (event: CallEvent) => Promise<unknown>;
  /** Told of each event once, by ids only: never of numbers. */
  readonly tell?: (outcome: 'applied' | 'stale' | 'again', facts: Readonly<Record<string, string>>) => void;
}

/** What EventBridge puts round the event; the rest of it is of no use here. */
const Delivered = z.looseObject({ source: z.string(), 'detail-type': z.string(), detail: z.unknown() });

/**
 * An SQS handler behind a `CdrConsumer`: each event is worked on once a revision, and each settles alone. What fails
 * goes back to the queue, and after its tries to the dead letters; so does what is no event of this pipeline.
 */
export const createConsumerHandler =
  ({ revisions, work, tell = () => {}, ...options }: ConsumerParts) =>
  async (batch: SQSEvent): Promise<SQSBatchResponse> => {
    const settle = async ({ body, messageId }: SQSRecord): Promise<void> => {
      const event = CallEvent.parse(Delivered.parse(JSON.parse(body)));
      const { account, id, revision } = event.detail;
      const facts = { messageId, account, id, revision };
      try {
        tell(await guarded(revisions, event, () => work(event), options), facts);
      } catch (error) {
        tell('again', { ...facts, because: error instanceof CallBusy ? error.message : nameOf(error) });
        throw error;
      }
    };
    const settled = await Promise.allSettled(batch.Records.map(settle));
    const failed = batch.Records.filter((_, place) => settled[place]?.status === 'rejected');
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };

/** A message may quote what was sent; a name does not. */
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');
