import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { type Ms, SECOND } from '../shared/core/time.ts';
import { LOCAL_REGION } from './embedded/aws.ts';
import type { Invocation } from './function-host.ts';

/** What came of one batch: how many messages were done, and how many go back to the queue. */
export interface Batch {
  readonly done: number;
  readonly returned: number;
  readonly invocation: Invocation;
}

export interface EventSourceOptions {
  readonly queueUrl: string;
  readonly batchSize: number;
  /** Batches in flight at once. */
  readonly concurrency: number;
  /** In place of the queue's own: a person waits for what a killed process has left. */
  readonly visibilityTimeoutSeconds?: number;
  readonly sqs: SQSClient;
  invoke(event: unknown): Promise<Invocation>;
  onBatch(batch: Batch): void;
  /** The queue could not be asked; it is asked again. */
  onTrouble(thrown: unknown): void;
}

/** As the handler of an event source with ReportBatchItemFailures answers. */
const Failures = z
  .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish() })
  .nullish();

/** Stopping waits for a receive, so it is short. */
const WAIT_SECONDS = 1;
const PAUSE: Ms = SECOND;

/**
 * Brings a queue's messages to a function as Lambda's event source mapping does: what the handler has done is
 * deleted, what it returned or did not live to answer stays until its visibility timeout.
 *
 * @returns how to stop: the batches in flight are waited for.
 */
export const startEventSource = (options: EventSourceOptions): { stop(): Promise<void> } => {
  const stopping = new AbortController();
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        const messages = await receive(options);
        if (messages.length > 0) options.onBatch(await handOver(messages, options));
      } catch (thrown) {
        if (stopping.signal.aborted) return;
        options.onTrouble(thrown);
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
      }
    }
  };
  const loops = Array.from({ length: options.concurrency }, loop);
  return {
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
};

const receive = async ({ sqs, queueUrl, batchSize, visibilityTimeoutSeconds }: EventSourceOptions) => {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: Math.min(batchSize, 10),
      WaitTimeSeconds: WAIT_SECONDS,
      VisibilityTimeout: visibilityTimeoutSeconds,
      MessageSystemAttributeNames: ['All'],
    }),
  );
  return Messages;
};

const handOver = async (messages: Message[], options: EventSourceOptions): Promise<Batch> => {
  const invocation = await options.invoke({
    Records: messages.map((message) => recordOf(message, options.queueUrl)),
  });
  const failed = failedIds(invocation, messages);
  const done = messages.filter(({ MessageId }) => !failed.has(MessageId));
  // One that could not be deleted comes again, as anywhere.
  if (done.length > 0)
    await options.sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl: options.queueUrl,
        Entries: done.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
      }),
    );
  return { done: done.length, returned: messages.length - done.length, invocation };
};

/** An answer that names none has done all; one that can't be read, or names a stranger, has done none. */
const failedIds = (invocation: Invocation, messages: readonly Message[]): Set<string | undefined> => {
  const all = new Set(messages.map(({ MessageId }) => MessageId));
  if (invocation.outcome !== 'returned') return all;
  const parsed = Failures.safeParse(invocation.result);
  if (!parsed.success) return all;
  const named = new Set(parsed.data?.batchItemFailures?.map(({ itemIdentifier }) => itemIdentifier));
  return [...named].every((id) => all.has(id)) ? named : all;
};

const recordOf = (message: Message, queueUrl: string) => ({
  messageId: message.MessageId,
  receiptHandle: message.ReceiptHandle,
  body: message.Body,
  attributes: message.Attributes ?? {},
  messageAttributes: {},
  md5OfBody: message.MD5OfBody,
  eventSource: 'aws:sqs',
  eventSourceARN: `arn:aws:sqs:${LOCAL_REGION}:${new URL(queueUrl).pathname.slice(1).replace('/', ':')}`,
  awsRegion: LOCAL_REGION,
});
