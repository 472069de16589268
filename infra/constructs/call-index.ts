import { AttributeType, type TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { SECONDARY_INDEXES, TABLE_KEY } from '../../shared/contract/index-table.ts';
import type { EncryptionKey } from './encryption-key.ts';
import type { NodeFunction } from './node-function.ts';
import { protectedTable } from './protected-table.ts';

const text = (name: string) => ({ name, type: AttributeType.STRING });
const number = (name: string) => ({ name, type: AttributeType.NUMBER });

/** The index table with the secondary indexes that are switched on. */
export class CallIndex extends Construct {
  readonly table: TableV2;
  readonly #key: EncryptionKey;

  constructor(
    scope: Construct,
    id: string,
    props: { keep: boolean; key: EncryptionKey; indexes: Readonly<Record<string, boolean>> },
  ) {
    super(scope, id);
    this.#key = props.key;
    this.table = protectedTable(this, 'Table', {
      keep: props.keep,
      key: props.key,
      partitionKey: text(TABLE_KEY.partition),
      sortKey: text(TABLE_KEY.sort),
      globalSecondaryIndexes: Object.entries(SECONDARY_INDEXES)
        .filter(([indexName]) => props.indexes[indexName])
        .map(([indexName, { partition, sort }]) => ({
          indexName,
          partitionKey: text(partition),
          sortKey: number(sort),
        })),
    });
  }

  /** The prover: reads by key and by day. */
  grantProve(fn: NodeFunction<{ INDEX_TABLE: string }>): void {
    fn.give('INDEX_TABLE', this.table.tableName);
    fn.allow(['dynamodb:BatchGetItem'], [this.table.tableArn]);
    fn.allow(['dynamodb:Query'], [`${this.table.tableArn}/index/day`]);
    this.#key.grantRead(fn, 'dynamodb');
  }

  /** The consumer: reads by key and puts on a condition. It can't delete, query or scan. */
  grantUpsert(fn: NodeFunction<{ INDEX_TABLE: string }>): void {
    fn.give('INDEX_TABLE', this.table.tableName);
    fn.allow(['dynamodb:BatchGetItem', 'dynamodb:PutItem'], [this.table.tableArn]);
    this.#key.grantWrite(fn, 'dynamodb');
  }
}
