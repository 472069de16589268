import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateEventBusCommand, EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  CreateQueueCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTable } from '../../local/create-table.ts';
import { type EmbeddedAws, startEmbeddedAws } from '../../local/embedded/aws.ts';

const Bucket = 'archive';
const KEY = 'raw/account=main/dt=2026-03-10/00000001-0001-69aeb5a0-0123456789abcdef.ndjson.gz';

let aws: EmbeddedAws;
let folder: string;
let dataDir: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'embedded-aws-'));
  dataDir = join(folder, 'kept');
  aws = await startEmbeddedAws({ dataDir });
});
afterEach(async () => {
  await aws.close();
  await rm(folder, { recursive: true });
});

const restart = async (): Promise<void> => {
  await aws.close();
  aws = await startEmbeddedAws({ dataDir });
};

const client = (endpoint: string) => ({
  endpoint: aws.env[endpoint] ?? '',
  region: aws.env['AWS_REGION'] ?? '',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
});
const s3 = () => new S3Client({ ...client('AWS_ENDPOINT_URL_S3') });
const sqs = () => new SQSClient(client('AWS_ENDPOINT_URL_SQS'));
const dynamo = () => new DynamoDBClient(client('AWS_ENDPOINT_URL_DYNAMODB'));
const bus = () => new EventBridgeClient(client('AWS_ENDPOINT_URL_EVENTBRIDGE'));
const secrets = () => new SecretsManagerClient(client('AWS_ENDPOINT_URL_SECRETS_MANAGER'));

const put = (Key: string, Body: string, conditions: { IfMatch?: string; IfNoneMatch?: string } = {}) =>
  s3().send(new PutObjectCommand({ Bucket, Key, Body, ...conditions }));
const get = async (Key: string) => {
  const { Body, ETag } = await s3().send(new GetObjectCommand({ Bucket, Key }));
  return { text: await Body?.transformToString(), etag: ETag };
};

test('without conditions a write replaces; with If-None-Match: * only the first of many wins', async () => {
  await s3().send(new CreateBucketCommand({ Bucket }));
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, (_, at) => put(KEY, `writer ${at}`, { IfNoneMatch: '*' })),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  await expect(put(KEY, 'late', { IfNoneMatch: '*' })).rejects.toMatchObject({
    name: 'PreconditionFailed',
    $metadata: { httpStatusCode: 412 },
  });
  await put(KEY, 'replaced');
  expect((await get(KEY)).text).toBe('replaced');
});

test('If-Match writes over what was read, and over nothing else', async () => {
  await s3().send(new CreateBucketCommand({ Bucket }));
  await expect(put('sent/a.bin', 'one', { IfMatch: '"00"' })).rejects.toMatchObject({ name: 'NoSuchKey' });
  const { ETag: first = '' } = await put('sent/a.bin', 'one');
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, (_, at) => put('sent/a.bin', `two ${at}`, { IfMatch: first })),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  await expect(put('sent/a.bin', 'three', { IfMatch: first })).rejects.toMatchObject({
    name: 'PreconditionFailed',
  });
  const { etag = '' } = await get('sent/a.bin');
  await put('sent/a.bin', 'three', { IfMatch: etag });
});

test('an object is a plain file by its key, with nothing beside it, and is there after a restart', async () => {
  await s3().send(new CreateBucketCommand({ Bucket }));
  const { ETag } = await put(KEY, 'a line\n');
  expect(await readFile(join(dataDir, KEY), 'utf8')).toBe('a line\n');
  expect(await readdir(join(dataDir, KEY, '..'))).toHaveLength(1);
  expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
  await restart();
  expect(await get(KEY)).toEqual({ text: 'a line\n', etag: ETag });
  await expect(put(KEY, 'again', { IfNoneMatch: '*' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
});

test('a file that was changed or removed by hand is what the bucket says after a restart', async () => {
  await s3().send(new CreateBucketCommand({ Bucket }));
  const { ETag } = await put('sent/a.bin', 'before');
  await put('sent/b.bin', 'gone');
  // As long as before, and within the same millisecond.
  const changed = join(dataDir, 'sent/a.bin');
  const at = (Math.round((await stat(changed)).mtimeMs) + 0.4) / 1000;
  await writeFile(changed, 'after!');
  await utimes(changed, at, at);
  await unlink(join(dataDir, 'sent/b.bin'));
  await restart();
  const { text, etag } = await get('sent/a.bin');
  expect(text).toBe('after!');
  expect(etag).not.toBe(ETag);
  await expect(get('sent/b.bin')).rejects.toMatchObject({ name: 'NoSuchKey' });
});

test.each(['../outside', 'raw/../../outside', 'a//b', 'C:\\x', 'a:b', '/x'])(
  'a key that is no safe path is refused: %s',
  async (key) => {
    await s3().send(new CreateBucketCommand({ Bucket }));
    await expect(put(key, 'x')).rejects.toBeDefined();
    expect(existsSync(join(folder, 'outside'))).toBe(false);
  },
);

test('keys are listed by byte, page after page', async () => {
  await s3().send(new CreateBucketCommand({ Bucket }));
  const keys = ['raw/a-1', 'raw/a=1', 'raw/A1', 'raw/a1', 'raw/a.1', 'raw/a~1', 'raw/a/1x', 'rax'];
  for (const key of keys) await put(key, key);
  const listed: (string | undefined)[] = [];
  for await (const page of paginateListObjectsV2({ client: s3(), pageSize: 2 }, { Bucket, Prefix: 'raw/' }))
    listed.push(...(page.Contents ?? []).map(({ Key }) => Key));
  expect(listed).toEqual(keys.filter((key) => key !== 'rax').sort());
  expect((await s3().send(new ListObjectsV2Command({ Bucket, Prefix: 'none/' }))).KeyCount).toBe(0);
});

test('messages survive a restart, those in flight too, under a URL that works', async () => {
  const { QueueUrl: before } = await sqs().send(new CreateQueueCommand({ QueueName: 'packs' }));
  for (const MessageBody of ['one', 'two'])
    await sqs().send(new SendMessageCommand({ QueueUrl: before, MessageBody }));
  const receive = (QueueUrl: string | undefined) =>
    sqs().send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: 600,
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      }),
    );
  expect((await receive(before)).Messages).toHaveLength(2);
  expect((await receive(before)).Messages ?? []).toHaveLength(0);
  await restart();
  const { QueueUrl: after } = await sqs().send(new GetQueueUrlCommand({ QueueName: 'packs' }));
  expect(after).toBe(`${aws.env['AWS_ENDPOINT_URL_SQS']}/000000000000/packs`);
  const { Messages = [] } = await receive(after);
  expect(Messages.map(({ Body = '' }) => Body).sort()).toEqual(['one', 'two']);
  expect(Messages.map(({ Attributes }) => Attributes?.ApproximateReceiveCount)).toEqual(['2', '2']);
});

test('tables survive a restart', async () => {
  await createTable(dynamo(), {
    TableName: 'calls',
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  });
  const Item = { pk: { S: 'main#1' }, at: { N: '1' } };
  await dynamo().send(new PutItemCommand({ TableName: 'calls', Item }));
  await restart();
  const found = await dynamo().send(new GetItemCommand({ TableName: 'calls', Key: { pk: { S: 'main#1' } } }));
  expect(found.Item).toEqual(Item);
});

test('an event reaches listeners, memory and a line of the day; one for an unknown bus is a failed entry', async () => {
  const { EventBusArn } = await bus().send(new CreateEventBusCommand({ Name: 'calls' }));
  const heard: unknown[] = [];
  aws.onEvent((event) => heard.push(event.detail));
  const entry = (EventBusName: string | undefined, n: number) => ({
    EventBusName,
    Source: 'smartflo-cdr',
    DetailType: 'CallCreated',
    Detail: JSON.stringify({ n }),
  });
  const { FailedEntryCount, Entries } = await bus().send(
    new PutEventsCommand({ Entries: [entry('calls', 1), entry('nowhere', 2), entry(EventBusArn, 3)] }),
  );
  expect(FailedEntryCount).toBe(1);
  expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
    undefined,
    'ResourceNotFoundException',
    undefined,
  ]);
  expect(heard).toEqual([{ n: 1 }, { n: 3 }]);
  expect(aws.events().map(({ detail }) => detail)).toEqual(heard);
  const [day = ''] = await readdir(join(dataDir, 'events'));
  expect(day).toMatch(/^\d{4}-\d{2}-\d{2}\.ndjson$/);
  const lines = (await readFile(join(dataDir, 'events', day), 'utf8')).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).detail)).toEqual(heard);
});

test('the bus takes ten entries and 256 KB at most', async () => {
  const entry = { Source: 's', DetailType: 't', Detail: '{}' };
  await expect(
    bus().send(new PutEventsCommand({ Entries: Array.from({ length: 11 }, () => entry) })),
  ).rejects.toMatchObject({ name: 'ValidationException' });
  const Detail = JSON.stringify({ x: 'x'.repeat(256 * 1024) });
  await expect(bus().send(new PutEventsCommand({ Entries: [{ ...entry, Detail }] }))).rejects.toMatchObject({
    name: 'ValidationException',
  });
});

test('a secret has a new version at every put, and is neither on disk nor there after a restart', async () => {
  const read = () => secrets().send(new GetSecretValueCommand({ SecretId: 'main' }));
  await expect(read()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  const value = '{"token":"made-up-and-never-written"}';
  aws.putSecret('main', value);
  const first = await read();
  expect(first.SecretString).toBe(value);
  aws.putSecret('main', value);
  expect((await read()).VersionId).not.toBe(first.VersionId);
  await aws.close();
  for (const entry of await readdir(dataDir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = await readFile(join(entry.parentPath, entry.name));
    expect(bytes.includes('made-up-and-never-written'), entry.name).toBe(false);
  }
  aws = await startEmbeddedAws({ dataDir });
  await expect(read()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('without a folder it starts from nothing and leaves nothing', async () => {
  const memory = await startEmbeddedAws();
  try {
    const here = new S3Client({
      ...client('AWS_ENDPOINT_URL_S3'),
      endpoint: memory.env['AWS_ENDPOINT_URL_S3'] ?? '',
      forcePathStyle: true,
    });
    await here.send(new CreateBucketCommand({ Bucket }));
    await here.send(new PutObjectCommand({ Bucket, Key: KEY, Body: 'x', IfNoneMatch: '*' }));
    await expect(
      here.send(new PutObjectCommand({ Bucket, Key: KEY, Body: 'x', IfNoneMatch: '*' })),
    ).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
  } finally {
    await memory.close();
  }
});
