import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import {
  createDynamoDbClient,
  createEventBridgeClient,
  createS3Client,
  createSqsClient,
} from '../../shared/adapters/aws-clients.ts';

const stepsOf = (client: { middlewareStack: { identify(): string[] } }) =>
  client.middlewareStack.identify().map((step) => step.split(' ')[0]?.replace(':', ''));

test("the clients asked once a record go without the SDK's dispensable steps", () => {
  const plain = stepsOf(new DynamoDBClient({}));
  for (const client of [createDynamoDbClient(), createEventBridgeClient()]) {
    const dropped = plain.filter((step) => !stepsOf(client).includes(step));
    // After an upgrade that renames one, it would be back without a word.
    expect(new Set(dropped.filter((step) => !step?.includes('ndpoint')))).toEqual(
      new Set(['getUserAgentMiddleware', 'loggerMiddleware', 'recursionDetectionMiddleware']),
    );
  }
});

describe.each([
  [{}, false],
  [{ AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }, true],
  [{ AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1', AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1' }, true],
  [{ AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1' }, false],
])('with %j', (env, isElsewhere) => {
  test('buckets are in the path, and queues at that endpoint, only where the endpoint is not AWS', () => {
    expect(createS3Client(env).config.forcePathStyle).toBe(isElsewhere);
    expect(createSqsClient(env).config.useQueueUrlAsEndpoint).toBe(!isElsewhere);
  });
});
