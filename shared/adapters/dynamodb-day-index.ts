import {
  type AttributeValue,
  type DynamoDBClient,
  DynamoDBServiceException,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { dayKeys, PlaceEntry, placeOf, SECONDARY_INDEXES } from '../contract/index-table.ts';
import { type DayIndex, IndexSwitchedOff } from '../ports/call-index.ts';
import { plainOf } from './dynamodb-call-index.ts';

/** What is shown of an item costs nothing less; names that DynamoDB reserves need a stand-in, so all have one. */
const SHOWN = Object.keys(PlaceEntry.shape);
const STAND_INS = Object.fromEntries(SHOWN.map((name) => [`#${name}`, name]));

/** Reads the index table by its secondary index `day`. */
export const createDynamoDbDayIndex = (client: DynamoDBClient, table: string): DayIndex => ({
  async *pages(account, dt, statuses, after) {
    const partitions = statuses.flatMap((status) => dayKeys(account, dt, status)).sort();
    for (const partition of partitions) {
      if (after !== undefined && partition <= after) continue;
      let from: Record<string, AttributeValue> | undefined;
      do {
        const page = await client
          .send(
            new QueryCommand({
              TableName: table,
              IndexName: 'day',
              KeyConditionExpression: '#partition = :key',
              ProjectionExpression: Object.keys(STAND_INS).join(', '),
              ExpressionAttributeNames: { ...STAND_INS, '#partition': SECONDARY_INDEXES.day.partition },
              ExpressionAttributeValues: { ':key': { S: partition } },
              ExclusiveStartKey: from,
            }),
          )
          .catch((error: unknown) => {
            if (error instanceof DynamoDBServiceException && error.name === 'ValidationException')
              throw new IndexSwitchedOff('the table has no index by day', { cause: error });
            throw error;
          });
        yield {
          partition,
          calls: (page.Items ?? []).map((found) => placeOf(PlaceEntry.parse(plainOf(found)))),
        };
        from = page.LastEvaluatedKey;
      } while (from !== undefined);
    }
  },
});
