import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMemoryQueue } from '../../shared/adapters/memory/queue.ts';
import { createSqsQueue } from '../../shared/adapters/sqs-queue.ts';
import { MESSAGE_BYTES, type Queue } from '../../shared/ports/queue.ts';
import { type EmbeddedClients, startEmbeddedClients } from '../support/embedded-clients.ts';

let embedded: EmbeddedClients;
beforeAll(async () => {
  embedded = await startEmbeddedClients();
});
afterAll(() => embedded.close());

const receiveAll = async (QueueUrl: string): Promise<string[]> => {
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await embedded.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600 }),
    );
    if (Messages.length === 0) return bodies;
    bodies.push(...Messages.map(({ Body }) => Body ?? ''));
  }
};

interface Subject {
  readonly queue: Queue;
  received(): Promise<string[]>;
}
let queues = 0;
const subjects: [string, () => Promise<Subject>][] = [
  [
    'memory',
    async () => {
      const queue = createMemoryQueue();
      return { queue, received: async () => queue.bodies };
    },
  ],
  [
    'SQS',
    async () => {
      const url = await embedded.createQueue(`queue-${queues++}`);
      return { queue: createSqsQueue(embedded.sqs, url), received: () => receiveAll(url) };
    },
  ],
];

describe.each(subjects)('the queue in %s', (_, create) => {
  test('takes any number of messages and answers for each', async () => {
    const { queue, received } = await create();
    const bodies = Array.from({ length: 23 }, (_, number) => `message ${number}`);
    expect(await queue.send(bodies)).toEqual(bodies.map(() => ({ sent: true })));
    expect((await received()).sort()).toEqual(bodies.sort());
    expect(await queue.send([])).toEqual([]);
  });

  test('large messages go in as many requests as they need; one that is too large is refused alone', async () => {
    const { queue, received } = await create();
    const quarter = 'q'.repeat(256 * 1024);
    const bodies = [quarter, quarter, 'x'.repeat(MESSAGE_BYTES + 1), quarter, quarter, quarter, 'small'];
    const outcomes = await queue.send(bodies);
    expect(outcomes.map(({ sent }) => sent)).toEqual([true, true, false, true, true, true, true]);
    expect(outcomes[2]).toEqual({ sent: false, code: 'too-large' });
    expect(await received()).toHaveLength(6);
  });
});

test('a queue that can not be asked gives an outcome for each message, and does not reject', async () => {
  const queue = createSqsQueue(embedded.sqs, `${embedded.aws.env['AWS_ENDPOINT_URL_SQS']}/000000000000/none`);
  const outcomes = await queue.send(['a', 'b']);
  expect(outcomes.map(({ sent }) => sent)).toEqual([false, false]);
});
