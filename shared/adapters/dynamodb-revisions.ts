import { randomUUID } from 'node:crypto';
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { DAY, SECOND } from '../core/time.ts';
import type { GuardedCall, Revisions } from '../ports/revisions.ts';

/**
 * The table's only key, a string, and the attribute by which DynamoDB's time to live forgets a call. `done` is the
 * newest finished revision; `turn` and `until` (UTC epoch ms) say who works on the call, and how long that holds.
 */
export const REVISIONS_TABLE = { partition: 'pk', expiry: 'expires' } as const;

const keyOf = ({ account, id }: GuardedCall) => ({ pk: { S: JSON.stringify([account, id]) } });

/**
 * A conditional write to begin, and one to finish.
 * @param rememberDays how long a call is remembered after its last revision: longer than events can come again
 *   (the bus archive, a queue and its dead letters together), for what is forgotten looks new.
 */
export const createDynamoDbRevisions = (
  client: DynamoDBClient,
  table: string,
  rememberDays = 90,
): Revisions => {
  /** Whether the condition held. An update whose answer was lost is tried again by the SDK: `read` tells whose it is. */
  const update = async (call: GuardedCall, input: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>) => {
    try {
      await client.send(new UpdateItemCommand({ TableName: table, Key: keyOf(call), ...input }));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  };
  const read = async (call: GuardedCall) => {
    const { Item = {} } = await client.send(
      new GetItemCommand({ TableName: table, Key: keyOf(call), ConsistentRead: true }),
    );
    return { done: Item['done']?.S, turn: Item['turn']?.S, finished: Item['finished']?.S };
  };
  return {
    async begin(call, revision, now, hold) {
      const turn = randomUUID();
      const begun = await update(call, {
        UpdateExpression: 'SET turn = :turn, #until = :until',
        ConditionExpression:
          '(attribute_not_exists(done) OR done < :revision) AND (attribute_not_exists(#until) OR #until <= :now)',
        ExpressionAttributeNames: { '#until': 'until' },
        ExpressionAttributeValues: {
          ':turn': { S: turn },
          ':until': { N: String(now + hold) },
          ':revision': { S: revision },
          ':now': { N: String(now) },
        },
      });
      if (begun) return { begun: true, turn };
      const there = await read(call);
      if (there.turn === turn) return { begun: true, turn };
      const isDone = there.done !== undefined && there.done >= revision;
      return { begun: false, because: isDone ? 'done' : 'busy' };
    },
    async finish(call, revision, turn, now) {
      const expires = Math.ceil((now + rememberDays * DAY) / SECOND);
      const finished = await update(call, {
        UpdateExpression: 'SET done = :revision, expires = :expires, finished = :turn REMOVE turn, #until',
        ConditionExpression: 'turn = :turn',
        ExpressionAttributeNames: { '#until': 'until' },
        ExpressionAttributeValues: {
          ':revision': { S: revision },
          ':expires': { N: String(expires) },
          ':turn': { S: turn },
        },
      });
      return finished || (await read(call)).finished === turn ? 'done' : 'lost';
    },
    async release(call, turn) {
      await update(call, {
        UpdateExpression: 'REMOVE turn, #until',
        ConditionExpression: 'turn = :turn',
        ExpressionAttributeNames: { '#until': 'until' },
        ExpressionAttributeValues: { ':turn': { S: turn } },
      });
    },
  };
};
