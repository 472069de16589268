import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
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
  }

  grantSend(to: Grantee): void {
    to.allow(['sqs:SendMessage'], [this.queue.queueArn]);
    this.#key.grantWrite(to, 'sqs');
  }
}
