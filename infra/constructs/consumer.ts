import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type * as z from 'zod';
import { ConsumerEnv } from '../../functions/consumer/env.ts';
import type { EncryptionKey } from './encryption-key.ts';
import { type FunctionSurroundings, NodeFunction } from './node-function.ts';

const TIMEOUT = Duration.seconds(60);

/** Queue → consumer, and the dead letters that it leaves. */
export class Consumer extends Construct {
  readonly queue: Queue;
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
    const deadLetters = new Queue(this, 'DeadLetters', {
      ...atRest,
      retentionPeriod: Duration.days(14),
    });
    this.queue = new Queue(this, 'Queue', {
      ...atRest,
      visibilityTimeout: Duration.seconds(6 * TIMEOUT.toSeconds()), // Lambda asks for six times its timeout
      retentionPeriod: Duration.days(7),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: 200 }, // what no retry cures is quarantined: retries may be many
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
    this.fn.lambda.addEventSourceMapping('Packs', {
      eventSourceArn: this.queue.queueArn,
      batchSize: 10,
      maxBatchingWindow: Duration.seconds(1), // freshness: the pipeline's own share is 2 s
      maxConcurrency: 5,
      reportBatchItemFailures: true,
    });
  }

  grantSend(fn: NodeFunction<{ QUEUE_URL: string }>): void {
    fn.give('QUEUE_URL', this.queue.queueUrl);
    fn.allow(['sqs:SendMessage'], [this.queue.queueArn]);
    this.#key.grantWrite(fn, 'sqs');
  }
}
