import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { createDynamoDbCallIndex } from '../../shared/adapters/dynamodb-call-index.ts';

test.each([
  [undefined, true],
  ['now', true],
  ['lately', false],
] as const)('a look as of %s is a consistent read: %s', async (asOf, isConsistent) => {
  const asked: unknown[] = [];
  const client = {
    send: async ({ input }: { input: unknown }) => {
      asked.push(input);
      return {};
    },
  } as unknown as DynamoDBClient;
  await createDynamoDbCallIndex(client, 'index').load('main', ['a'], asOf);
  expect(asked).toMatchObject([{ RequestItems: { index: { ConsistentRead: isConsistent } } }]);
});
