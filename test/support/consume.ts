import type { Context, SQSEvent } from 'aws-lambda';
import { createHandler } from '../../functions/consumer/handler.ts';
import type { IngestPorts } from '../../functions/consumer/ingest.ts';

export interface Delivered {
  readonly messageId: string;
  readonly body: string;
  readonly receives?: number;
}

/** An event as SQS hands it to the consumer. */
export const sqsEvent = (messages: readonly Delivered[]): SQSEvent => ({
  Records: messages.map(({ messageId, body, receives = 1 }) => ({
    messageId,
    body,
    receiptHandle: '',
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: '0',
      SenderId: '',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: '',
    awsRegion: '',
  })),
});

/** Hands a batch to the consumer. @returns the ids of the messages that go back. */
export const consume = async (
  ports: IngestPorts,
  messages: readonly Delivered[],
  timeLeft: () => number = () => 60_000,
): Promise<string[]> => {
  const context = { getRemainingTimeInMillis: timeLeft } as Context;
  const { batchItemFailures } = await createHandler(ports)(sqsEvent(messages), context);
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
};
