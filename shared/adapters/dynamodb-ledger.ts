import { randomUUID } from 'node:crypto';
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { parseOrderBook } from '../contract/account-state-document.ts';
import type { DayState } from '../contract/day-proof.ts';
import { ordersKey, parseSession, proofKey, sessionKey, stateKey } from '../contract/ledger-document.ts';
import type { AccountState } from '../core/account-state.ts';
import type { Ledger, Orders, Proofs, Sessions, Versioned } from '../ports/ledger.ts';

/**
 * Documents in a table whose only key is `pk` (S): `version` (N), `doc` (S, JSON), and `by` (S), a name for
 * this very write. The SDK repeats a put whose reply was lost, and the repeat fails its condition against
 * our own first try: `by` tells that from a conflict.
 */
function createDocuments<T>(
  client: DynamoDBClient,
  table: string,
  keyOf: (account: string) => string,
  parse: (document: unknown) => T,
) {
  const read = async (account: string) => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: { pk: { S: keyOf(account) } }, ConsistentRead: true }),
    );
    return Item;
  };
  return {
    async load(account: string): Promise<Versioned<T> | undefined> {
      const stored = await read(account);
      return (
        stored && { value: parse(JSON.parse(stored['doc']?.S ?? '')), version: Number(stored['version']?.N) }
      );
    },
    async save(account: string, value: T, expected: number): Promise<Versioned<T> | 'conflict'> {
      const saved = { value, version: expected + 1 };
      const by = randomUUID();
      const put = new PutItemCommand({
        TableName: table,
        Item: {
          pk: { S: keyOf(account) },
          version: { N: String(saved.version) },
          doc: { S: JSON.stringify(value) },
          by: { S: by },
        },
        ConditionExpression: expected === 0 ? 'attribute_not_exists(pk)' : 'version = :expected',
        ...(expected > 0 && { ExpressionAttributeValues: { ':expected': { N: String(expected) } } }),
      });
      try {
        await client.send(put);
        return saved;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        return (await read(account))?.['by']?.S === by ? saved : 'conflict';
      }
    },
  };
}

export const createDynamoDbLedger = (
  client: DynamoDBClient,
  table: string,
  parseState: (document: unknown) => AccountState,
): Ledger => createDocuments(client, table, stateKey, parseState);

/** In the ledger's table, a document an account and day. */
export const createDynamoDbProofs = (
  client: DynamoDBClient,
  table: string,
  parseState: (document: unknown) => DayState,
): Proofs => {
  const documents = createDocuments(client, table, proofKey, parseState);
  return {
    load: (account, dt) => documents.load(`${account}#${dt}`),
    save: (account, dt, state, expected) => documents.save(`${account}#${dt}`, state, expected),
  };
};

/** In the ledger's table, under keys of their own. */
export const createDynamoDbOrders = (client: DynamoDBClient, table: string): Orders =>
  createDocuments(client, table, ordersKey, parseOrderBook);

/** In the ledger's table, under keys of their own. */
export const createDynamoDbSessions = (client: DynamoDBClient, table: string): Sessions =>
  createDocuments(client, table, sessionKey, parseSession);
