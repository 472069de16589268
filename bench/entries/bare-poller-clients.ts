import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';

/** The SDK clients and commands that the poller uses, and nothing else: what its load is held against. */
const clients = [new DynamoDBClient(), new S3Client(), new SecretsManagerClient(), new SQSClient()];
const commands = [
  GetItemCommand,
  PutItemCommand,
  GetObjectCommand,
  PutObjectCommand,
  GetSecretValueCommand,
  SendMessageBatchCommand,
];

export const handler = async (): Promise<number> => clients.length + commands.length;
