import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeTableCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type EmbeddedAws, startEmbeddedAws } from '../../local/embedded/aws.ts';
import { clientsOf } from '../../local/embedded/clients.ts';
import { provision } from '../../local/provision.ts';

const index = (IndexName: string) => ({
  IndexName,
  KeySchema: [{ AttributeName: 'agent', KeyType: 'HASH' }],
  Projection: { ProjectionType: 'ALL' },
});
const table = (...indexes: string[]) => ({
  Type: 'AWS::DynamoDB::GlobalTable',
  Properties: {
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: ['pk', 'agent'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    GlobalSecondaryIndexes: indexes.map(index),
  },
});
const STORES = {
  Resources: {
    Calls: table('byAgent'),
    Archive: { Type: 'AWS::S3::Bucket' },
    Bus: {
      Type: 'AWS::Events::EventBus',
      Properties: {
        Name: {
          'Fn::Join': [
            '-',
            ['calls', { 'Fn::Select': [1, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] }],
          ],
        },
      },
    },
    Credential: { Type: 'AWS::SecretsManager::Secret' },
    Strange: { Type: 'AWS::Kinesis::Stream' },
  },
  Outputs: {
    Shown: { Value: 'not exported' },
    Archive: { Value: { Ref: 'Archive' }, Export: { Name: 'stores:Archive' } },
    Credential: { Value: { Ref: 'Credential' }, Export: { Name: 'stores:Credential' } },
    Bus: { Value: { 'Fn::GetAtt': ['Bus', 'Arn'] }, Export: { Name: 'stores:Bus' } },
  },
};
const WORK = {
  Resources: {
    DeadLetters: { Type: 'AWS::SQS::Queue', Properties: { MessageRetentionPeriod: 1_209_600 } },
    Packs: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        VisibilityTimeout: 360,
        RedrivePolicy: {
          deadLetterTargetArn: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] },
          maxReceiveCount: 200,
        },
      },
    },
    Logs: { Type: 'AWS::Logs::LogGroup' },
    Worker: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Handler: 'index.handler',
        Timeout: 60,
        MemorySize: 256,
        Environment: {
          Variables: {
            BUCKET: { 'Fn::ImportValue': 'stores:Archive' },
            BUS: { 'Fn::ImportValue': 'stores:Bus' },
            QUEUE_URL: { Ref: 'Packs' },
            WHERE: { 'Fn::Sub': '${AWS::Region}/${Packs.QueueName}' },
          },
        },
      },
      Metadata: { 'smartflo-cdr:function': 'worker', 'aws:asset:path': 'asset.1' },
    },
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        BatchSize: 10,
        EventSourceArn: { 'Fn::GetAtt': ['Packs', 'Arn'] },
        FunctionName: { Ref: 'Worker' },
        ScalingConfig: { MaximumConcurrency: 5 },
      },
    },
    Every: {
      Type: 'AWS::Scheduler::Schedule',
      Properties: {
        State: 'ENABLED',
        ScheduleExpression: 'rate(5 minutes)',
        Target: {
          Arn: { 'Fn::GetAtt': ['Worker', 'Arn'] },
          Input: {
            'Fn::Join': [
              '',
              [
                '{"at":"<aws.scheduler.scheduled-time>","secret":"',
                { 'Fn::ImportValue': 'stores:Credential' },
                '"}',
              ],
            ],
          },
        },
      },
    },
  },
};

let folder: string;
let dataDir: string;
let aws: EmbeddedAws;

const write = (stack: string, template: unknown) =>
  writeFile(join(folder, `${stack}.template.json`), JSON.stringify(template));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provision-'));
  dataDir = join(folder, 'kept');
  await mkdir(dataDir);
  await write('stores', STORES);
  await write('work', WORK);
  aws = await startEmbeddedAws({ dataDir });
});
afterEach(async () => {
  await aws.close();
  await rm(folder, { recursive: true });
});

test('names are worked out across stacks, and what it does not know is listed', async () => {
  const made = await provision(folder, aws);
  const sqs = aws.env['AWS_ENDPOINT_URL_SQS'];
  expect(made.functions).toEqual([
    {
      logicalId: 'Worker',
      name: 'worker',
      environment: {
        BUCKET: 'archive',
        BUS: 'arn:aws:events:us-east-1:000000000000:event-bus/calls-stores',
        QUEUE_URL: `${sqs}/000000000000/Packs`,
        WHERE: 'us-east-1/Packs',
      },
      assetDir: join(folder, 'asset.1'),
      handler: 'index.handler',
      timeoutSeconds: 60,
      memoryMb: 256,
    },
  ]);
  expect(made.eventSources).toEqual([
    { function: 'Worker', queueUrl: `${sqs}/000000000000/Packs`, batchSize: 10, maxConcurrency: 5 },
  ]);
  expect(made.schedules.map(({ function: fn, rateSeconds }) => [fn, rateSeconds])).toEqual([['Worker', 300]]);
  expect(made.schedules[0]?.input('2026-03-10T09:00:00Z')).toEqual({
    at: '2026-03-10T09:00:00Z',
    secret: made.names.secrets[0],
  });
  expect(made.names).toMatchObject({
    buckets: ['archive'],
    tables: ['Calls'],
    queueUrls: [`${sqs}/000000000000/Packs`],
    deadLetterUrls: [`${sqs}/000000000000/DeadLetters`],
    buses: ['calls-stores'],
  });
  expect(made.ignored).toEqual([{ logicalId: 'Strange', type: 'AWS::Kinesis::Stream' }]);
});

test('resources are as the template says', async () => {
  const { names } = await provision(folder, aws);
  const { sqs, dynamo } = clientsOf(aws);
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: names.queueUrls[0], AttributeNames: ['All'] }),
  );
  expect(Attributes).toMatchObject({
    VisibilityTimeout: '360',
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:DeadLetters',
      maxReceiveCount: 200,
    }),
  });
  const { Table } = await dynamo.send(new DescribeTableCommand({ TableName: 'Calls' }));
  expect(Table?.TableStatus).toBe('ACTIVE');
  expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName)).toEqual(['byAgent']);
});

test('a second start keeps what is there, and takes over new settings of a queue', async () => {
  const { names } = await provision(folder, aws);
  const before = clientsOf(aws);
  await before.sqs.send(new SendMessageCommand({ QueueUrl: names.queueUrls[0], MessageBody: 'kept' }));
  await before.dynamo.send(new PutItemCommand({ TableName: 'Calls', Item: { pk: { S: 'kept' } } }));
  await aws.close();
  aws = await startEmbeddedAws({ dataDir });
  await write(
    'work',
    JSON.parse(JSON.stringify(WORK).replace('"VisibilityTimeout":360', '"VisibilityTimeout":420')),
  );
  const { names: again } = await provision(folder, aws);
  const after = clientsOf(aws);
  const { Attributes } = await after.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: again.queueUrls[0], AttributeNames: ['All'] }),
  );
  expect(Attributes).toMatchObject({ ApproximateNumberOfMessages: '1', VisibilityTimeout: '420' });
  expect((await after.dynamo.send(new ScanCommand({ TableName: 'Calls' }))).Items).toEqual([
    { pk: { S: 'kept' } },
  ]);
});

test('a table that lacks an index is named, with what it has and what is asked', async () => {
  await provision(folder, aws);
  await write('stores', { ...STORES, Resources: { ...STORES.Resources, Calls: table('byAgent', 'byDay') } });
  await expect(provision(folder, aws)).rejects.toThrow(
    'the table Calls has the indexes byAgent; the template asks for byAgent, byDay',
  );
});

test('an intrinsic that it does not understand is no guess', async () => {
  const Environment = { Variables: { X: { 'Fn::If': ['A', 'b', 'c'] } } };
  const Worker = {
    ...WORK.Resources.Worker,
    Properties: { ...WORK.Resources.Worker.Properties, Environment },
  };
  await write('work', { Resources: { ...WORK.Resources, Worker } });
  await expect(provision(folder, aws)).rejects.toThrow('Fn::If is not understood here');
});
