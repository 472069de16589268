import { GetQueueAttributesCommand, SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { MESSAGE_BYTES, type Queue, type QueueDepth } from '../ports/queue.ts';
import { type EntryAnswer, sendInBatches } from './batched-send.ts';

const LIMITS = { entries: 10, bytes: MESSAGE_BYTES, bytesOf: (body: string) => Buffer.byteLength(body) };

export const createSqsQueue = (client: SQSClient, queueUrl: string): Queue => {
  const request = async (bodies: readonly string[]): Promise<EntryAnswer[]> => {
    const answer = await client.send(
      new SendMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: bodies.map((body, index) => ({ Id: String(index), MessageBody: body })),
      }),
    );
    const taken = new Set(answer.Successful?.map(({ Id }) => Id));
    const failed = new Map(answer.Failed?.map((failure) => [failure.Id, failure]));
    return bodies.map((_, index) => {
      const id = String(index);
      if (taken.has(id)) return { sent: true };
      const failure = failed.get(id);
      // A sender's fault stays one; what is not named at all may be tried again.
      return { sent: false, code: failure?.Code ?? 'NoAnswer', again: failure?.SenderFault !== true };
    });
  };
  return { send: (bodies) => sendInBatches(bodies, LIMITS, request) };
};

export const createSqsQueueDepth = (client: SQSClient, queueUrl: string): QueueDepth => ({
  async waiting() {
    const { Attributes = {} } = await client.send(
      new GetQueueAttributesCommand({
        QueueUrl: queueUrl,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    return (
      Number(Attributes['ApproximateNumberOfMessages']) +
      Number(Attributes['ApproximateNumberOfMessagesNotVisible'])
    );
  },
});
