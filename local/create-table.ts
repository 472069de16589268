import {
  CreateTableCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';

/**
 * A table that can be written to: as on AWS, one that has just been made can't for a moment.
 * @throws what DynamoDB throws; after 30 s that it did not become active.
 */
export const createTable = async (client: DynamoDBClient, table: CreateTableCommandInput): Promise<void> => {
  await client.send(new CreateTableCommand(table));
  // Seconds.
  await waitUntilTableExists(
    { client, minDelay: 0.01, maxDelay: 1, maxWaitTime: 30 },
    { TableName: table.TableName },
  );
};
