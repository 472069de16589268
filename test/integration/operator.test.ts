import { DeleteItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openArchiveDatabase } from '../../local/archive-database.ts';
import { OFFICIAL } from '../../local/fake-smartflo/official.ts';
import { deadLetterUrlOf } from '../../shared/adapters/sqs-dead-letters.ts';
import { cli } from '../support/cli.ts';
import { DAY, DAY_AFTER, openOperatorWorld, type OperatorWorld } from '../support/operator-world.ts';
import { packBody, rawRecord } from '../support/packs.ts';
import { atEveryWidth } from '../support/widths.ts';
import { examplesOfTheDocs } from './operator/examples.ts';
import { fromTheArchive } from './operator/from-the-archive.ts';

/** The tests go in their order: those that only look, or leave the day as it was, before those that break it. */
const AT_REST = 240_000;

let world: OperatorWorld;
const place = () => ['--data', world.data];

beforeAll(async () => {
  world = await openOperatorWorld();
}, AT_REST);
afterAll(() => world.close());

test('the day was proven by the run itself, and says so at every asking', async () => {
  const { exit, document } = await world.json(['prove', '--day', DAY]);
  expect({ exit, document }).toMatchObject({
    exit: 0,
    document: { schema: 'prove/1', days: [{ account: 'main', dt: DAY, verdict: 'proven', fresh: false }] },
  });
  const [{ manifest }] = document.days;
  expect(manifest.source.records).toBeGreaterThan(200);
  expect(manifest.source.fingerprint).toBe(manifest.archive.fingerprint);
  expect(manifest.index).toEqual(manifest.source);
  expect(await readdir(join(world.data, 'days', 'account=main', `dt=${DAY}`))).toHaveLength(1);
});

test('the day is finished, and so it is files by now: calls is read from them, byte for byte', async () => {
  const lists = join(world.data, 'curated', 'lists', 'account=main', `dt=${DAY}`, 'files.txt');
  expect((await readFile(lists, 'utf8')).trim().split('\n')).toHaveLength(1);
  const database = await openArchiveDatabase(world.data);
  const sql = 'SELECT count(*) AS calls, max(record) FILTER (key = $id) AS record FROM calls WHERE dt = $dt';
  const rows = await database.connection.runAndReadAll(sql, { id: OFFICIAL.id, dt: DAY });
  const read = database.lastRead();
  database.close();
  expect(rows.getRowObjectsJson()).toEqual([{ calls: '365', record: OFFICIAL.raw }]);
  expect(read).toMatchObject({ files: 1, isMost: false });
});

test('a day that was never asked for is not proven, and not different', async () => {
  const { exit, document } = await world.json(['prove', '--day', '2024-05-08']);
  expect(exit).toBe(3);
  expect(document.days).toMatchObject([{ verdict: 'open', reason: 'not-read', unreadSeconds: 86_400 }]);
});

examplesOfTheDocs(() => world);

fromTheArchive(() => world);

test(
  'an archive object, an index item and a content that are lost are named, healed and proven again',
  async () => {
    const folder = join(world.data, 'raw', 'account=main', `dt=${DAY}`);
    const [object = ''] = await readdir(folder);
    await rm(join(folder, object));
    let lost = '';
    await world.atRest(async ({ clients, names }) => {
      const { Items = [] } = await clients.dynamo.send(new ScanCommand({ TableName: names.indexTable }));
      const calls = Items.filter(({ sk, object: at }) => sk?.S === 'call' && !at?.S?.endsWith(object));
      const [first, second] = calls;
      if (!first || !second) throw new Error('the index is empty');
      lost = first['pk']?.S?.slice('main#'.length) ?? '';
      await clients.dynamo.send(
        new DeleteItemCommand({
          TableName: names.indexTable,
          Key: { pk: first['pk'] ?? { S: '' }, sk: { S: 'call' } },
        }),
      );
      const changed = { ...second, hash: { S: '0'.repeat(64) }, seen: { S: '00000000-0001-00000000' } };
      await clients.dynamo.send(new PutItemCommand({ TableName: names.indexTable, Item: changed }));
    });
    const found = await world.json(['prove', '--day', DAY, '--anew', '--no-heal']);
    expect(found.exit).toBe(3);
    const { counts, named } = found.document.days[0].manifest;
    expect(counts.missing).toBeGreaterThan(0);
    expect(named.unindexed).toEqual([lost]);
    expect(named.misindexed).toHaveLength(1);

    const healed = await world.json(['prove', '--day', DAY, '--anew']);
    expect(healed.document.days[0]).toMatchObject({ verdict: 'proven' });
    expect(healed.exit).toBe(0);
    expect((await world.json(['call', lost])).document.records[0].key).toBe(lost);
  },
  AT_REST,
);

test('coverage draws the day whole, at every width', async () => {
  for (const { exit, stdout } of await atEveryWidth(['coverage', '--month', '2024-05', ...place()])) {
    expect(exit).toBe(0);
    const line = stdout.split('\n').find((text) => text.includes('05-09'));
    expect(line?.replaceAll(' ', '')).toContain('P'.repeat(24));
  }
  expect((await cli(['coverage', '--month', '2024-05', ...place()])).stderr).toContain(
    `next: npx smartflo-cdr prove --from ${DAY} --to ${DAY} --data`,
  );
  // Nothing was read of the last 31 days: the next command leads to what was.
  expect((await cli(['coverage', ...place()])).stderr).toContain(
    'next: npx smartflo-cdr coverage --month 2024-05 --data',
  );
  const { document } = await world.json(['coverage', '--month', '2024-05']);
  expect(document.days.find(({ dt }: { dt: string }) => dt === DAY)).toMatchObject({
    verdict: 'proven',
    hours: Array.from({ length: 24 }, () => 'proven'),
  });
});

describe('calls and call', () => {
  test('a day, an agent, a customer; one of them must be named', async () => {
    const day = await world.json(['calls', '--day', DAY, '--limit', '500']);
    expect(day.exit).toBe(0);
    expect(day.document.calls.length).toBeGreaterThan(200);
    const answered = day.document.calls.find(
      ({ summary }: { summary: { agents?: string[] } }) => summary.agents !== undefined,
    );
    const agent = await world.json(['calls', '--agent', answered.summary.agents[0]]);
    expect(agent.document.calls.map(({ key }: { key: string }) => key)).toContain(answered.key);
    const nothing = await world.json(['calls']);
    expect(nothing).toMatchObject({ exit: 2, document: { schema: 'error/1', code: 'usage' } });
  });

  test('numbers are masked unless --full asks for them', async () => {
    const masked = await cli(['calls', '--day', DAY, ...place()], 200);
    expect(masked.stdout).not.toMatch(/\+91\d{10}/);
    const full = await cli(['calls', '--day', DAY, '--full', ...place()], 200);
    expect(full.stdout).toMatch(/\+91\d{10}/);
  });

  test('one call by its id and by its call_id, its revisions, its raw bytes', async () => {
    const { document } = await world.json(['calls', '--day', DAY, '--limit', '1']);
    const [{ key, summary }] = document.calls;
    const byId = await world.json(['call', key]);
    expect(byId.document.records[0].revisions.length).toBeGreaterThan(0);
    const byCall = await world.json(['call', summary.callId]);
    expect(byCall.document.records.map((record: { key: string }) => record.key)).toContain(key);
    const raw = await cli(['call', key, '--raw', ...place()]);
    expect(JSON.parse(raw.stdout)).toMatchObject({ id: key });
    expect(await world.json(['call', 'nobody'])).toMatchObject({
      exit: 3,
      document: { code: 'call-unknown' },
    });
  });
});

describe(
  'dead letters and quarantine',
  () => {
    test('are empty, then show what is there, show it whole, and send it back', async () => {
      expect(await world.json(['dead-letters', 'list'])).toMatchObject({ exit: 0, document: { count: 0 } });
      const record = rawRecord({ id: 'dead', content: 1, date: DAY });
      await world.atRest(async ({ clients, names }) => {
        const QueueUrl = await deadLetterUrlOf(clients.sqs, names.queueUrl);
        const MessageBody = packBody([record], { dt: DAY });
        await clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
      });
      const list = await world.json(['dead-letters', 'list']);
      expect(list).toMatchObject({
        exit: 3,
        document: { count: 1, messages: [{ account: 'main', records: 1 }] },
      });
      const [{ id }] = list.document.messages;
      for (const { exit, stdout } of await atEveryWidth(['dead-letters', 'list', ...place()]))
        expect({ exit, named: stdout.includes(id) }).toEqual({ exit: 3, named: true });
      expect((await cli(['dead-letters', 'show', id, ...place()])).stdout.trim()).toBe(record);
      expect(await world.json(['dead-letters', 'show', 'none'])).toMatchObject({ exit: 3 });
      expect(await world.json(['dead-letters', 'redrive', '--id', id])).toMatchObject({
        exit: 0,
        document: { redriven: [id] },
      });
      expect(await world.json(['dead-letters', 'list'])).toMatchObject({ exit: 0, document: { count: 0 } });
    });

    test('a message that nobody can read is quarantined, listed, shown and tried again', async () => {
      await world.atRest(async ({ clients, names }) => {
        await clients.sqs.send(
          new SendMessageCommand({ QueueUrl: names.queueUrl, MessageBody: 'no pack at all' }),
        );
      });
      await cli(['start', '--once', '--from', DAY, '--to', DAY_AFTER, ...place()]);
      const list = await world.json(['quarantine', 'list']);
      expect(list.exit).toBe(3);
      expect(list.document.things).toMatchObject([{ reason: 'message-unreadable' }]);
      const [{ id }] = list.document.things;
      for (const { exit, stdout } of await atEveryWidth(['quarantine', 'list', ...place()]))
        expect({ exit, named: stdout.includes(id) }).toEqual({ exit: 3, named: true });
      expect((await cli(['quarantine', 'show', id, ...place()])).stdout.trim()).toBe('no pack at all');
      expect(await world.json(['quarantine', 'retry', '--id', id])).toMatchObject({
        exit: 0,
        document: { retried: [{ id, to: 'queue' }] },
      });
      expect(await world.json(['quarantine', 'list'])).toMatchObject({ exit: 0 });
      expect(await world.json(['quarantine', 'show', 'nothing'])).toMatchObject({ exit: 3 });
    });
  },
  AT_REST,
);

test(
  'doctor looks at everything, asks the source within its word, and finds nothing wrong',
  async () => {
    const { exit, document } = await world.json(['doctor']);
    expect(document.checks.filter(({ status }: { status: string }) => status === 'fail')).toEqual([]);
    expect(exit).toBe(0);
    expect(document.requests).toBeGreaterThan(0);
    expect(document.requests).toBeLessThanOrEqual(16);
    const questions = document.answers.map(({ question }: { question: number }) => question);
    expect(questions).toEqual(Array.from({ length: 18 }, (_, index) => index + 1));
    const status = (id: string) => document.checks.find((check: { id: string }) => check.id === id)?.status;
    for (const id of ['clock', 'record-zone', 'question-6', 'question-18'])
      expect({ id, status: status(id) }).toEqual({ id, status: 'ok' });
    const groups = new Set(document.checks.map(({ group }: { group: string }) => group));
    expect([...groups]).toEqual(['machine', 'configuration', 'credentials', 'source', 'aws', 'data']);
  },
  AT_REST,
);

test('doctor asks no simulated source about a folder of real calls', async () => {
  vi.stubEnv('SMARTFLO_TOKEN', '');
  vi.stubEnv('SMARTFLO_BASE_URL', '');
  const { exit, document } = await world.json(['doctor']);
  vi.stubEnv('SMARTFLO_TOKEN', world.fake.knobs.auth.tokens[0]);
  vi.stubEnv('SMARTFLO_BASE_URL', world.fake.url);
  expect({ exit, requests: document.requests, answers: document.answers }).toEqual({
    exit: 0,
    requests: 0,
    answers: [],
  });
  const asked = document.checks.find(({ id }: { id: string }) => id === 'source');
  expect(asked).toMatchObject({ status: 'skip', fix: expect.stringContaining('SMARTFLO_TOKEN') });
});

test(
  'doctor says what is wrong with a token that the source refuses, and never logs in',
  async () => {
    vi.stubEnv('SMARTFLO_TOKEN', 'not-the-right-token');
    const logins = () => world.fake.requests.filter(({ path }) => path.includes('login')).length;
    const before = logins();
    const { exit, document } = await world.json(['doctor']);
    vi.stubEnv('SMARTFLO_TOKEN', world.fake.knobs.auth.tokens[0]);
    expect(exit).toBe(3);
    const [failed] = document.checks.filter(({ status }: { status: string }) => status === 'fail');
    expect(failed).toMatchObject({ id: 'source', fix: 'npx smartflo-cdr explain token-rejected' });
    expect(document.requests).toBe(1);
    expect(logins()).toBe(before);
  },
  AT_REST,
);

test(
  'a backfill is planned first, not begun without a yes, fetched, and proven',
  async () => {
    const span = ['--from', '2024-05-07', '--to', '2024-05-08'];
    const asked = await cli(['backfill', ...span, ...place()]);
    expect(asked.exit).toBe(7);
    expect(asked.stderr).toMatch(/to fetch +1 d/);
    expect(asked.stderr).toContain('--yes');
    const events = await readdir(join(world.data, 'events'));
    vi.stubEnv('SMARTFLO_TOKEN', 'not-the-right-token');
    const refused = await world.json(['backfill', ...span, '--yes']);
    vi.stubEnv('SMARTFLO_TOKEN', world.fake.knobs.auth.tokens[0]);
    expect(refused).toMatchObject({ exit: 4, document: { schema: 'error/1', code: 'token-rejected' } });
    // The same command goes on.
    const done = await world.json(['backfill', ...span, '--yes']);
    expect(done.stderr).toContain('under way since');
    expect(done).toMatchObject({ exit: 0, document: { done: true, open: [] } });
    expect(done.stderr).toContain('fetching 1 d of 1 d, 100 percent');
    expect(await readdir(join(world.data, 'events'))).toEqual(events);
    expect(await world.json(['prove', '--day', '2024-05-07'])).toMatchObject({
      exit: 0,
      document: { days: [{ verdict: 'proven' }] },
    });
    expect((await world.json(['backfill', ...span, '--yes'])).document.plan.minutesToFetch).toBe(0);
    expect(await world.json(['backfill', '--cancel'])).toMatchObject({
      exit: 0,
      document: { cancelled: [] },
    });
    expect(await world.json(['backfill', '--from', '2024-05-08'])).toMatchObject({ exit: 2 });
  },
  AT_REST,
);

test('status tells the last proof, on a folder at rest too', async () => {
  const { exit, document } = await world.json(['status']);
  expect(exit).toBe(0);
  expect(document).toMatchObject({
    running: false,
    ledger: {
      deadLetters: 0,
      accounts: [
        {
          account: 'main',
          ordered: 0,
          callsToday: 0,
          debtSeconds: {},
          lastProof: { dt: DAY, verdict: 'proven' },
        },
      ],
    },
  });
  expect((await cli(['status', ...place()], 40)).stdout).toContain(`last proof: ${DAY} proven`);
});

test('a folder in which nothing has run is named as such, with the cure', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'empty-'));
  for (const command of [
    ['prove'],
    ['coverage'],
    ['calls', '--day', DAY],
    ['call', 'x'],
    ['dead-letters', 'list'],
  ]) {
    const { exit, stdout, stderr } = await cli([...command, '--data', empty, '--json']);
    expect(exit).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'error/1', code: 'nothing-here' });
    expect(stderr).toContain('npx smartflo-cdr start --once');
  }
  await rm(empty, { recursive: true });
});
