import { CreateQueueCommand, ReceiveMessageCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMemoryDeadLetters } from '../../shared/adapters/memory/dead-letters.ts';
import { createMemoryQueue } from '../../shared/adapters/memory/queue.ts';
import { createSqsDeadLetters, deadLetterUrlOf } from '../../shared/adapters/sqs-dead-letters.ts';
import { createSqsQueue } from '../../shared/adapters/sqs-queue.ts';
import type { DeadLetters } from '../../shared/ports/dead-letters.ts';
import { type EmbeddedClients, startEmbeddedClients } from '../support/embedded-clients.ts';

let embedded: EmbeddedClients;
beforeAll(async () => {
  embedded = await startEmbeddedClients();
});
afterAll(() => embedded.close());

interface Subject {
  readonly letters: DeadLetters;
  /** What came back to the queue. */
  returned(): Promise<string[]>;
}

let queues = 0;
const subjects: [string, (bodies: readonly string[]) => Promise<Subject>][] = [
  [
    'memory',
    async (bodies) => {
      const queue = createMemoryQueue();
      const letters = bodies.map((body, index) => ({ messageId: `m${index}`, body, sentAt: 1, receives: 3 }));
      return { letters: createMemoryDeadLetters(queue, letters), returned: async () => queue.bodies };
    },
  ],
  [
    'SQS',
    async (bodies) => {
      const name = `lettered-${queues++}`;
      const dead = await embedded.createQueue(`${name}-dead`);
      const QueueUrl = (await embedded.sqs.send(new CreateQueueCommand({ QueueName: name }))).QueueUrl ?? '';
      const policy = {
        deadLetterTargetArn: `arn:aws:sqs:us-east-1:000000000000:${name}-dead`,
        maxReceiveCount: 3,
      };
      await embedded.sqs.send(
        new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy: JSON.stringify(policy) } }),
      );
      expect(await deadLetterUrlOf(embedded.sqs, QueueUrl)).toBe(dead);
      await createSqsQueue(embedded.sqs, dead).send(bodies);
      return {
        letters: createSqsDeadLetters(embedded.sqs, QueueUrl),
        async returned() {
          const found: string[] = [];
          for (;;) {
            const { Messages = [] } = await embedded.sqs.send(
              new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600 }),
            );
            if (Messages.length === 0) return found;
            found.push(...Messages.map(({ Body = '' }) => Body));
          }
        },
      };
    },
  ],
];

const BODIES = Array.from({ length: 13 }, (_, number) => `letter ${number}`);

describe.each(subjects)('dead letters in %s', (_, create) => {
  test('are counted and looked at as often as one likes, and stay', async () => {
    const { letters, returned } = await create(BODIES);
    for (let look = 0; look < 2; look += 1) {
      expect(await letters.count()).toBe(13);
      expect((await letters.peek(100)).map(({ body }) => body).sort()).toEqual([...BODIES].sort());
      expect(await letters.peek(3)).toHaveLength(3);
    }
    expect(await returned()).toEqual([]);
  });

  test('go back to their queue, one or all, and are then gone from here', async () => {
    const { letters, returned } = await create(BODIES);
    const [one] = await letters.peek(1);
    const id = one?.messageId ?? '';
    expect(await letters.redrive(new Set([id]))).toEqual([id]);
    expect(await letters.count()).toBe(12);
    expect(await returned()).toEqual([one?.body]);
    expect(await letters.redrive(undefined)).toHaveLength(12);
    expect(await letters.count()).toBe(0);
    expect(await letters.redrive(undefined)).toEqual([]);
    expect(await letters.redrive(new Set(['nobody']))).toEqual([]);
  });
});
