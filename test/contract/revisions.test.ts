import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTable } from '../../local/create-table.ts';
import { createDynamoDbRevisions, REVISIONS_TABLE } from '../../shared/adapters/dynamodb-revisions.ts';
import { createMemoryRevisions } from '../../shared/adapters/memory/revisions.ts';
import { MINUTE, SECOND } from '../../shared/core/time.ts';
import type { Revisions } from '../../shared/ports/revisions.ts';
import { startEmbeddedClients } from '../support/embedded-clients.ts';

const NOW = Date.parse('2026-03-10T10:00:00Z');
const TableName = 'revisions';
let clients: Awaited<ReturnType<typeof startEmbeddedClients>>;
beforeAll(async () => {
  clients = await startEmbeddedClients();
  await createTable(clients.dynamoDb, {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: REVISIONS_TABLE.partition, KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: REVISIONS_TABLE.partition, AttributeType: 'S' }],
  });
});
afterAll(() => clients.aws.close());

const memory = createMemoryRevisions();
let calls = 0;
/** A call that no test has touched. */
const aCall = () => ({ account: 'main', id: `call-${++calls}` });

describe.each<[string, () => Revisions]>([
  ['memory', () => memory],
  ['DynamoDB', () => createDynamoDbRevisions(clients.dynamoDb, TableName)],
])('revisions in %s', (_, open) => {
  /** Begins, and says that it must have been possible. */
  const turnOf = async (
    revisions: Revisions,
    call: ReturnType<typeof aCall>,
    revision: string,
    now = NOW,
  ) => {
    const begun = await revisions.begin(call, revision, now, MINUTE);
    if (!begun.begun) throw new Error(`not begun: ${begun.because}`);
    return begun.turn;
  };

  test('a revision is done once; an older one never after it, a newer one is', async () => {
    const revisions = open();
    const call = aCall();
    const turn = await turnOf(revisions, call, '0002');
    expect(await revisions.finish(call, '0002', turn, NOW)).toBe('done');
    for (const old of ['0002', '0001'])
      expect(await revisions.begin(call, old, NOW, MINUTE)).toEqual({ begun: false, because: 'done' });
    expect(await revisions.begin(call, '0003', NOW, MINUTE)).toMatchObject({ begun: true });
  });

  test('two never work on one call at once, whichever revisions they have; other calls are free', async () => {
    const revisions = open();
    const call = aCall();
    await turnOf(revisions, call, '0002');
    for (const revision of ['0001', '0002', '0003'])
      expect(await revisions.begin(call, revision, NOW + SECOND, MINUTE)).toEqual({
        begun: false,
        because: 'busy',
      });
    expect(await revisions.begin(aCall(), '0001', NOW, MINUTE)).toMatchObject({ begun: true });
    expect(await revisions.begin({ ...call, account: 'other' }, '0001', NOW, MINUTE)).toMatchObject({
      begun: true,
    });
  });

  test('what died leaves the call free when its turn has run out, and can no longer finish', async () => {
    const revisions = open();
    const call = aCall();
    const dead = await turnOf(revisions, call, '0001');
    const turn = await turnOf(revisions, call, '0001', NOW + MINUTE);
    expect(await revisions.finish(call, '0001', dead, NOW + MINUTE)).toBe('lost');
    await revisions.release(call, dead);
    expect(await revisions.begin(call, '0001', NOW + MINUTE, MINUTE)).toEqual({
      begun: false,
      because: 'busy',
    });
    expect(await revisions.finish(call, '0001', turn, NOW + MINUTE)).toBe('done');
  });

  test('a turn given back is free at once, and nothing is done', async () => {
    const revisions = open();
    const call = aCall();
    await revisions.finish(call, '0001', await turnOf(revisions, call, '0001'), NOW);
    await revisions.release(call, await turnOf(revisions, call, '0002'));
    expect(await revisions.begin(call, '0001', NOW, MINUTE)).toEqual({ begun: false, because: 'done' });
    expect(await revisions.begin(call, '0002', NOW, MINUTE)).toMatchObject({ begun: true });
  });

  test('to finish twice, as after a lost answer, is to have finished', async () => {
    const revisions = open();
    if (revisions === memory) return;
    const call = aCall();
    const turn = await turnOf(revisions, call, '0001');
    expect(await revisions.finish(call, '0001', turn, NOW)).toBe('done');
    expect(await revisions.finish(call, '0001', turn, NOW)).toBe('done');
  });
});
