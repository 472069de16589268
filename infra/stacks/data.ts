import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { AccountSecrets } from '../constructs/account-secrets.ts';
import { Archive } from '../constructs/archive.ts';
import { CallBus } from '../constructs/call-bus.ts';
import { CallIndex } from '../constructs/call-index.ts';
import { EncryptionKey } from '../constructs/encryption-key.ts';
import { EventSchemas } from '../constructs/event-schemas.ts';
import { Ledger } from '../constructs/ledger.ts';

/** What must outlive everything else: key, bucket, tables, bus, secrets. */
export class DataStack extends Stack {
  readonly key: EncryptionKey;
  readonly archive: Archive;
  readonly index: CallIndex;
  readonly ledger: Ledger;
  readonly bus: CallBus;
  readonly secrets: AccountSecrets;

  constructor(scope: Construct, id: string, config: Config) {
    const { keep, indexes, accounts } = config;
    super(scope, id, {
      description: 'Smartflo call records: archive, index, ledger, event bus and credentials.',
      terminationProtection: keep,
    });
    const key = new EncryptionKey(this, 'Encryption', { keep, reuse: config.kmsKeyArn });
    this.key = key;
    this.archive = new Archive(this, 'Archive', { keep, key });
    this.index = new CallIndex(this, 'Index', { keep, key, indexes });
    this.ledger = new Ledger(this, 'Ledger', { keep, key });
    this.bus = new CallBus(this, 'Calls', {
      keep,
      key,
      reuse: config.eventBusName,
      archiveDays: config.busArchiveDays,
      trusted: config.trustedAccounts,
    });
    new EventSchemas(this, 'Schemas');
    this.secrets = new AccountSecrets(this, 'Accounts', {
      keep,
      key,
      accounts: accounts.map(({ name }) => name),
    });

    new CfnOutput(this, 'ArchiveBucket', {
      description: 'The raw records, under raw/account=.../dt=....',
      value: this.archive.bucket.bucketName,
    });
    new CfnOutput(this, 'IndexTable', {
      description: 'One entry a call.',
      value: this.index.table.tableName,
    });
    new CfnOutput(this, 'EventBus', {
      description: 'Every new or changed call: attach your rules here.',
      value: this.bus.bus.eventBusName,
    });
  }
}
