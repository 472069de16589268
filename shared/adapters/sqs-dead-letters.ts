import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { DeadLetter, DeadLetters } from '../ports/dead-letters.ts';

/** Long enough to go through what is there once; a message that nobody let go of comes back after it. */
const HELD_SECONDS = 60;
/** Empty answers in a row that mean "nothing more": SQS may look at a part of its servers only. */
const EMPTY_ANSWERS = 2;

const RedrivePolicy = z.object({ deadLetterTargetArn: z.string() });

/** The dead-letter queue of a queue, beside it in the same account, by the queue's own redrive policy. */
export const deadLetterUrlOf = async (sqs: SQSClient, queueUrl: string): Promise<string> => {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['RedrivePolicy'] }),
  );
  const policy = RedrivePolicy.parse(JSON.parse(Attributes?.['RedrivePolicy'] ?? '{}'));
  const name = policy.deadLetterTargetArn.slice(policy.deadLetterTargetArn.lastIndexOf(':') + 1);
  return `${queueUrl.slice(0, queueUrl.lastIndexOf('/') + 1)}${name}`;
};

const letterOf = ({ MessageId = '', Body = '', Attributes = {} }: Message): DeadLetter => ({
  messageId: MessageId,
  body: Body,
  sentAt: Number(Attributes['SentTimestamp'] ?? 0),
  receives: Number(Attributes['ApproximateReceiveCount'] ?? 0),
});

export const createSqsDeadLetters = (sqs: SQSClient, queueUrl: string): DeadLetters => {
  const own = deadLetterUrlOf(sqs, queueUrl);
  own.catch(() => {});

  /** Every message once, a request's worth at a time, held while they are gone through. */
  async function* batches(): AsyncGenerator<Message[]> {
    const seen = new Set<string>();
    for (let empty = 0; empty < EMPTY_ANSWERS; ) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: await own,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: HELD_SECONDS,
          MessageSystemAttributeNames: ['All'],
        }),
      );
      const fresh = Messages.filter(({ MessageId = '' }) => !seen.has(MessageId));
      empty = fresh.length === 0 ? empty + 1 : 0;
      for (const { MessageId = '' } of fresh) seen.add(MessageId);
      if (fresh.length > 0) yield fresh;
    }
  }

  const letGo = async ({ ReceiptHandle }: Message) =>
    sqs.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: await own, ReceiptHandle, VisibilityTimeout: 0 }),
    );

  return {
    async count() {
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: await own, AttributeNames: ['All'] }),
      );
      return (
        Number(Attributes['ApproximateNumberOfMessages']) +
        Number(Attributes['ApproximateNumberOfMessagesNotVisible'])
      );
    },
    async peek(most) {
      const held: Message[] = [];
      for await (const batch of batches()) {
        held.push(...batch);
        if (held.length >= most) break;
      }
      await Promise.all(held.map(letGo));
      return held.slice(0, most).map(letterOf);
    },
    async redrive(ids) {
      const back: string[] = [];
      const others: Message[] = [];
      for await (const batch of batches()) {
        for (const message of batch) {
          const { MessageId = '', Body = '', ReceiptHandle } = message;
          if (ids !== undefined && !ids.has(MessageId)) {
            others.push(message);
            continue;
          }
          await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: Body }));
          await sqs.send(new DeleteMessageCommand({ QueueUrl: await own, ReceiptHandle }));
          back.push(MessageId);
        }
        if (ids !== undefined && back.length === ids.size) break;
      }
      await Promise.all(others.map(letGo));
      return back;
    },
  };
};
