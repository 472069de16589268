import { expect, test } from 'vitest';
import { CompactorEnv } from '../../functions/compactor/env.ts';
import { ConsumerEnv } from '../../functions/consumer/env.ts';
import { PollerEnv } from '../../functions/poller/env.ts';
import { ProverEnv } from '../../functions/prover/env.ts';
import { RAW } from '../../shared/contract/bucket-layout.ts';
import { CompactionOrder } from '../../shared/contract/compaction.ts';
import { SECONDARY_INDEXES } from '../../shared/contract/index-table.ts';
import { Tick } from '../../shared/contract/tick.ts';
import { type Resource, stacksOf } from '../support/stacks.ts';

const stacks = stacksOf();
const FIFTY = Array.from({ length: 50 }, (_, index) => ({ name: `account-${index}` }));

const functionOf = (folder: 'poller' | 'consumer' | 'prover' | 'compactor'): Resource => {
  const found = stacks
    .ofType('AWS::Lambda::Function')
    .find(({ Metadata }) => Metadata?.['smartflo-cdr:function'] === folder);
  if (!found) throw new Error(`no ${folder}`);
  return found;
};
const consumed = () => {
  const queue = stacks
    .ofType('AWS::SQS::Queue')
    .find(({ Properties }) => Properties.RedrivePolicy !== undefined);
  const [deadLetterId] = queue?.Properties.RedrivePolicy.deadLetterTargetArn['Fn::GetAtt'] ?? [];
  return { queue: queue?.Properties, deadLetters: stacks.named(deadLetterId)?.Properties };
};
const statements = () =>
  stacks
    .ofType('AWS::IAM::ManagedPolicy')
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .map((statement: { Action: string | string[]; Resource: unknown; Effect: string }) => ({
      ...statement,
      actions: [statement.Action].flat(),
    }));
/** An intrinsic stands for a name or an address that is not known yet. */
const inputText = (input: unknown): string =>
  typeof input === 'string'
    ? input
    : (input as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1]
        .map((part) =>
          typeof part === 'string' ? part : 'arn:aws:secretsmanager:ap-south-1:111122223333:secret:x-AbCdEf',
        )
        .join('');

test('the schedule ticks every minute, exactly then, without retries, and gives up after a minute', () => {
  const [{ Properties: schedule } = { Properties: {} }, ...others] = stacks
    .ofType('AWS::Scheduler::Schedule')
    .filter(({ Properties }) => Properties.ScheduleExpression === 'rate(1 minute)');
  expect(others).toEqual([]);
  expect(schedule).toMatchObject({
    ScheduleExpression: 'rate(1 minute)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    State: 'ENABLED',
    Target: { RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 } },
  });
  const text = inputText(schedule.Target.Input);
  expect(text).toContain('"scheduledAt":"<aws.scheduler.scheduled-time>"');
  const at = (time: string) => JSON.parse(text.replace('<aws.scheduler.scheduled-time>', time));
  const tick = Tick.parse(at('2026-03-10T09:00:00Z'));
  // It would be the newest that the ledger knows, and make every later one stale.
  expect(Tick.safeParse(at('2199-01-01T00:00:00Z')).success).toBe(false);
  expect(tick.accounts.map(({ name }) => name)).toEqual(['main']);
});

test('finished days are looked for every half hour, without retries', () => {
  const [compaction, ...others] = stacks
    .ofType('AWS::Scheduler::Schedule')
    .filter(({ Properties }) => Properties.Target.Input.includes?.('curatedAfterDays'));
  expect(others).toEqual([]);
  expect(compaction?.Properties).toMatchObject({
    ScheduleExpression: 'rate(30 minutes)',
    Target: { RetryPolicy: { MaximumRetryAttempts: 0 } },
  });
  const text: string = compaction?.Properties.Target.Input;
  const order = CompactionOrder.parse(
    JSON.parse(text.replace('<aws.scheduler.scheduled-time>', '2026-03-10T09:00:00Z')),
  );
  expect(order).toMatchObject({ curatedAfterDays: 3, volatilePaths: { main: ['recording_url?token'] } });
});

test('nothing runs a tick twice: asynchronous invocation has no retries and a minute of age', () => {
  const [config] = stacks.ofType('AWS::Lambda::EventInvokeConfig');
  expect(config?.Properties).toMatchObject({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
  expect(functionOf('poller').Properties.Timeout).toBe(60);
});

test('the queue outlasts outages, and its messages settle alone', () => {
  const { queue, deadLetters } = consumed();
  expect(queue.VisibilityTimeout).toBeGreaterThanOrEqual(6 * functionOf('consumer').Properties.Timeout);
  expect(queue.RedrivePolicy.maxReceiveCount).toBe(200);
  expect(queue.MessageRetentionPeriod).toBe(7 * 86_400);
  expect(deadLetters.MessageRetentionPeriod).toBe(14 * 86_400);
  const [mapping] = stacks.ofType('AWS::Lambda::EventSourceMapping');
  expect(mapping?.Properties.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
  expect(mapping?.Properties.ScalingConfig.MaximumConcurrency).toBeGreaterThanOrEqual(2);
  expect(mapping?.Properties.BatchSize).toBe(10);
});

test('every permission is an exact action on named resources, and no function can delete a record', () => {
  const allowed = statements();
  expect(allowed.length).toBeGreaterThan(5);
  const actions = allowed.flatMap((statement) => statement.actions);
  expect(actions.filter((action) => action.includes('*'))).toEqual([]);
  expect(
    actions.filter((action) =>
      /^(s3|dynamodb|secretsmanager|events):.*(Delete|Purge|Put(Bucket|Object[A-Z])|Secret$)/.test(action),
    ),
  ).toEqual([]);
  expect(allowed.filter(({ Resource }) => JSON.stringify(Resource) === '"*"')).toEqual([]);
  // AWS's own policies are wide, and inline ones are seen by nobody.
  const roles = stacks.ofType('AWS::IAM::Role').map(({ Properties }) => Object.keys(Properties));
  expect(roles.flat().filter((key) => key !== 'AssumeRolePolicyDocument')).toEqual([]);
  expect(stacks.ofType('AWS::IAM::Policy')).toEqual([]);
});

test('only the poller may read a credential or the ledger; only the consumer writes what stays', () => {
  const mayDo = (folder: 'poller' | 'consumer' | 'prover') => {
    const [roleId] = functionOf(folder).Properties.Role['Fn::GetAtt'];
    const policies = stacks
      .ofType('AWS::IAM::ManagedPolicy')
      .filter(({ Properties }) => Properties.Roles?.[0].Ref === roleId);
    return JSON.stringify(policies.map(({ Properties }) => Properties.PolicyDocument));
  };
  expect(mayDo('consumer')).toMatch(/sqs:ReceiveMessage.*IngestQueue/);
  expect(mayDo('consumer')).not.toMatch(/secretsmanager|LedgerTable|\/sent\//);
  expect(mayDo('poller')).toContain('secretsmanager:GetSecretValue');
  expect(mayDo('poller')).not.toMatch(/events:|IndexTable|sqs:ReceiveMessage|\/raw\//);
  // It compares what was delivered and must not be able to deliver it itself.
  expect(mayDo('prover')).not.toMatch(/secretsmanager|sqs:ReceiveMessage|\/sent\//);
});

test('no name is fixed: a second deployment, or one after a removal, never collides', () => {
  const FIXED = /^(BucketName|TableName|QueueName|RoleName|PolicyName|LogGroupName|FunctionName|Name)$/;
  const names = stacks.resources.flatMap(([id, { Type, Properties }]) =>
    Object.entries(Properties ?? {}).flatMap(([key, value]) =>
      FIXED.test(key) ? [{ id, Type, key, value }] : [],
    ),
  );
  // A named query's name is for people: two may have the same.
  const literal = names.filter(
    ({ Type, value }) => typeof value === 'string' && Type !== 'AWS::Athena::NamedQuery',
  );
  expect(literal).toEqual([]);
  const bus = names.find(({ Type }) => Type === 'AWS::Events::EventBus');
  expect(JSON.stringify(bus?.value)).toContain('AWS::StackId');
});

test.each(['poller', 'consumer', 'prover'] as const)(
  'the %s is a Node 24 bundle on arm64 with a log group of its own',
  (folder) => {
    const { Properties } = functionOf(folder);
    expect(Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
    });
    const logs = stacks.named(Properties.LoggingConfig.LogGroup.Ref);
    expect(logs).toMatchObject({
      Type: 'AWS::Logs::LogGroup',
      DeletionPolicy: 'Delete',
      Properties: { RetentionInDays: 365 },
    });
  },
);

test.each([
  ['poller', PollerEnv],
  ['consumer', ConsumerEnv],
  ['prover', ProverEnv],
  ['compactor', CompactorEnv],
] as const)('the %s gets the environment that its env.ts asks for, and nothing else', (folder, schema) => {
  const variables: Record<string, unknown> = functionOf(folder).Properties.Environment.Variables;
  const resolved = Object.fromEntries(
    Object.keys(variables).map((name) => [name, 'https://resolved.example/x']),
  );
  expect(schema.safeParse(resolved).error).toBeUndefined();
  // Node's and the C library's own are no names of ours.
  const others = Object.keys(variables).filter((name) => !(name in schema.shape));
  expect(others.filter((name) => !/^(NODE_OPTIONS$|MALLOC_)/.test(name))).toEqual([]);
});

test.each([
  ['prover', '--max-old-space-size=256 --max-semi-space-size=4 --expose-gc'],
  ['compactor', '--max-old-space-size=300 --max-semi-space-size=2 --expose-gc'],
] as const)('the %s has the heap in which its days were measured', (folder, heap) => {
  expect(functionOf(folder).Properties.Environment.Variables).toMatchObject({
    // Both: where one is missing, Lambda's runtime leaves it to V8.
    NODE_OPTIONS: heap,
    MALLOC_ARENA_MAX: '1',
    MALLOC_MMAP_THRESHOLD_: '131072',
  });
});

const STATEFUL = [
  'AWS::S3::Bucket',
  'AWS::DynamoDB::GlobalTable',
  'AWS::Events::EventBus',
  'AWS::SecretsManager::Secret',
];

test('what holds calls outlives its stack, and one switch changes that', () => {
  const policies = (given: typeof stacks) =>
    new Set(
      STATEFUL.flatMap(given.ofType).flatMap(({ DeletionPolicy, UpdateReplacePolicy }) => [
        DeletionPolicy,
        UpdateReplacePolicy,
      ]),
    );
  const shields = (given: typeof stacks) =>
    given
      .ofType('AWS::DynamoDB::GlobalTable')
      .map(({ Properties }) => Properties.Replicas[0].DeletionProtectionEnabled);
  expect(policies(stacks)).toEqual(new Set(['Retain']));
  expect(shields(stacks)).toEqual([true, true]);
  expect(stacks.protectedFromDeletion).toBe(true);
  const loose = stacksOf({ keep: false });
  expect(policies(loose)).toEqual(new Set(['Delete']));
  expect(shields(loose)).toEqual([false, false]);
  expect(loose.protectedFromDeletion).toBe(false);
});

test('the bucket is versioned and private, and nothing in it expires but what the pipeline needs for a while', () => {
  const [bucket] = stacks.ofType('AWS::S3::Bucket');
  expect(bucket?.Properties.VersioningConfiguration.Status).toBe('Enabled');
  expect(Object.values(bucket?.Properties.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
  const rules: { Prefix: string; ExpirationInDays: number }[] =
    bucket?.Properties.LifecycleConfiguration.Rules;
  expect(rules.map(({ Prefix, ExpirationInDays }) => [Prefix, ExpirationInDays])).toEqual([
    ['sent/', 9],
    ['claims/', 30],
    ['slices/', 90],
    ['proofs/', 7],
    ['results/', 7],
    ['masked-results/', 7],
    ['late/', 30],
    // Only lists that were replaced.
    ['curated/', undefined],
    ['masked/', undefined],
  ]);
  expect(rules.filter(({ Prefix }) => RAW.startsWith(Prefix) || Prefix.startsWith(RAW))).toEqual([]);
});

test('tables are on demand and recoverable, and carry the secondary indexes that are switched on', () => {
  const tables = stacks.ofType('AWS::DynamoDB::GlobalTable');
  expect(tables.map(({ Properties }) => Properties.BillingMode)).toEqual([
    'PAY_PER_REQUEST',
    'PAY_PER_REQUEST',
  ]);
  for (const { Properties } of tables)
    expect(Properties.Replicas[0].PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled).toBe(true);
  const indexesOf = (given: typeof stacks) =>
    given
      .ofType('AWS::DynamoDB::GlobalTable')
      .flatMap(({ Properties }) => Properties.GlobalSecondaryIndexes ?? [])
      .map(({ IndexName, KeySchema }) => [
        IndexName,
        ...KeySchema.map((key: { AttributeName: string }) => key.AttributeName),
      ]);
  const wanted = Object.entries(SECONDARY_INDEXES).map(([name, { partition, sort }]) => [
    name,
    partition,
    sort,
  ]);
  expect(indexesOf(stacks)).toEqual(wanted);
  expect(indexesOf(stacksOf({ indexes: { did: false } }))).toEqual(wanted.filter(([name]) => name !== 'did'));
});

test('a secret is made empty, so that nothing is ever tried that nobody has entered', () => {
  const [secret] = stacks.ofType('AWS::SecretsManager::Secret');
  expect(Object.keys(secret?.Properties)).toEqual(['Description', 'KmsKeyId']);
});

test('the outputs say what to do next', () => {
  const [, pipeline = {}] = stacks.outputs;
  expect(Object.keys(pipeline).filter((name) => !name.startsWith('Exports'))).toEqual([
    'FillSecretmain',
    'DashboardAddress',
    'Watch',
  ]);
  expect(JSON.stringify(pipeline)).toContain('aws secretsmanager put-secret-value --secret-string file://');
  for (const outputs of stacks.outputs)
    for (const { Description, Export } of Object.values(outputs))
      if (!Export) expect(Description).toMatch(/\.$/);
});

test('fifty accounts fit: five schedules, each account in one of them, within the limits of AWS', () => {
  const many = stacksOf({ accounts: FIFTY });
  const inputs = many
    .ofType('AWS::Scheduler::Schedule')
    .filter(({ Properties }) => Properties.ScheduleExpression === 'rate(1 minute)')
    .map(({ Properties }) => inputText(Properties.Target.Input));
  expect(inputs).toHaveLength(5);
  const spread = inputs.map((text) => JSON.parse(text).accounts.map(({ name }: { name: string }) => name));
  expect(spread.map(({ length }) => length)).toEqual([10, 10, 10, 10, 10]);
  const names = spread.flat();
  expect(new Set(names)).toEqual(new Set(FIFTY.map(({ name }) => name)));
  expect(names).toHaveLength(50);
  // Scheduler takes 256 KB of input, a policy 6,144 characters, a role ten policies, a stack 500 resources and 200 outputs.
  for (const text of inputs) expect(text.length).toBeLessThan(256 * 1024);
  for (const { Properties } of many.ofType('AWS::IAM::ManagedPolicy')) {
    const arns = JSON.stringify(Properties.PolicyDocument).replaceAll(
      /\{"Fn::ImportValue":"[^"]*"\}/g,
      `"arn:aws:secretsmanager:ap-south-1:111122223333:secret:${'x'.repeat(40)}-AbCdEf"`,
    );
    expect(arns.length).toBeLessThan(6_144);
  }
  const policies = many.ofType('AWS::IAM::ManagedPolicy').map(({ Properties }) => Properties.Roles?.[0].Ref);
  for (const role of policies)
    expect(policies.filter((other) => other === role).length).toBeLessThanOrEqual(10);
  expect(many.resources.length).toBeLessThan(500);
  for (const outputs of many.outputs) expect(Object.keys(outputs).length).toBeLessThan(200);
});
