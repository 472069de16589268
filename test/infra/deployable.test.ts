import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { expect, test } from 'vitest';
import { bareApp } from '../../infra/stacks/bare-app.ts';
import { MAXIMAL, RULE_REPORT, stacksOf } from '../support/stacks.ts';

test.each([
  ['default', undefined],
  ['maximal', MAXIMAL],
])("the CDK's rule engine takes the %s configuration's templates", (_, block) => {
  const { directory } = bareApp(block, { validated: true }).app.synth();
  expect(existsSync(join(directory, RULE_REPORT))).toBe(true);
  expect(existsSync(join(stacksOf(block).outdir, RULE_REPORT))).toBe(false);
});

test('and ends a synthesis that CloudFormation would refuse', () => {
  const { app, pipeline } = bareApp(undefined, { validated: true });
  const planted = new CfnQueue(pipeline, 'Planted');
  planted.visibilityTimeout = 999_999;
  expect(() => app.synth()).toThrow('999999 is greater than the maximum of 43200');
});

test('a synthesis has nothing to warn of', () => {
  for (const block of [undefined, MAXIMAL]) {
    const messages = stacksOf(block)
      .app.synth()
      .stacks.flatMap((stack) =>
        stack.messages.map(({ id, entry }) => `${id}: ${JSON.stringify(entry.data)}`),
      );
    expect(messages).toEqual([]);
  }
});

/**
 * What an upgrade must find again under the same name. Another name is another resource: CloudFormation would make
 * an empty one and leave the full one behind. Who has to change a line here writes into the changelog how to move.
 */
const PINNED = {
  ArchiveBucket49F1AC64: 'AWS::S3::Bucket',
  IndexTable0C9C7D0C: 'AWS::DynamoDB::GlobalTable',
  LedgerTable9343E4AA: 'AWS::DynamoDB::GlobalTable',
  EncryptionKey3A692D6E: 'AWS::KMS::Key',
  CallsBus2FDEE3B5: 'AWS::Events::EventBus',
  AccountsmainB0E1DD29: 'AWS::SecretsManager::Secret',
  // It holds what the poller takes for delivered.
  IngestQueue95F6DB49: 'AWS::SQS::Queue',
  IngestDeadLetters1228E37E: 'AWS::SQS::Queue',
};
const STATEFUL = new Set(Object.values(PINNED));

test('what holds something keeps its logical id from release to release', () => {
  const stateful = stacksOf()
    .resources.filter(([, { Type }]) => STATEFUL.has(Type))
    .map(([id, { Type }]) => [id, Type]);
  const pinned = Object.fromEntries(stateful.filter(([id = '']) => !id.startsWith('Undelivered')));
  expect(pinned).toEqual(PINNED);
});

test("its keys and names can't change either: CloudFormation would replace it", () => {
  const tables = stacksOf()
    .ofType('AWS::DynamoDB::GlobalTable')
    .map(({ Properties }) =>
      Properties.KeySchema.map((key: { AttributeName: string; KeyType: string }) => key.AttributeName),
    );
  expect(tables).toEqual([['pk', 'sk'], ['pk']]);
});

test('an account more changes nothing of the others', () => {
  const one = stacksOf({ accounts: [{ name: 'north' }] });
  const two = stacksOf({ accounts: [{ name: 'north' }, { name: 'south' }] });
  const ids = (stacks: typeof one) => new Set(stacks.resources.map(([id]) => id));
  expect([...ids(one)].filter((id) => !ids(two).has(id))).toEqual([]);
});

test('twenty accounts fit into a new AWS account, which may run ten functions at once', () => {
  const twenty = stacksOf({ accounts: MAXIMAL.accounts });
  const reserved = twenty
    .ofType('AWS::Lambda::Function')
    .filter(({ Properties }) => Properties.ReservedConcurrentExecutions !== undefined);
  expect(reserved).toEqual([]);
  const everyMinute = twenty
    .ofType('AWS::Scheduler::Schedule')
    .filter(({ Properties }) => Properties.ScheduleExpression === 'rate(1 minute)');
  const readers = twenty
    .ofType('AWS::Lambda::EventSourceMapping')
    .map(({ Properties }) => Properties.ScalingConfig.MaximumConcurrency)
    .reduce((sum: number, most: number) => sum + most, 0);
  expect(everyMinute.length + readers).toBeLessThanOrEqual(10);
});

test('each template is within what CloudFormation takes', async () => {
  for (const block of [undefined, MAXIMAL]) {
    const { outdir, outputs } = stacksOf(block);
    for (const name of (await readdir(outdir)).filter((file) => file.endsWith('.template.json')))
      expect((await stat(join(outdir, name))).size).toBeLessThan(1_000_000);
    for (const of of outputs) expect(Object.keys(of).length).toBeLessThan(200);
    expect(stacksOf(block).resources.length).toBeLessThan(500);
  }
});
