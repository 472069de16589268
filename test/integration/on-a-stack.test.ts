import { DeleteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateQueueCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { clientsOf, type EmbeddedClients } from '../../local/embedded/clients.ts';
import { systemNames } from '../../local/system-names.ts';
import { deadLetterUrlOf } from '../../shared/adapters/sqs-dead-letters.ts';
import { cli } from '../support/cli.ts';
import { type DeployedStack, openDeployedStack } from '../support/deployed-stack.ts';
import { DAY, openOperatorWorld, type OperatorWorld } from '../support/operator-world.ts';
import { packBody, rawRecord } from '../support/packs.ts';
import { atEveryWidth } from '../support/widths.ts';

/**
 * The operator's commands with `--stack`: what is deployed is found through CloudFormation, Lambda and Scheduler, its
 * functions are invoked, and the rest is the same as in a folder.
 */
const PATIENCE = 240_000;
const STACK = ['--stack', 'smartflo'];

let world: OperatorWorld;
let stack: DeployedStack;
let clients: EmbeddedClients;
let names: ReturnType<typeof systemNames>;
/** The day's call that the examples name. */
let call: string;

const json = async (line: string) => {
  const { exit, stdout, stderr } = await cli([...line.split(' '), ...STACK, '--json']);
  expect(stdout, stderr).toMatch(/^\{/);
  return { exit, stderr, document: JSON.parse(stdout) };
};

beforeAll(async () => {
  world = await openOperatorWorld();
  stack = await openDeployedStack(world.data, 'smartflo');
  clients = clientsOf(stack.folder);
  names = systemNames(stack.folder.provisioned.functions.map(({ environment }) => environment));
  await clients.sqs.send(new CreateQueueCommand({ QueueName: 'crm-calls' }));
  [{ key: call }] = (await json(`calls --day ${DAY} --limit 1`)).document.calls;
}, PATIENCE);
afterAll(async () => {
  for (const client of Object.values(clients)) client.destroy();
  await stack.close();
  await world.close();
});

test.each([
  ['status', 0, 'status/1'],
  [`prove --day ${DAY}`, 0, 'prove/1'],
  [`prove --day ${DAY} --anew`, 0, 'prove/1'],
  ['prove --day 2024-05-08', 3, 'prove/1'],
  ['coverage --month 2024-05', 0, 'coverage/1'],
  ['backfill --from 2024-05-01 --to 2024-05-03', 7, 'error/1'],
  ['backfill --cancel', 0, 'backfill/1'],
  ['doctor --no-source', 0, 'doctor/1'],
  [`calls --day ${DAY} --limit 3`, 0, 'calls/1'],
  ['call CALL', 0, 'call/1'],
  ['call nobody', 3, 'error/1'],
  ['dead-letters list', 0, 'dead-letters/1'],
  ['dead-letters show none', 3, 'error/1'],
  ['dead-letters redrive', 0, 'redrive/1'],
  ['quarantine list', 0, 'quarantine/1'],
  ['quarantine show none', 3, 'error/1'],
  ['quarantine retry', 0, 'quarantine-retry/1'],
  [`lateness --from ${DAY} --to ${DAY}`, 0, 'lateness/1'],
  [`replay --day ${DAY} --to crm-calls --dry-run`, 0, 'replay/1'],
  [`replay --day ${DAY} --to crm-rule --where status=missed --dry-run`, 0, 'replay/1'],
  [`replay --day ${DAY} --to nobody --dry-run`, 2, 'error/1'],
  ['rebuild --into calls-again --create', 0, 'rebuild/1'],
])(
  '%s: ends with %i, one document, and words at every width',
  async (text, exit, schema) => {
    const line = text.replace('CALL', call);
    const found = await json(line);
    expect({ exit: found.exit, schema: found.document.schema }).toEqual({ exit, schema });
    for (const ended of await atEveryWidth([...line.split(' '), ...STACK])) {
      expect(ended.exit).toBe(exit);
      // Who goes on as it says stays on the stack.
      for (const [, next] of ended.stderr.matchAll(/^next: (npx smartflo-cdr .*)$/gm))
        expect(next).toContain('--stack smartflo');
    }
  },
  PATIENCE,
);

test('what a command finds is what it finds in the folder', async () => {
  const { document } = await json('status');
  expect(document).toMatchObject({
    running: true,
    stack: 'smartflo-pipeline in us-east-1',
    ledger: {
      waiting: 0,
      deadLetters: 0,
      accounts: [{ account: 'main', callsToday: 0, lastProof: { dt: DAY, verdict: 'proven' } }],
    },
  });
  const [{ budget, debtSeconds }] = document.ledger.accounts;
  expect(budget.requestsPerMinute).toBeGreaterThan(0);
  expect(budget.requestsPerMinute).toBeLessThan(budget.capacityPerMinute);
  expect(debtSeconds).toEqual({});
  const rule = await json(`replay --day ${DAY} --to crm-rule --where status=missed --dry-run`);
  expect(rule.document).toMatchObject({ sent: 0, to: { via: 'rule' } });
  // The rule's pattern lets inbound calls pass.
  expect(rule.document.passed).toBeGreaterThan(0);
  expect(rule.document.passed).toBeLessThan(rule.document.matched);
});

test(
  'doctor asks the source of the stack at half of its share, settles what can be asked, and writes it down',
  async () => {
    const { exit, document } = await json('doctor');
    expect({
      exit,
      failed: document.checks.filter(({ status }: { status: string }) => status === 'fail'),
    }).toEqual({
      exit: 0,
      failed: [],
    });
    const status = (id: string) => document.checks.find((check: { id: string }) => check.id === id)?.status;
    for (const id of [
      'schedule-smartflo-pipeline-PollSchedule-1A2B3C',
      'bus',
      'secret-main',
      'clock',
      'record-zone',
    ])
      expect({ id, status: status(id) }).toEqual({ id, status: 'ok' });
    expect(document.answers.map(({ question }: { question: number }) => question)).toEqual(
      Array.from({ length: 18 }, (_, index) => index + 1),
    );
    const written = JSON.parse(await readFile(join(world.data, 'doctor', 'source.json'), 'utf8'));
    expect(written).toMatchObject({ source: new URL(world.fake.url).host, answers: document.answers });
  },
  PATIENCE,
);

test('without a token doctor asks nobody: what a simulated source says would be said of the stack', async () => {
  const token = process.env['SMARTFLO_TOKEN'];
  const url = process.env['SMARTFLO_BASE_URL'];
  for (const name of ['SMARTFLO_TOKEN', 'SMARTFLO_BASE_URL']) vi.stubEnv(name, '');
  const before = await readFile(join(world.data, 'doctor', 'source.json'), 'utf8');
  const { exit, document } = await json('doctor');
  vi.stubEnv('SMARTFLO_TOKEN', token);
  vi.stubEnv('SMARTFLO_BASE_URL', url);
  expect({ exit, requests: document.requests, answers: document.answers }).toEqual({
    exit: 0,
    requests: 0,
    answers: [],
  });
  expect(document.checks.find(({ id }: { id: string }) => id === 'source')).toMatchObject({
    status: 'skip',
    fix: expect.stringContaining('SMARTFLO_TOKEN'),
  });
  expect(await readFile(join(world.data, 'doctor', 'source.json'), 'utf8')).toBe(before);
});

test('doctor says what is switched off or empty', async () => {
  Object.assign(stack, { state: 'DISABLED', filled: false });
  const { exit, document } = await json('doctor --no-source');
  Object.assign(stack, { state: 'ENABLED', filled: true });
  const failed = document.checks.filter(({ status }: { status: string }) => status === 'fail');
  expect({ exit, failed: failed.map(({ id }: { id: string }) => id) }).toEqual({
    exit: 3,
    failed: ['schedule-smartflo-pipeline-PollSchedule-1A2B3C', 'secret-main'],
  });
  for (const { fix } of failed) expect(fix).not.toBe('');
});

test('a stack that is not there, and one that nobody may see', async () => {
  const { exit, stderr } = await cli(['status', '--stack', 'other']);
  expect({ exit, stderr }).toMatchObject({ exit: 2, stderr: expect.stringContaining('error stack-unknown') });
  vi.stubEnv('AWS_REGION', undefined);
  const nowhere = await json('status');
  vi.stubEnv('AWS_REGION', stack.folder.env['AWS_REGION']);
  expect(nowhere).toMatchObject({
    exit: 6,
    document: { code: 'aws-refused', cure: expect.stringContaining('AWS_REGION') },
  });
  stack.refusal = 'not authorized to perform: cloudformation:ListStackResources';
  const refused = await json('status');
  const examined = await json('doctor --no-source');
  stack.refusal = undefined;
  expect(refused).toMatchObject({ exit: 6, document: { code: 'aws-refused' } });
  expect(examined).toMatchObject({ exit: 3, document: { summary: { fail: 1 } } });
});

test('a dead letter is listed, shown and sent back', async () => {
  const record = rawRecord({ id: 'dead', content: 1, date: DAY });
  const QueueUrl = await deadLetterUrlOf(clients.sqs, names.queueUrl);
  await clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: packBody([record], { dt: DAY }) }));
  const list = await json('dead-letters list');
  expect(list).toMatchObject({ exit: 3, document: { count: 1 } });
  expect((await json('status')).exit).toBe(3);
  const [{ id }] = list.document.messages;
  expect((await cli(['dead-letters', 'show', id, ...STACK])).stdout.trim()).toBe(record);
  expect(await json(`dead-letters redrive --id ${id}`)).toMatchObject({
    exit: 0,
    document: { redriven: [id] },
  });
  const { Messages = [] } = await clients.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: names.queueUrl, VisibilityTimeout: 0 }),
  );
  expect(Messages).toHaveLength(1);
  await clients.sqs.send(new PurgeQueueCommand({ QueueUrl: names.queueUrl }));
});

test(
  'what is lost is named, fetched by the deployed poller, and proven again; so is a backfill',
  async () => {
    const folder = join(world.data, 'raw', 'account=main', `dt=${DAY}`);
    const [object = ''] = await readdir(folder);
    const lost = `raw/account=main/dt=${DAY}/${object}`;
    await clients.s3.send(new DeleteObjectCommand({ Bucket: names.bucket, Key: lost }));
    const { Items = [] } = await clients.dynamo.send(new ScanCommand({ TableName: names.indexTable }));
    const item = Items.find(({ sk, object: at }) => sk?.S === 'call' && !at?.S?.endsWith(object));
    const Key = { pk: item?.['pk'] ?? { S: '' }, sk: { S: 'call' } };
    await clients.dynamo.send(new DeleteItemCommand({ TableName: names.indexTable, Key }));

    const found = await json(`prove --day ${DAY} --anew --no-heal`);
    expect(found).toMatchObject({ exit: 3, document: { days: [{ verdict: 'differs' }] } });
    expect(found.document.days[0].manifest).toMatchObject({
      named: { unindexed: [Key.pk.S?.slice('main#'.length)] },
    });
    expect(found.document.days[0].manifest.counts.missing).toBeGreaterThan(0);

    const healed = await stack.ticking(
      (async () => {
        await json(`prove --day ${DAY} --anew`);
        await consumed();
        return json(`prove --day ${DAY} --anew`);
      })(),
    );
    expect(healed).toMatchObject({ exit: 0, document: { days: [{ verdict: 'proven' }] } });

    const span = 'backfill --from 2024-05-07 --to 2024-05-08';
    const done = await stack.ticking(json(`${span} --yes`));
    expect(done).toMatchObject({ exit: 0, document: { schema: 'backfill/1', done: true } });
    expect(done.stderr).toContain('waiting for the poller');
    expect((await json(`${span} --yes`)).document.plan.minutesToFetch).toBe(0);
  },
  PATIENCE,
);

/** Until no message is on its way. */
const consumed = async (): Promise<void> => {
  await vi.waitFor(async () => expect((await json('status')).document.ledger.waiting).toBe(0), {
    timeout: 60_000,
    interval: 500,
  });
};
