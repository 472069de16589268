import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { EmbeddedAws } from './aws.ts';

/** Clients of this process for the embedded AWS: the real ones, told what a function's environment would tell them. */
export const clientsOf = ({ env }: Pick<EmbeddedAws, 'env'>) => {
  const at = (service: 'S3' | 'SQS' | 'DYNAMODB' | 'EVENTBRIDGE') => ({
    endpoint: env[`AWS_ENDPOINT_URL_${service}`] ?? '',
    region: env['AWS_REGION'] ?? '',
    credentials: {
      accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
    },
  });
  return {
    s3: new S3Client(at('S3')),
    sqs: new SQSClient(at('SQS')),
    dynamo: new DynamoDBClient(at('DYNAMODB')),
    events: new EventBridgeClient(at('EVENTBRIDGE')),
  };
};
export type EmbeddedClients = ReturnType<typeof clientsOf>;
