import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTable } from '../../local/create-table.ts';
import { type EmbeddedAws, startEmbeddedAws } from '../../local/embedded/aws.ts';
import {
  createDynamoDbLedger,
  createDynamoDbOrders,
  createDynamoDbSessions,
} from '../../shared/adapters/dynamodb-ledger.ts';
import {
  createMemoryLedger,
  createMemoryOrders,
  createMemorySessions,
} from '../../shared/adapters/memory/ledger.ts';
import type { AccountState } from '../../shared/core/account-state.ts';
import type { Session } from '../../shared/core/session.ts';
import type { Ledger, Orders, Sessions } from '../../shared/ports/ledger.ts';

const TableName = 'ledger';
/** The schema of a state has tests of its own; here a document is a document. */
const asState = (document: unknown) => document as AccountState;
const state = (epoch: number) => asState({ epoch });

let aws: EmbeddedAws;
let client: DynamoDBClient;
const connect = () =>
  new DynamoDBClient({
    endpoint: aws.env['AWS_ENDPOINT_URL_DYNAMODB'] ?? '',
    region: aws.env['AWS_REGION'] ?? '',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
beforeAll(async () => {
  aws = await startEmbeddedAws();
  client = connect();
  await createTable(client, {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  });
});
afterAll(() => aws.close());

const memory = {
  ledger: createMemoryLedger(asState),
  orders: createMemoryOrders(),
  sessions: createMemorySessions(),
};

describe.each<[string, () => { ledger: Ledger; orders: Orders; sessions: Sessions }]>([
  ['memory', () => memory],
  [
    'DynamoDB',
    () => ({
      ledger: createDynamoDbLedger(client, TableName, asState),
      orders: createDynamoDbOrders(client, TableName),
      sessions: createDynamoDbSessions(client, TableName),
    }),
  ],
])('the ledger in %s', (_, subject) => {
  test('has nothing at first, then what was saved', async () => {
    const { ledger } = subject();
    expect(await ledger.load('a')).toBeUndefined();
    expect(await ledger.save('a', state(1), 0)).toEqual({ value: state(1), version: 1 });
    expect(await ledger.load('a')).toEqual({ value: state(1), version: 1 });
    expect(await ledger.load('A')).toBeUndefined();
  });

  test('keeps orders apart from the state, and changes them by compare-and-set', async () => {
    const { ledger, orders } = subject();
    const book = {
      nextId: 2,
      orders: [{ id: 1, kind: 'repair' as const, from: 1, to: 2, publish: false, orderedAt: 3 }],
      cancelled: [],
    };
    await ledger.save('ordered', state(7), 0);
    expect(await orders.load('ordered')).toBeUndefined();
    expect(await orders.save('ordered', book, 0)).toEqual({ value: book, version: 1 });
    expect(await orders.save('ordered', book, 0)).toBe('conflict');
    expect(await orders.load('ordered')).toEqual({ value: book, version: 1 });
    expect((await ledger.load('ordered'))?.value).toEqual(state(7));
  });

  test('lets one of two first writers win', async () => {
    const { ledger } = subject();
    const outcomes = await Promise.all([ledger.save('b', state(1), 0), ledger.save('b', state(1), 0)]);
    expect(outcomes.filter((outcome) => outcome === 'conflict')).toHaveLength(1);
  });

  test('lets one of many writers of the same next document win', async () => {
    const { ledger } = subject();
    await ledger.save('c', state(1), 0);
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => ledger.save('c', state(2), 1)));
    expect(outcomes.filter((outcome) => outcome !== 'conflict')).toEqual([{ value: state(2), version: 2 }]);
    expect(await ledger.save('c', state(3), 1)).toBe('conflict');
    expect(await ledger.load('c')).toEqual({ value: state(2), version: 2 });
  });

  test('a save that expects a version of nothing is a conflict', async () => {
    expect(await subject().ledger.save('d', state(1), 4)).toBe('conflict');
  });

  test('keeps sessions apart from states, and all that they hold', async () => {
    const { ledger, sessions } = subject();
    const session: Session = {
      token: 'abc',
      secretVersion: 'v1',
      issuedAt: 1,
      expiresAt: 2,
      accepted: true,
      passwordDaysLeft: 3,
      claim: { owner: 'me', until: 4 },
      breaker: { secretVersion: 'v0', reason: 'login-rejected', openedAt: 5, lockedUntil: 6 },
    };
    await ledger.save('e', state(1), 0);
    expect(await sessions.load('e')).toBeUndefined();
    await sessions.save('e', session, 0);
    expect(await sessions.load('e')).toEqual({ value: session, version: 1 });
    expect(await ledger.load('e')).toEqual({ value: state(1), version: 1 });
  });

  test('shares no object with its callers', async () => {
    const { ledger } = subject();
    const mutable = { epoch: 1 };
    await ledger.save('f', asState(mutable), 0);
    mutable.epoch = 9;
    expect((await ledger.load('f'))?.value).toEqual({ epoch: 1 });
  });
});

describe('the ledger in DynamoDB', () => {
  test('knows its own write when the reply is lost and the SDK sends it again', async () => {
    const losing = connect();
    let lost = 0;
    losing.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        if (lost++ === 0) throw Object.assign(new Error('reply lost'), { name: 'TimeoutError' });
        return result;
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    const ledger = createDynamoDbLedger(losing, TableName, asState);
    expect(await ledger.save('lost', state(1), 0)).toEqual({ value: state(1), version: 1 });
    expect(lost).toBeGreaterThan(1);
    losing.destroy();
  });

  test('rejects what is no session', async () => {
    await client.send(
      new PutItemCommand({
        TableName,
        Item: { pk: { S: 'session#g' }, version: { N: '1' }, doc: { S: '{"token":5}' } },
      }),
    );
    await expect(createDynamoDbSessions(client, TableName).load('g')).rejects.toThrow();
  });
});
