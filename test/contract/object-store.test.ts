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
    // All at once, the connections themselves would run into their time limit on a busy machine.
    for (let at = 0; at < keys.length; at += 50)
      await Promise.all(keys.slice(at, at + 50).map((key) => store.create(key, bytes('x'))));
    await store.create('c/account=main2/0.x', bytes('x'));
    expect(await keysUnder(store, 'c/account=main/')).toEqual([...keys].sort());
    expect(await keysUnder(store, 'none/')).toEqual([]);
    const [, , third = ''] = [...keys].sort();
    expect(await Array.fromAsync(store.list('c/account=main/', third))).toEqual([...keys].sort().slice(3));
  });

  test('lists the folders under a prefix, in order, each once', async () => {
    const store = subject();
    for (const key of ['e/dt=2/b', 'e/dt=2/a', 'e/dt=10/a', 'e/dt=2/c/d', 'e/file'])
      await store.create(key, bytes('x'));
    expect(await Array.fromAsync(store.folders('e/'))).toEqual(['dt=10/', 'dt=2/']);
    expect(await Array.fromAsync(store.folders('e/dt=10/'))).toEqual([]);
    expect(await Array.fromAsync(store.folders('none/'))).toEqual([]);
  });

  test('creates once from bytes that come in parts', async () => {
    const store = subject();
    const part = Buffer.alloc(300_000, 'part ');
    const source = (parts: number) => ({
      bytes: parts * part.length,
      async *open() {
        for (let number = 0; number < parts; number++) yield part;
      },
    });
    expect(await store.createFrom('f/large', source(9))).toBe('created');
    expect(await store.createFrom('f/large', source(2))).toBe('exists');
    const found = (await store.read('f/large'))?.body ?? [];
    expect(Buffer.compare(Buffer.from(found), Buffer.concat(Array<Buffer>(9).fill(part)))).toBe(0);
  });

  test('reads a part of what is there', async () => {
    const store = subject();
    await store.create('g/digits', bytes('0123456789'));
    const part = async (from: number, to: number) =>
      Buffer.from((await store.readRange('g/digits', from, to)) ?? []).toString();
    expect(await part(0, 4)).toBe('0123');
    expect(await part(8, 20)).toBe('89');
    expect(await part(10, 20)).toBe('');
    expect(await store.readRange('g/none', 0, 4)).toBeUndefined();
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
