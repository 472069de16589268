import { Duration } from 'aws-cdk-lib';
import { type CfnQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge, RULES } from './acknowledge.ts';
import type { EncryptionKey } from './encryption-key.ts';
import type { Grantee } from './exact-role.ts';

/** Where an invocation goes that never ran: a schedule's that Lambda refused, or one made by hand that failed. */
export class Undelivered extends Construct {
  readonly queue: Queue;
  readonly #key: EncryptionKey;

  constructor(scope: Construct, id: string, { key }: { key: EncryptionKey }) {
    super(scope, id);
    this.#key = key;
    this.queue = new Queue(this, 'Queue', {
      enforceSSL: true,
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key.key,
      retentionPeriod: Duration.days(14),
    });
    acknowledge(
      this.queue.node.defaultChild as CfnQueue,
      RULES.redrive,
      'Nothing reads it but a person: what is in it lies still until it is looked at.',
    );
  }

  grantSend(to: Grantee): void {
    to.allow(['sqs:SendMessage'], [this.queue.queueArn]);
    this.#key.grantWrite(to, 'sqs');
  }
}
