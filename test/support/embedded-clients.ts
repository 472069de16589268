import { CreateEventBusCommand } from '@aws-sdk/client-eventbridge';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { vi } from 'vitest';
import { createTable } from '../../local/create-table.ts';
import { startEmbeddedAws } from '../../local/embedded/aws.ts';
import {
  createDynamoDbClient,
  createEventBridgeClient,
  createS3Client,
  createSqsClient,
} from '../../shared/adapters/aws-clients.ts';
import { SECONDARY_INDEXES, TABLE_KEY } from '../../shared/contract/index-table.ts';

/**
 * The embedded AWS, and clients that find it as a function's do: by the environment. Each `create…` makes a thing
 * of that name and gives back what an adapter wants of it.
 */
export const startEmbeddedClients = async () => {
  const aws = await startEmbeddedAws();
  for (const [name, value] of Object.entries(aws.env)) vi.stubEnv(name, value);
  const s3 = createS3Client(process.env);
  const sqs = createSqsClient(process.env);
  const dynamoDb = createDynamoDbClient();
  const eventBridge = createEventBridgeClient();
  return {
    aws,
    s3,
    sqs,
    dynamoDb,
    eventBridge,
    async createBucket(name: string): Promise<string> {
      await s3.send(new CreateBucketCommand({ Bucket: name }));
      return name;
    },
    async createQueue(name: string): Promise<string> {
      return (await sqs.send(new CreateQueueCommand({ QueueName: name }))).QueueUrl ?? '';
    },
    async createBus(name: string): Promise<string> {
      await eventBridge.send(new CreateEventBusCommand({ Name: name }));
      return name;
    },
    async createIndexTable(name: string): Promise<string> {
      const keySchema = ({ partition, sort }: { partition: string; sort: string }) => [
        { AttributeName: partition, KeyType: 'HASH' as const },
        { AttributeName: sort, KeyType: 'RANGE' as const },
      ];
      const texts = [
        TABLE_KEY.partition,
        TABLE_KEY.sort,
        ...Object.values(SECONDARY_INDEXES).map(({ partition }) => partition),
      ];
      await createTable(dynamoDb, {
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: keySchema(TABLE_KEY),
        AttributeDefinitions: [
          ...texts.map((text) => ({ AttributeName: text, AttributeType: 'S' as const })),
          { AttributeName: SECONDARY_INDEXES.day.sort, AttributeType: 'N' },
        ],
        GlobalSecondaryIndexes: Object.entries(SECONDARY_INDEXES).map(([index, keys]) => ({
          IndexName: index,
          KeySchema: keySchema(keys),
          Projection: { ProjectionType: 'ALL' },
        })),
      });
      return name;
    },
    async close(): Promise<void> {
      for (const client of [s3, sqs, dynamoDb, eventBridge]) client.destroy();
      await aws.close();
      vi.unstubAllEnvs();
    },
  };
};
export type EmbeddedClients = Awaited<ReturnType<typeof startEmbeddedClients>>;
