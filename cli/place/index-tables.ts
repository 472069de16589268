import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  ScanCommand,
  type TableDescription,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import type { SystemNames } from '../../local/system-names.ts';
import { createDynamoDbCallIndex } from '../../shared/adapters/dynamodb-call-index.ts';
import type { CallIndex } from '../../shared/ports/call-index.ts';

/** What a table of some name is: `other` is made for something else than calls. */
export type TableState = 'absent' | 'empty' | 'filled' | 'other';

/** Index tables beside the one that the system writes. */
export interface IndexTables {
  /** Tables that the system writes itself. */
  readonly own: readonly string[];
  state(table: string): Promise<TableState>;
  /** Makes an empty table with the keys and secondary indexes of the live one, billed by request. */
  create(table: string): Promise<void>;
  open(table: string): CallIndex;
}

/** Seconds that a new table with five secondary indexes may take. */
const LONGEST_CREATION = 300;

const keysOf = ({ KeySchema = [], GlobalSecondaryIndexes = [] }: TableDescription): string =>
  JSON.stringify([
    KeySchema.map(({ AttributeName, KeyType }) => [KeyType, AttributeName]),
    GlobalSecondaryIndexes.map(({ IndexName = '' }) => IndexName).toSorted((a, b) => a.localeCompare(b)),
  ]);

export const createIndexTables = (
  dynamo: DynamoDBClient,
  { indexTable, ledgerTable }: SystemNames,
): IndexTables => {
  const describe = async (TableName: string): Promise<TableDescription> => {
    const { Table } = await dynamo.send(new DescribeTableCommand({ TableName }));
    return Table ?? {};
  };
  return {
    own: [indexTable, ledgerTable],
    async state(table) {
      try {
        const [there, live] = await Promise.all([describe(table), describe(indexTable)]);
        if (keysOf(there) !== keysOf(live)) return 'other';
        const { Items = [] } = await dynamo.send(new ScanCommand({ TableName: table, Limit: 1 }));
        return Items.length === 0 ? 'empty' : 'filled';
      } catch (thrown) {
        if (thrown instanceof ResourceNotFoundException) return 'absent';
        throw thrown;
      }
    },
    async create(TableName) {
      const live = await describe(indexTable);
      const indexes = live.GlobalSecondaryIndexes ?? [];
      await dynamo.send(
        new CreateTableCommand({
          TableName,
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: live.KeySchema,
          AttributeDefinitions: live.AttributeDefinitions,
          ...(indexes.length > 0 && {
            GlobalSecondaryIndexes: indexes.map(({ IndexName, KeySchema, Projection }) => ({
              IndexName,
              KeySchema,
              Projection,
            })),
          }),
        }),
      );
      await waitUntilTableExists(
        { client: dynamo, maxWaitTime: LONGEST_CREATION, minDelay: 1 },
        { TableName },
      );
    },
    open: (table) => createDynamoDbCallIndex(dynamo, table),
  };
};
