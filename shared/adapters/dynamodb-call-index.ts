import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  DynamoDBServiceException,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import {
  agentEntriesOf,
  CALL_SORT,
  CallEntry,
  callOf,
  dayKeys,
  entryOf,
  inAccount,
  SECONDARY_INDEXES,
  type SecondaryIndex,
} from '../contract/index-table.ts';
import type { IndexedCall } from '../contract/indexed-call.ts';
import type { CallFilter, CallIndex } from '../ports/call-index.ts';

type Attributes = Record<string, AttributeValue>;

/** Keys of one BatchGetItem at most. */
const KEYS_A_REQUEST = 100;
/** BatchGetItem leaves keys out under load; asked again with growing pauses, then the table could not be asked. */
const TRIES = 6;
const FIRST_PAUSE_MS = 25;

const attribute = (value: string | number | boolean | readonly string[]): AttributeValue => {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  return { L: value.map((text) => ({ S: text })) };
};

const attributesOf = (entry: object): Attributes =>
  Object.fromEntries(
    Object.entries(entry).flatMap(([name, value]) => (value === undefined ? [] : [[name, attribute(value)]])),
  );

const valueOf = ({ S, N, BOOL, L }: AttributeValue): unknown =>
  S ?? (N === undefined ? (BOOL ?? L?.map(valueOf)) : Number(N));

/** An item without DynamoDB's typing. */
export const plainOf = (attributes: Attributes): Record<string, unknown> =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, valueOf(value)]));

const callFrom = (attributes: Attributes): IndexedCall => callOf(CallEntry.parse(plainOf(attributes)));

/** The index table and its secondary indexes; layout in shared/contract/index-table.ts. */
export const createDynamoDbCallIndex = (client: DynamoDBClient, table: string): CallIndex => {
  const loadHundred = async (
    partitions: readonly string[],
    ConsistentRead: boolean,
  ): Promise<Attributes[]> => {
    const found: Attributes[] = [];
    let owed: Attributes[] = partitions.map((pk) => ({ pk: { S: pk }, sk: { S: CALL_SORT } }));
    for (let tries = 1; owed.length > 0; tries++) {
      if (tries > TRIES) throw new Error('BatchGetItem left keys out at every try');
      if (tries > 1) await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS * 2 ** (tries - 2)));
      const answer = await client.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys: owed, ConsistentRead } } }),
      );
      found.push(...(answer.Responses?.[table] ?? []));
      owed = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    }
    return found;
  };

  const load: CallIndex['load'] = async (account, keys, asOf = 'now') => {
    const partitions = [...new Set(keys)].map((key) => inAccount(account, key));
    const hundreds = Array.from({ length: Math.ceil(partitions.length / KEYS_A_REQUEST) }, (_, index) =>
      partitions.slice(index * KEYS_A_REQUEST, (index + 1) * KEYS_A_REQUEST),
    );
    const found = await Promise.all(hundreds.map((some) => loadHundred(some, asOf === 'now')));
    const calls = found.flat().map(callFrom);
    return new Map(calls.map((call) => [call.key, call]));
  };

  const put = (attributes: Attributes) => new PutItemCommand({ TableName: table, Item: attributes });

  /** Entries under one key of a secondary index, newest first, a page at a time. */
  async function* query(index: SecondaryIndex, key: string, limit: number): AsyncGenerator<Attributes[]> {
    let after: Attributes | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: index,
          KeyConditionExpression: '#partition = :key',
          ExpressionAttributeNames: { '#partition': SECONDARY_INDEXES[index].partition },
          ExpressionAttributeValues: { ':key': { S: key } },
          ScanIndexForward: false,
          Limit: limit,
          ExclusiveStartKey: after,
        }),
      );
      yield page.Items ?? [];
      after = page.LastEvaluatedKey;
    } while (after !== undefined);
  }

  /** Pointers of further agents are followed; one that no longer holds is left out. */
  const followed = async (account: string, agent: string, entries: readonly Attributes[]) => {
    const pointed = entries.filter(({ sk }) => sk?.S !== CALL_SORT);
    const keys = pointed.map(({ pk }) => (pk?.S ?? '').slice(account.length + 1));
    const calls = await load(account, keys);
    return entries.flatMap((entry) => {
      if (entry['sk']?.S === CALL_SORT) return [callFrom(entry)];
      const call = calls.get((entry['pk']?.S ?? '').slice(account.length + 1));
      return call?.summary.agents?.slice(1).includes(agent) ? [call] : [];
    });
  };

  async function* pages(account: string, filter: CallFilter, limit: number): AsyncGenerator<IndexedCall[]> {
    switch (filter.by) {
      case 'callId':
        for await (const page of query('callId', inAccount(account, filter.callId), limit))
          yield page.map(callFrom);
        return;
      case 'customer':
        for await (const page of query('customer', inAccount(account, filter.customer), limit))
          yield page.map(callFrom);
        return;
      case 'did':
        for await (const page of query('did', inAccount(account, filter.did), limit))
          yield page.map(callFrom);
        return;
      case 'agent':
        for await (const page of query('agent', inAccount(account, filter.agent), limit))
          yield followed(account, filter.agent, page);
        return;
      case 'day':
        for (const key of dayKeys(account, filter.dt, filter.status))
          for await (const page of query('day', key, limit)) yield page.map(callFrom);
        return;
    }
  }

  return {
    load,
    async write(call, expectSeen) {
      try {
        // Before the call itself: a crash in between leaves a pointer that does not hold, not a call nobody finds.
        await Promise.all(agentEntriesOf(call).map((entry) => client.send(put(attributesOf(entry)))));
        const { input } = put(attributesOf(entryOf(call)));
        await client.send(
          new PutItemCommand({
            ...input,
            ConditionExpression: expectSeen === undefined ? 'attribute_not_exists(pk)' : 'seen = :seen',
            ...(expectSeen !== undefined && { ExpressionAttributeValues: { ':seen': { S: expectSeen } } }),
          }),
        );
        return 'written';
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return 'conflict';
        if (error instanceof DynamoDBServiceException && error.name === 'ValidationException')
          return 'refused';
        throw error;
      }
    },
    async find(account, filter, limit) {
      const found: IndexedCall[] = [];
      for await (const page of pages(account, filter, limit)) {
        found.push(...page);
        if (found.length >= limit) break;
      }
      return found.slice(0, limit);
    },
  };
};
