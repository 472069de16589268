import { readdirSync, readFileSync } from 'node:fs';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { CdrConsumer, type CdrConsumerProps } from 'smartflo-cdr/constructs';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { MissedCallsStack } from '../../examples/missed-calls/stack.ts';
import { REVISIONS_TABLE } from '../../shared/adapters/dynamodb-revisions.ts';
import { AlarmWatch } from '../support/alarm-watch.ts';
import { type Resource, stacksOf } from '../support/stacks.ts';

const resourcesOf = (stack: Stack): [string, Resource][] =>
  Object.entries(Template.fromStack(stack).toJSON()['Resources'] as Record<string, Resource>);
const ofType = (resources: readonly (readonly [string, Resource])[], type: string) =>
  resources.filter(([, { Type }]) => Type === type).map(([, resource]) => resource);

const bareApp = () =>
  new App({
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
    context: { 'aws:cdk:bundling-stacks': [] },
  });
const example = resourcesOf(
  new MissedCallsStack(bareApp(), 'missed-calls', {
    eventBusName: 'smartflo-calls-1',
    crmUrl: 'https://crm.example/',
  }).consumer.rule.stack,
);
const consumerOf = (props: (stack: Stack) => Partial<CdrConsumerProps>) => {
  const stack = new Stack(bareApp(), 'consumer');
  const bus = EventBus.fromEventBusName(stack, 'Bus', 'smartflo-calls-1');
  // oxlint-disable-next-line no-new -- a construct is made for its template
  new CdrConsumer(stack, 'Calls', { bus, ...props(stack) });
  return resourcesOf(stack);
};

type Pattern = { readonly [key: string]: readonly string[] | Pattern };
/** Whether a rule's pattern of exact values lets an event through. */
const matches = (pattern: Pattern, event: Record<string, unknown>): boolean =>
  Object.entries(pattern).every(([key, wanted]) => {
    const value = event[key];
    if (Array.isArray(wanted)) return wanted.includes(value);
    return typeof value === 'object' && value !== null && matches(wanted as Pattern, value as typeof event);
  });

const golden = readdirSync('docs/events/golden').map((file): [string, Record<string, unknown>] => [
  file.replace('.json', ''),
  JSON.parse(readFileSync(`docs/events/golden/${file}`, 'utf8')),
]);
const throughRule = (resources: typeof example): string[] => {
  const [rule] = ofType(resources, 'AWS::Events::Rule');
  return golden.filter(([, event]) => matches(rule?.Properties.EventPattern, event)).map(([name]) => name);
};

test('the pattern lets through what was asked for, of the golden events', () => {
  expect(throughRule(consumerOf(() => ({})))).toHaveLength(golden.length);
  const [rule] = ofType(
    consumerOf(() => ({})),
    'AWS::Events::Rule',
  );
  const day = { source: 'smartflo-cdr', 'detail-type': 'DayProven', detail: {} };
  expect(matches(rule?.Properties.EventPattern, day)).toBe(false);
  expect(throughRule(consumerOf(() => ({ pattern: { detailTypes: ['CallChanged'] } })))).toEqual([
    'changed-disposition',
    'changed-outside-the-summary',
    'changed-to-answered',
  ]);
  expect(throughRule(consumerOf(() => ({ pattern: { statuses: ['missed'], accounts: ['main'] } })))).toEqual([
    'created-missed',
  ]);
  expect(throughRule(consumerOf(() => ({ pattern: { origins: ['late', 'backfill'] } })))).toEqual([
    'created-backfill',
    'created-late',
  ]);
  expect(throughRule(consumerOf(() => ({ pattern: { accounts: ['other'] } })))).toEqual([]);
  const inbound = throughRule(example);
  expect([inbound.includes('changed-to-answered'), inbound.includes('created-transferred')]).toEqual([
    true,
    false,
  ]);
});

test('rule → queue → handler: each message settles alone, and what is given up lies in one place for 14 days', () => {
  const queues = ofType(example, 'AWS::SQS::Queue').map(({ Properties }) => Properties);
  const main = queues.find(({ RedrivePolicy }) => RedrivePolicy);
  expect(main).toMatchObject({
    VisibilityTimeout: 180,
    RedrivePolicy: { maxReceiveCount: 20 },
    SqsManagedSseEnabled: true,
  });
  expect(queues.map(({ MessageRetentionPeriod }) => MessageRetentionPeriod)).toEqual([1_209_600, 1_209_600]);
  const [mapping] = ofType(example, 'AWS::Lambda::EventSourceMapping');
  expect(mapping?.Properties).toMatchObject({
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    ScalingConfig: { MaximumConcurrency: 2 },
  });
  const [rule] = ofType(example, 'AWS::Events::Rule');
  expect(rule?.Properties.Targets).toEqual([
    expect.objectContaining({
      DeadLetterConfig: { Arn: main.RedrivePolicy.deadLetterTargetArn },
      RetryPolicy: { MaximumEventAgeInSeconds: 86_400 },
    }),
  ]);
});

test('the handler bundles from what the package exports', async () => {
  const { outputFiles, errors } = await build({
    entryPoints: ['examples/missed-calls/index.ts'],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    mainFields: ['module', 'main'],
    conditions: ['smartflo-cdr-sources'],
    external: ['@aws-sdk/*'],
    logLevel: 'silent',
  });
  expect(errors).toEqual([]);
  expect(outputFiles[0]?.text).not.toMatch(/aws-cdk-lib|powertools/);
  expect((outputFiles[0]?.contents.length ?? 0) / 1_024).toBeLessThan(400);
});

test('only the rule may send, over TLS, and the handler may use the guard and read its queue, exactly', () => {
  const policies = ofType(example, 'AWS::SQS::QueuePolicy').flatMap(
    ({ Properties }) => Properties.PolicyDocument.Statement,
  );
  const allowed = policies.filter(({ Effect }) => Effect === 'Allow');
  expect(allowed).toHaveLength(2);
  for (const { Principal, Condition } of allowed) {
    expect(Principal).toEqual({ Service: 'events.amazonaws.com' });
    expect(JSON.stringify(Condition)).toContain('MissedCallsRule');
  }
  expect(policies.filter(({ Effect, Principal }) => Effect === 'Deny' && Principal.AWS === '*')).toHaveLength(
    2,
  );
  const mayDo: string[] = ofType(example, 'AWS::IAM::Policy')
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .flatMap(({ Action }) => [Action].flat());
  expect(mayDo.filter((action) => action.includes('*'))).toEqual([]);
  expect(mayDo.filter((action) => action.startsWith('dynamodb'))).toEqual([
    'dynamodb:GetItem',
    'dynamodb:UpdateItem',
  ]);
});

test('the table is the one that the guard writes: its key, and what forgets', () => {
  const [table] = ofType(example, 'AWS::DynamoDB::GlobalTable');
  expect(table?.Properties).toMatchObject({
    KeySchema: [{ AttributeName: REVISIONS_TABLE.partition, KeyType: 'HASH' }],
    TimeToLiveSpecification: { AttributeName: REVISIONS_TABLE.expiry, Enabled: true },
  });
  const [handler] = ofType(example, 'AWS::Lambda::Function');
  expect(Object.keys(handler?.Properties.Environment.Variables).sort()).toEqual([
    'CRM_URL',
    'REVISIONS_TABLE',
  ]);
});

test('old messages and dead letters raise an alarm, and tell where a topic is given', () => {
  const at = Date.parse('2026-03-10T10:00:00Z');
  const watch = new AlarmWatch({
    resources: consumerOf((stack) => ({
      alarmTopic: new Topic(stack, 'Told'),
      key: new Key(stack, 'Key'),
    })),
  });
  watch.watch(at, at);
  expect(watch.pages).toEqual([]);
  for (const { watched } of watch.alarms)
    watch.metrics.add(watched.map((metric) => ({ ...metric, unit: undefined, value: 1_000, at })));
  watch.watch(at + 300_000, at + 300_000);
  expect(watch.pages.map(({ alarm }) => alarm.replace(/[0-9A-F]{8}$/, ''))).toEqual([
    'CallsOld',
    'CallsDead',
  ]);
  expect(new AlarmWatch({ resources: example }).alarms.map(({ tells }) => tells)).toEqual([false, false]);
});

test('the schemas stand in a registry of EventBridge, and say what docs/events says', () => {
  const schemas = stacksOf().ofType('AWS::EventSchemas::Schema');
  expect(schemas.map(({ Properties }): string => Properties.SchemaName)).toEqual([
    'smartflo-cdr@CallCreated',
    'smartflo-cdr@CallChanged',
    'smartflo-cdr@DayProven',
    'smartflo-cdr@DayDiffers',
  ]);
  const namesIn = (schema: object): string[] =>
    [...JSON.stringify(schema).matchAll(/"(\w[\w-]*)":\{"(?:type|description|enum|const|anyOf)/g)]
      .map(([, name = '']) => name)
      .sort();
  for (const { Properties } of schemas) {
    const file: string = Properties.SchemaName.replace(
      /.*@(Call|Day)/,
      (_: string, thing: string) => `${thing}-`,
    );
    const content = JSON.parse(Properties.Content);
    expect(content.$schema).toBe('http://json-schema.org/draft-04/schema#');
    expect(Properties.Type).toBe('JSONSchemaDraft4');
    const documented = JSON.parse(readFileSync(`docs/events/${file.toLowerCase()}.schema.json`, 'utf8'));
    expect(content.properties.detail.required).toEqual(documented.properties.detail.required);
    expect(namesIn(content)).toEqual(namesIn(documented));
  }
});

test('another AWS account keeps rules of its own on the bus, and touches nobody else’s; without one there is no policy', () => {
  expect(stacksOf().ofType('AWS::Events::EventBusPolicy')).toEqual([]);
  const policies = stacksOf({ trustedAccounts: ['444455556666', '777788889999'] }).ofType(
    'AWS::Events::EventBusPolicy',
  );
  expect(policies).toHaveLength(2);
  for (const { Properties } of policies) {
    const { Action, Condition, Principal, Resource: resource } = Properties.Statement;
    const account = /::(\d{12}):root/.exec(JSON.stringify(Principal))?.[1];
    expect(Properties.StatementId).toBe(`rules-of-${account}`);
    expect(Condition).toEqual({ StringEqualsIfExists: { 'events:creatorAccount': account } });
    expect(JSON.stringify(Action)).not.toContain('*');
    expect(Action).not.toContain('events:PutEvents');
    expect(JSON.stringify(resource)).toContain(':rule/');
  }
});
