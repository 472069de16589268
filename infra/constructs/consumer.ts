import { Duration } from 'aws-cdk-lib';
import type { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { type CfnQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type * as z from 'zod';
import { ConsumerEnv } from '../../functions/consumer/env.ts';
import { acknowledge, RULES } from './acknowledge.ts';
import type { EncryptionKey } from './encryption-key.ts';
import { type FunctionSurroundings, NodeFunction } from './node-function.ts';

const TIMEOUT = Duration.seconds(60);

/** Queue → consumer, and the dead letters that it leaves. */
export class Consumer extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly fn: NodeFunction<z.input<typeof ConsumerEnv>>;
  readonly #key: EncryptionKey;

  constructor(scope: Construct, id: string, surroundings: FunctionSurroundings) {
    super(scope, id);
    this.#key = surroundings.key;
    const atRest = {
      enforceSSL: true,
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: surroundings.key.key,
      dataKeyReuse: Duration.hours(1), // a request to KMS an hour and caller, not every five minutes
    };
    this.deadLetters = new Queue(this, 'DeadLetters', {
      ...atRest,
      retentionPeriod: Duration.days(14),
    });
    acknowledge(
      this.deadLetters.node.defaultChild as CfnQueue,
      RULES.redrive,
      'It is where dead letters lie: it takes those of the queue, and has none itself.',
    );
    this.queue = new Queue(this, 'Queue', {
      ...atRest,
      visibilityTimeout: Duration.seconds(6 * TIMEOUT.toSeconds()), // Lambda asks for six times its timeout
      retentionPeriod: Duration.days(7),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 200 }, // what no retry cures is quarantined: retries may be many
    });
    this.fn = new NodeFunction(this, 'Consumer', {
      folder: 'consumer',
      description: 'Archives, indexes and publishes the calls of the queue.',
      env: ConsumerEnv,
      timeout: TIMEOUT,
      memoryMb: 512,
      ...surroundings,
    });
    this.fn.allow(
      ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
      [this.queue.queueArn],
    );
    this.#key.grantRead(this.fn, 'sqs');
    const mapping = this.fn.lambda.addEventSourceMapping('Packs', {
      eventSourceArn: this.queue.queueArn,
      batchSize: 10,
      maxBatchingWindow: Duration.seconds(1), // freshness: the pipeline's own share is 2 s
      maxConcurrency: 5,
      reportBatchItemFailures: true,
    });
    acknowledge(
      mapping.node.defaultChild as CfnEventSourceMapping,
      RULES.mappingDestination,
      'Lambda takes a destination from streams only; for a queue it is the redrive policy, which there is.',
    );
  }

  /** The prover: sends what must be indexed again, and asks whether anything is on its way. */
  grantRepair(fn: NodeFunction<{ QUEUE_URL: string }>): void {
    this.grantSend(fn);
    fn.allow(['sqs:GetQueueAttributes'], [this.queue.queueArn]);
  }

  grantSend(fn: NodeFunction<{ QUEUE_URL: string }>): void {
    fn.give('QUEUE_URL', this.queue.queueUrl);
    fn.allow(['sqs:SendMessage'], [this.queue.queueArn]);
    this.#key.grantWrite(fn, 'sqs');
  }
}
