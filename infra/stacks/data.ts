import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { AccountSecrets } from '../constructs/account-secrets.ts';
import { Archive } from '../constructs/archive.ts';
import { CallBus } from '../constructs/call-bus.ts';
import { CallIndex } from '../constructs/call-index.ts';
import { Ledger } from '../constructs/ledger.ts';

/** What must outlive everything else: bucket, tables, bus, secrets. */
export class DataStack extends Stack {
  readonly archive: Archive;
  readonly index: CallIndex;
  readonly ledger: Ledger;
  readonly bus: CallBus;
  readonly secrets: AccountSecrets;

  constructor(scope: Construct, id: string, { keep, indexes, accounts }: Config) {
    super(scope, id, {
      description: 'Smartflo call records: archive, index, ledger, event bus and credentials.',
      terminationProtection: keep,
    });
    this.archive = new Archive(this, 'Archive', { keep });
    this.index = new CallIndex(this, 'Index', { keep, indexes });
    this.ledger = new Ledger(this, 'Ledger', { keep });
    this.bus = new CallBus(this, 'Calls', { keep });
    this.secrets = new AccountSecrets(this, 'Accounts', { keep, accounts: accounts.map(({ name }) => name) });

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
