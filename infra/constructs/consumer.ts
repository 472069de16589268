import { Duration } from 'aws-cdk-lib';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type * as z from 'zod';
import { ConsumerEnv } from '../../functions/consumer/env.ts';
import type { Config } from '../config.ts';
import { NodeFunction } from './node-function.ts';

const TIMEOUT = Duration.seconds(60);

/** Queue → consumer, and the dead letters that it leaves. */
export class Consumer extends Construct {
  readonly queue: Queue;
  readonly fn: NodeFunction<z.input<typeof ConsumerEnv>>;

  constructor(scope: Construct, id: string, { logDays }: { logDays: Config['logDays'] }) {
    super(scope, id);
    const deadLetters = new Queue(this, 'DeadLetters', {
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    this.queue = new Queue(this, 'Queue', {
      enforceSSL: true,
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
      logDays,
    });
    this.fn.lambda.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize: 10,
        maxBatchingWindow: Duration.seconds(1), // freshness: the pipeline's own share is 2 s
        maxConcurrency: 5,
        reportBatchItemFailures: true,
      }),
    );
  }

  grantSend(fn: NodeFunction<{ QUEUE_URL: string }>): void {
    fn.give('QUEUE_URL', this.queue.queueUrl);
    fn.allow(['sqs:SendMessage'], [this.queue.queueArn]);
  }
}
