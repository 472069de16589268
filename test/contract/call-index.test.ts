import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDynamoDbCallIndex } from '../../shared/adapters/dynamodb-call-index.ts';
import { createMemoryCallIndex } from '../../shared/adapters/memory/call-index.ts';
import type { CallSummary } from '../../shared/core/call-summary.ts';
import type { CallFilter, CallIndex } from '../../shared/ports/call-index.ts';
import { type EmbeddedClients, startEmbeddedClients } from '../support/embedded-clients.ts';
import { indexedCall } from '../support/indexed-call.ts';

let embedded: EmbeddedClients;
let dynamoDb: CallIndex;
const memory = createMemoryCallIndex();
beforeAll(async () => {
  embedded = await startEmbeddedClients();
  dynamoDb = createDynamoDbCallIndex(embedded.dynamoDb, await embedded.createIndexTable('calls'));
});
afterAll(() => embedded.close());

/** Minute 0 is 22:00 in India on 10 March; sixty minutes later is another bucket. */
const at = (minute: number) => Date.parse('2026-03-10T22:00:00+05:30') + minute * 60_000;

describe.each([
  ['memory', () => memory],
  ['DynamoDB', () => dynamoDb],
])('the call index in %s', (_, subject) => {
  const put = async (account: string, key: string, summary: CallSummary, dt = '2026-03-10') => {
    const call = indexedCall({ account, key, dt, summary });
    expect(await subject().write(call, undefined)).toBe('written');
    return call;
  };
  const found = async (account: string, filter: CallFilter, limit = 10) =>
    (await subject().find(account, filter, limit)).map(({ key }) => key);

  test('gives back what was written, whatever is absent', async () => {
    const whole = await put('whole', 'a', {
      callId: 'h3.08-1#2',
      uuid: 'u',
      startAt: at(0),
      endAt: at(1),
      direction: 'inbound',
      status: 'answered',
      service: 'Dialer',
      customer: '+910000012345',
      did: '+910000090007',
      agents: ['1', '2', '3'],
      department: 'a # b',
      campaign: 'ab\u0000 क',
      disposition: 'x',
      hangupCause: 'y',
      durationSeconds: 1.5,
      answeredSeconds: 0,
      hasRecording: false,
    });
    const bare = await put('whole', 'b', {});
    const changed = indexedCall({ account: 'whole', key: 'c', changed: ['raw', 'status'], line: 249 });
    await subject().write(changed, undefined);
    expect(await subject().load('whole', ['a', 'b', 'c', 'none'])).toEqual(
      new Map([
        ['a', whole],
        ['b', bare],
        ['c', changed],
      ]),
    );
    expect(await subject().load('other', ['a'])).toEqual(new Map());
    expect(await subject().load('whole', [])).toEqual(new Map());
  });

  test('writes only over what the writer has seen', async () => {
    const first = indexedCall({ account: 'cas', key: 'a', seen: '1' });
    expect(await subject().write(first, '0')).toBe('conflict');
    expect(await subject().write(first, undefined)).toBe('written');
    expect(await subject().write(first, undefined)).toBe('conflict');
    expect(await subject().write({ ...first, seen: '3' }, '1')).toBe('written');
    expect(await subject().write({ ...first, seen: '2' }, '1')).toBe('conflict');
    expect((await subject().load('cas', ['a'])).get('a')?.seen).toBe('3');
  });

  test('lets one of many writers at once win', async () => {
    const stamps = ['1', '2', '3', '4'];
    const outcomes = await Promise.all(
      stamps.map((seen) => subject().write(indexedCall({ account: 'race', key: 'a', seen }), undefined)),
    );
    expect(outcomes.filter((outcome) => outcome === 'written')).toHaveLength(1);
    expect((await subject().load('race', ['a'])).get('a')?.seen).toBe(stamps[outcomes.indexOf('written')]);
  });

  test('loads more than a request may ask for, and a key named twice once', async () => {
    const keys = Array.from({ length: 130 }, (_, number) => `k${number}`);
    await Promise.all(keys.map((key) => put('many', key, {})));
    expect([...(await subject().load('many', [...keys, 'k0'])).keys()].sort()).toEqual([...keys].sort());
  });

  test('finds by call, customer and DID, newest first, within the account and the limit', async () => {
    const shared = { callId: 'c1', customer: '+910000012345', did: '+910000090007', status: 'missed' };
    await put('find', 'old', { ...shared, startAt: at(1) });
    await put('find', 'new', { ...shared, startAt: at(30) });
    await put('find', 'mid', { ...shared, startAt: at(5) });
    await put('find', 'else', { callId: 'c2', customer: '+910000012346', startAt: at(7) });
    await put('find', 'bare', {});
    await put('find2', 'foreign', { ...shared, startAt: at(2) });
    for (const filter of [
      { by: 'callId', callId: 'c1' },
      { by: 'customer', customer: '+910000012345' },
      { by: 'did', did: '+910000090007' },
    ] as const) {
      expect(await found('find', filter)).toEqual(['new', 'mid', 'old']);
      expect(await found('find', filter, 2)).toEqual(['new', 'mid']);
    }
    expect(await found('find', { by: 'callId', callId: 'c3' })).toEqual([]);
    expect((await subject().find('find', { by: 'callId', callId: 'c2' }, 1))[0]?.summary).toEqual({
      callId: 'c2',
      customer: '+910000012346',
      startAt: at(7),
    });
  });

  test('finds by every agent who answered, and not by one who no longer does', async () => {
    await put('agents', 'both', { agents: ['a1', 'a2'], startAt: at(1) });
    await put('agents', 'second', { agents: ['a2'], startAt: at(2) });
    const call = await put('agents', 'edited', { agents: ['a1', 'a2', 'a3'], startAt: at(3) });
    await subject().write({ ...call, seen: '9', summary: { agents: ['a2'], startAt: at(3) } }, call.seen);
    expect(await found('agents', { by: 'agent', agent: 'a1' })).toEqual(['both']);
    expect(await found('agents', { by: 'agent', agent: 'a2' })).toEqual(['edited', 'second', 'both']);
    expect(await found('agents', { by: 'agent', agent: 'a2' }, 1)).toEqual(['edited']);
    expect(await found('agents', { by: 'agent', agent: 'a3' })).toEqual([]);
  });

  test('finds by day and status over all its hours, what has no readable start last', async () => {
    await put('days', 'early', { status: 'missed', startAt: at(-60 * 21) });
    await put('days', 'late', { status: 'missed', startAt: at(70) });
    await put('days', 'earlier', { status: 'missed', startAt: at(50) });
    await put('days', 'timeless', { status: 'missed' });
    await put('days', 'answered', { status: 'answered', startAt: at(10) });
    await put('days', 'statusless', { startAt: at(10) });
    await put('days', 'dateless', { status: 'missed' }, 'unknown');
    const day = (status: string, dt = '2026-03-10') => ({ by: 'day', dt, status }) as const;
    expect(await found('days', day('missed'))).toEqual(['late', 'earlier', 'early', 'timeless']);
    expect(await found('days', day('missed'), 2)).toEqual(['late', 'earlier']);
    expect(await found('days', day('answered'))).toEqual(['answered']);
    expect(await found('days', day('unknown'))).toEqual(['statusless']);
    expect(await found('days', day('missed', 'unknown'))).toEqual(['dateless']);
  });
});

test('DynamoDB refuses what it takes in no case', async () => {
  const call = indexedCall({ key: 'x'.repeat(2_100) });
  expect(await dynamoDb.write(call, undefined)).toBe('refused');
});

test('a table that can not be asked is no answer', async () => {
  const index = createDynamoDbCallIndex(embedded.dynamoDb, 'none');
  await expect(index.load('main', ['a'])).rejects.toThrow();
  await expect(index.write(indexedCall(), undefined)).rejects.toThrow();
});
