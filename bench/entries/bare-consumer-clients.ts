import { BatchGetItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

/** The SDK clients and commands that the consumer uses, and nothing else: what its load is held against. */
const clients = [new DynamoDBClient(), new EventBridgeClient(), new S3Client()];
const commands = [BatchGetItemCommand, PutItemCommand, PutEventsCommand, GetObjectCommand, PutObjectCommand];

export const handler = async (): Promise<number> => clients.length + commands.length;
