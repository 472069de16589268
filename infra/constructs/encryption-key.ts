import { ArnFormat, Aws, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Grantee } from './exact-role.ts';

/** Services that encrypt in the name of whoever writes to them or reads from them. */
export type EncryptingService = 's3' | 'dynamodb' | 'sqs' | 'secretsmanager';

/** What a caller needs of the key, beside the service's own action. */
const READ: Readonly<Record<EncryptingService, readonly string[]>> = {
  s3: ['kms:Decrypt'],
  dynamodb: ['kms:Decrypt', 'kms:DescribeKey'],
  sqs: ['kms:Decrypt'],
  secretsmanager: ['kms:Decrypt'],
};
const WRITE: Readonly<Record<EncryptingService, readonly string[]>> = {
  // An upload in parts is read back by S3 as it is put together.
  s3: ['kms:Decrypt', 'kms:GenerateDataKey'],
  dynamodb: [
    'kms:Decrypt',
    'kms:DescribeKey',
    'kms:Encrypt',
    'kms:GenerateDataKey',
    'kms:ReEncryptFrom',
    'kms:ReEncryptTo',
  ],
  sqs: ['kms:Decrypt', 'kms:GenerateDataKey'],
  secretsmanager: ['kms:Decrypt', 'kms:GenerateDataKey'],
};

/** The one key for everything at rest: bucket, tables, queues, secrets, logs, the bus's archive. */
export class EncryptionKey extends Construct {
  readonly key: IKey;

  /** @param reuse the ARN of a key that is there already; its policy is its owner's. */
  constructor(scope: Construct, id: string, { keep, reuse }: { keep: boolean; reuse: string | undefined }) {
    super(scope, id);
    this.key = reuse === undefined ? this.#make(keep) : Key.fromKeyArn(this, 'Reused', reuse);
  }

  /** Lets a function read what a service has encrypted: through that service only. */
  grantRead(to: Grantee, service: EncryptingService): void {
    to.allow(READ[service], [this.key.keyArn], through(service));
  }

  /** Lets a function write what a service then encrypts: through that service only. */
  grantWrite(to: Grantee, service: EncryptingService): void {
    to.allow(WRITE[service], [this.key.keyArn], through(service));
  }

  #make(keep: boolean): Key {
    const key = new Key(this, 'Key', {
      description: 'Smartflo call records: everything at rest.',
      enableKeyRotation: true,
      // Without its key, what was kept could never be read again.
      removalPolicy: keep ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const here = Stack.of(this);
    const serve = (service: string, actions: string[], conditions?: Record<string, Record<string, string>>) =>
      key.addToResourcePolicy(
        new PolicyStatement({
          principals: [new ServicePrincipal(service)],
          actions,
          resources: ['*'], // in a key's policy: this key
          ...(conditions && { conditions }),
        }),
      );
    serve(
      `logs.${Aws.REGION}.amazonaws.com`,
      ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
      {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': here.formatArn({
            service: 'logs',
            resource: 'log-group',
            resourceName: '*',
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        },
      },
    );
    serve('cloudwatch.amazonaws.com', ['kms:Decrypt', 'kms:GenerateDataKey'], {
      StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
    });
    // What a topic could not deliver goes into a queue.
    serve('sns.amazonaws.com', ['kms:Decrypt', 'kms:GenerateDataKey'], {
      StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
    });
    // Into a consumer's queue. EventBridge does not say in whose name it delivers, so no condition would match.
    serve('events.amazonaws.com', ['kms:Decrypt', 'kms:GenerateDataKey']);
    return key;
  }
}

const through = (service: EncryptingService) => ({
  StringEquals: { 'kms:ViaService': `${service}.${Aws.REGION}.amazonaws.com` },
});
