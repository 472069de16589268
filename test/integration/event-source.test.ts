import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type EmbeddedAws, startEmbeddedAws } from '../../local/embedded/aws.ts';
import { clientsOf, type EmbeddedClients } from '../../local/embedded/clients.ts';
import { type Batch, startEventSource } from '../../local/event-source.ts';
import type { Invocation } from '../../local/function-host.ts';

interface SqsRecord {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: { readonly ApproximateReceiveCount: string };
}

let aws: EmbeddedAws;
let clients: EmbeddedClients;
let queueUrl: string;

beforeEach(async () => {
  aws = await startEmbeddedAws();
  clients = clientsOf(aws);
  const { QueueUrl = '' } = await clients.sqs.send(new CreateQueueCommand({ QueueName: 'packs' }));
  queueUrl = QueueUrl;
});
afterEach(() => aws.close());

const send = (...bodies: string[]) =>
  clients.sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: queueUrl,
      Entries: bodies.map((MessageBody, at) => ({ Id: String(at), MessageBody })),
    }),
  );
const depth = async () => {
  const { Attributes } = await clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] }),
  );
  return (
    Number(Attributes?.ApproximateNumberOfMessages) +
    Number(Attributes?.ApproximateNumberOfMessagesNotVisible)
  );
};

/** Runs batches through `handle` until `enough`, then stops. */
const consume = async (
  handle: (records: readonly SqsRecord[]) => Invocation,
  enough: (batches: readonly Batch[]) => boolean,
): Promise<{ batches: readonly Batch[]; seen: readonly (readonly SqsRecord[])[] }> => {
  const batches: Batch[] = [];
  const seen: (readonly SqsRecord[])[] = [];
  await new Promise<void>((resolve, reject) => {
    const source = startEventSource({
      queueUrl,
      batchSize: 10,
      concurrency: 1,
      visibilityTimeoutSeconds: 1,
      sqs: clients.sqs,
      invoke: async (event) => {
        const { Records } = event as { Records: SqsRecord[] };
        seen.push(Records);
        return handle(Records);
      },
      onBatch: (batch) => {
        batches.push(batch);
        if (enough(batches)) source.stop().then(resolve, reject);
      },
      onTrouble: reject,
    });
  });
  return { batches, seen };
};
const returned = (result: unknown): Invocation => ({ outcome: 'returned', result, durationMs: 1 });
const failures = (records: readonly SqsRecord[]) => ({
  batchItemFailures: records.map(({ messageId }) => ({ itemIdentifier: messageId })),
});

test('what is done is deleted; what is returned comes again, and is counted', async () => {
  await send('good', 'bad', 'good');
  const { batches, seen } = await consume(
    (records) =>
      returned(
        failures(
          records.filter(
            ({ body, attributes }) => body === 'bad' && attributes.ApproximateReceiveCount === '1',
          ),
        ),
      ),
    ([, second]) => second !== undefined,
  );
  expect(batches.map(({ done, returned }) => [done, returned])).toEqual([
    [2, 1],
    [1, 0],
  ]);
  expect(seen[1]?.map(({ body, attributes }) => [body, attributes.ApproximateReceiveCount])).toEqual([
    ['bad', '2'],
  ]);
  expect(await depth()).toBe(0);
});

test.each([null, undefined, {}, { batchItemFailures: [] }, { batchItemFailures: null }])(
  'an answer that names no failure has done all: %j',
  async (answer) => {
    await send('one', 'two');
    await consume(
      () => returned(answer),
      () => true,
    );
    expect(await depth()).toBe(0);
  },
);

test.each([
  ['an answer that can not be read', returned('done')],
  ['an empty name', returned({ batchItemFailures: [{ itemIdentifier: '' }] })],
  ['the name of a stranger', returned({ batchItemFailures: [{ itemIdentifier: 'never-sent' }] })],
  ['a handler that threw', { outcome: 'failed', error: { name: 'Error', message: 'x' }, durationMs: 1 }],
  ['a process that ran out of time', { outcome: 'timed-out', durationMs: 1 }],
  ['a process that ended', { outcome: 'ended', exit: 'SIGKILL', durationMs: 1 }],
] satisfies [string, Invocation][])('%s leaves the whole batch on the queue', async (_, invocation) => {
  await send('one', 'two');
  const { batches } = await consume(
    () => invocation,
    () => true,
  );
  expect(batches.map(({ done, returned }) => [done, returned])).toEqual([[0, 2]]);
  expect(await depth()).toBe(2);
});

test('a handler gets what Lambda gives it', async () => {
  await send('body');
  const { seen } = await consume(
    () => returned(undefined),
    () => true,
  );
  expect(seen[0]).toMatchObject([
    {
      body: 'body',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:packs',
      attributes: { ApproximateReceiveCount: '1', SentTimestamp: expect.stringMatching(/^\d+$/) },
    },
  ]);
});
