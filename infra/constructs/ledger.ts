import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { NodeFunction } from './node-function.ts';

/** What is known to be done, and the session of each account: a document a key. */
export class Ledger extends Construct {
  readonly table: TableV2;

  constructor(scope: Construct, id: string, { keep }: { keep: boolean }) {
    super(scope, id);
    this.table = new TableV2(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      billing: Billing.onDemand(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: keep ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      deletionProtection: keep,
    });
  }

  /** The poller alone: the session token is in it. */
  grantKeep(fn: NodeFunction<{ LEDGER_TABLE: string }>): void {
    fn.give('LEDGER_TABLE', this.table.tableName);
    fn.allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [this.table.tableArn]);
  }
}
