import { S3ServiceException } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createS3Client } from '../../shared/adapters/aws-clients.ts';
import { createMemoryObjectStore } from '../../shared/adapters/memory/object-store.ts';
import { createS3ObjectStore } from '../../shared/adapters/s3-object-store.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { type EmbeddedClients, startEmbeddedClients } from '../support/embedded-clients.ts';

let embedded: EmbeddedClients;
let s3: ObjectStore;
const memory = createMemoryObjectStore();
beforeAll(async () => {
  embedded = await startEmbeddedClients();
  s3 = createS3ObjectStore(embedded.s3, await embedded.createBucket('objects'));
});
afterAll(() => embedded.close());

const bytes = (text: string) => Buffer.from(text);
const textOf = async (store: ObjectStore, key: string) =>
  Buffer.from((await store.read(key))?.body ?? []).toString();

const keysUnder = async (store: ObjectStore, prefix: string) => {
  const keys: string[] = [];
  for await (const key of store.list(prefix)) keys.push(key);
  return keys;
};

describe.each([
  ['memory', () => memory],
  ['S3', () => s3],
])('the object store in %s', (_, subject) => {
  test('creates once: whoever comes later finds the first', async () => {
    expect(await subject().create('a/one', bytes('first'))).toBe('created');
    expect(await subject().create('a/one', bytes('second'))).toBe('exists');
    expect(await textOf(subject(), 'a/one')).toBe('first');
  });

  test('keeps bytes as they are', async () => {
    const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    await subject().create('a/bytes', every);
    expect(Uint8Array.from((await subject().read('a/bytes'))?.body ?? [])).toEqual(every);
    await subject().create('a/empty', new Uint8Array());
    expect((await subject().read('a/empty'))?.body).toHaveLength(0);
  });

  test('has nothing where nothing was written', async () => {
    expect(await subject().read('a/none')).toBeUndefined();
  });

  test('replaces what was read, and nothing else', async () => {
    const store = subject();
    const first = await store.replace('b/list', bytes('1'), undefined);
    if (first === 'conflict') throw new Error('nothing was there');
    expect(await store.replace('b/list', bytes('other'), undefined)).toBe('conflict');
    const second = await store.replace('b/list', bytes('2'), first.version);
    if (second === 'conflict') throw new Error('it was the newest');
    expect(await store.replace('b/list', bytes('late'), first.version)).toBe('conflict');
    expect(await textOf(store, 'b/list')).toBe('2');
    expect((await store.read('b/list'))?.version).toBe(second.version);
    expect(await store.replace('b/none', bytes('x'), first.version)).toBe('conflict');
  });

  test('a write that repeats what is there is no conflict: its first reply was lost', async () => {
    const store = subject();
    const first = await store.replace('b/lost', bytes('1'), undefined);
    expect(await store.replace('b/lost', bytes('1'), undefined)).toEqual(first);
  });

  test('lets one of many writers at once win', async () => {
    const store = subject();
    const contents = Array.from({ length: 8 }, (_, number) => `writer ${number}`);
    const outcomes = await Promise.all(
      contents.map((text) => store.replace('b/race', bytes(text), undefined)),
    );
    const winner = outcomes.findIndex((outcome) => outcome !== 'conflict');
    expect(outcomes.filter((outcome) => outcome !== 'conflict')).toHaveLength(1);
    expect(await textOf(store, 'b/race')).toBe(contents[winner]);
  });

  test('lists a prefix in key order, over more than one page', async () => {
    const store = subject();
    const keys = Array.from({ length: 1_003 }, (_, number) => `c/account=main/${(number * 7) % 1_003}.x`);
    await Promise.all(keys.map((key) => store.create(key, bytes('x'))));
    await store.create('c/account=main2/0.x', bytes('x'));
    expect(await keysUnder(store, 'c/account=main/')).toEqual([...keys].sort());
    expect(await keysUnder(store, 'none/')).toEqual([]);
  });
});

test('S3 asks again while another conditional write is under way, and says when it can not be asked', async () => {
  const answers = [409, 409, 412];
  const client = createS3Client(process.env);
  client.middlewareStack.add(
    () => async () => {
      throw new S3ServiceException({
        name: 'MadeUp',
        $fault: 'client',
        $metadata: { httpStatusCode: answers.shift() ?? 403 },
      });
    },
    { step: 'initialize' },
  );
  const store = createS3ObjectStore(client, 'objects');
  expect(await store.create('d/one', bytes('x'))).toBe('exists');
  await expect(store.create('d/two', bytes('x'))).rejects.toThrow();
  await expect(store.read('d/two')).rejects.toThrow();
});
