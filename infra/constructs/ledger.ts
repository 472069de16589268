import { AttributeType, type TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { EncryptionKey } from './encryption-key.ts';
import type { NodeFunction } from './node-function.ts';
import { protectedTable } from './protected-table.ts';

/** What is known to be done, and the session of each account: a document a key. */
export class Ledger extends Construct {
  readonly table: TableV2;
  readonly #key: EncryptionKey;

  constructor(scope: Construct, id: string, { keep, key }: { keep: boolean; key: EncryptionKey }) {
    super(scope, id);
    this.#key = key;
    this.table = protectedTable(this, 'Table', {
      keep,
      key,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
    });
  }

  /** The prover: knows of each day, orders repairs, and reads what the poller has learnt. The session is not its. */
  grantProve(fn: NodeFunction<{ LEDGER_TABLE: string }>): void {
    fn.give('LEDGER_TABLE', this.table.tableName);
    const under = (...prefixes: string[]) => ({
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': prefixes.map((prefix) => `${prefix}#*`) },
    });
    fn.allow(['dynamodb:GetItem'], [this.table.tableArn], under('proof', 'orders', 'state'));
    fn.allow(['dynamodb:PutItem'], [this.table.tableArn], under('proof', 'orders'));
    this.#key.grantWrite(fn, 'dynamodb');
  }

  /** The poller alone: the session token is in it. */
  grantKeep(fn: NodeFunction<{ LEDGER_TABLE: string }>): void {
    fn.give('LEDGER_TABLE', this.table.tableName);
    fn.allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [this.table.tableArn]);
    this.#key.grantWrite(fn, 'dynamodb');
  }
}
