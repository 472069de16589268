import { join } from 'node:path';
import { DescribeTableCommand, ResourceInUseException } from '@aws-sdk/client-dynamodb';
import { CreateEventBusCommand, ResourceAlreadyExistsException } from '@aws-sdk/client-eventbridge';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { createTable } from './create-table.ts';
import { type EmbeddedAws, LOCAL_REGION } from './embedded/aws.ts';
import { clientsOf, type EmbeddedClients } from './embedded/clients.ts';
import { LOCAL_ACCOUNT } from './embedded/objects-and-queues.ts';
import {
  BundleMetadata,
  FunctionShape,
  MappingShape,
  QueueShape,
  rateSeconds,
  ScheduleShape,
  TableShape,
} from './template-shapes.ts';
import { type Physical, readTemplates, type TemplateResource } from './template.ts';

/** A function as the template has it. */
export interface ProvisionedFunction {
  readonly logicalId: string;
  /** Its folder under functions/. */
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Where its bundle lies. */
  readonly assetDir: string;
  /** `file.export`, as Lambda takes it. */
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
}

export interface ProvisionedSchedule {
  /** The function's logical id. */
  readonly function: string;
  readonly rateSeconds: number;
  /** What the schedule hands over. `scheduledAt` is ISO 8601. */
  input(scheduledAt: string): unknown;
}

export interface ProvisionedEventSource {
  /** The function's logical id. */
  readonly function: string;
  readonly queueUrl: string;
  readonly batchSize: number;
  readonly maxConcurrency: number;
}

export interface Provisioned {
  readonly functions: readonly ProvisionedFunction[];
  readonly schedules: readonly ProvisionedSchedule[];
  readonly eventSources: readonly ProvisionedEventSource[];
  readonly names: {
    readonly buckets: readonly string[];
    readonly tables: readonly string[];
    /** Those that a function reads. */
    readonly queueUrls: readonly string[];
    /** Where their dead letters go. */
    readonly deadLetterUrls: readonly string[];
    readonly buses: readonly string[];
    /** What to pass to `putSecret`; also in the schedules' input. */
    readonly secrets: readonly string[];
  };
  /** What the template asks for and this machine does not do. */
  readonly ignored: readonly { readonly logicalId: string; readonly type: string }[];
}

/**
 * Without a meaning on one machine: nobody is kept out or called, nothing is encrypted or replayed, logs go to a file,
 * and SQL reads the files by itself.
 */
const MEANINGLESS = new Set([
  'AWS::Athena::NamedQuery',
  'AWS::Athena::WorkGroup',
  'AWS::Glue::Database',
  'AWS::Glue::Table',
  'AWS::IAM::Role',
  'AWS::IAM::Policy',
  'AWS::Lambda::Permission',
  'AWS::Events::Archive',
  'AWS::IAM::ManagedPolicy',
  'AWS::KMS::Key',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Logs::LogGroup',
  'AWS::S3::BucketPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::Events::EventBusPolicy',
  'AWS::EventSchemas::Registry',
  'AWS::EventSchemas::Schema',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SNS::Subscription',
]);
/** What of a template is made on one machine. */
export const MADE_HERE: ReadonlySet<string> = new Set([
  'AWS::S3::Bucket',
  'AWS::DynamoDB::Table',
  'AWS::DynamoDB::GlobalTable',
  'AWS::SQS::Queue',
  'AWS::Events::EventBus',
  'AWS::SecretsManager::Secret',
  'AWS::Lambda::Function',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Scheduler::Schedule',
]);

const arn = (service: string, resource: string) =>
  `arn:aws:${service}:${LOCAL_REGION}:${LOCAL_ACCOUNT}:${resource}`;

/** Names follow from the logical id, so that the next start finds what this one made. */
const nameIn =
  (sqsEndpoint: string) =>
  ({ Type, Properties, logicalId }: TemplateResource, resolve: (value: unknown) => unknown): Physical => {
    const named = (ref: string, Arn: string, more: Record<string, string> = {}) => ({
      ref,
      attributes: { Arn, ...more },
    });
    switch (Type) {
      case 'AWS::S3::Bucket':
        return named(logicalId.toLowerCase(), `arn:aws:s3:::${logicalId.toLowerCase()}`);
      case 'AWS::DynamoDB::Table':
      case 'AWS::DynamoDB::GlobalTable':
        return named(logicalId, arn('dynamodb', `table/${logicalId}`));
      case 'AWS::SQS::Queue':
        return named(`${sqsEndpoint}/${LOCAL_ACCOUNT}/${logicalId}`, arn('sqs', logicalId), {
          QueueName: logicalId,
        });
      case 'AWS::Events::EventBus': {
        const name = String(resolve(Properties['Name']));
        return named(name, arn('events', `event-bus/${name}`), { Name: name });
      }
      case 'AWS::SecretsManager::Secret':
        return named(
          arn('secretsmanager', `secret:${logicalId}`),
          arn('secretsmanager', `secret:${logicalId}`),
        );
      case 'AWS::Lambda::Function':
        return named(logicalId, arn('lambda', `function:${logicalId}`));
      default:
        return named(logicalId, arn('local', logicalId));
    }
  };

/**
 * Makes what the templates of a synthesis ask for on the embedded AWS. What is there stays as it is, with
 * what it holds.
 *
 * @param outDir what `synthesise` or `cdk synth` has written.
 */
export const provision = async (outDir: string, aws: Pick<EmbeddedAws, 'env'>): Promise<Provisioned> => {
  const name = nameIn(aws.env['AWS_ENDPOINT_URL_SQS'] ?? '');
  const { resources, resolve } = await readTemplates(outDir, name);
  const physical = (resource: TemplateResource) => name(resource, (value) => resolve(value, resource.stack));
  const ofType = <Shape extends z.ZodType>(types: readonly string[], shape: Shape) =>
    resources
      .filter(({ Type }) => types.includes(Type))
      .map((resource) => ({
        resource,
        ...physical(resource),
        wanted: shape.parse(resolve(resource.Properties, resource.stack)),
      }));

  const buckets = ofType(['AWS::S3::Bucket'], z.object({}));
  const tables = ofType(['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'], TableShape);
  const queues = ofType(['AWS::SQS::Queue'], QueueShape);
  const buses = ofType(['AWS::Events::EventBus'], z.object({}));
  const secrets = ofType(['AWS::SecretsManager::Secret'], z.object({}));
  const functions = ofType(['AWS::Lambda::Function'], FunctionShape);
  const mappings = ofType(['AWS::Lambda::EventSourceMapping'], MappingShape);
  const schedules = ofType(['AWS::Scheduler::Schedule'], ScheduleShape);

  const clients = clientsOf(aws);
  await Promise.all([
    ...buckets.map(({ ref }) => clients.s3.send(new CreateBucketCommand({ Bucket: ref }))),
    ...tables.map(({ ref, wanted }) => makeTable(clients.dynamo, ref, wanted)),
    ...queues.map(({ ref, attributes, wanted }) =>
      makeQueue(clients.sqs, ref, attributes['QueueName'] ?? '', wanted),
    ),
    ...buses.map(({ ref }) => makeBus(clients.events, ref)),
  ]);
  for (const client of Object.values(clients)) client.destroy();

  const functionAt = (target: string) => {
    const found = functions.find(({ ref, attributes }) => ref === target || attributes['Arn'] === target);
    if (!found) throw new Error(`nothing here is the function ${target}`);
    return found.ref;
  };
  const queueUrlOf = (queueArn: string) =>
    queues.find(({ attributes }) => attributes['Arn'] === queueArn)?.ref ?? '';
  const deadLetterUrls = queues.flatMap(({ wanted }) =>
    wanted.RedrivePolicy ? [queueUrlOf(wanted.RedrivePolicy.deadLetterTargetArn)] : [],
  );
  return {
    functions: functions.map(({ resource, wanted }) => ({
      logicalId: resource.logicalId,
      ...BundleMetadata.transform((metadata) => ({
        name: metadata['smartflo-cdr:function'],
        assetDir: join(outDir, metadata['aws:asset:path']),
      })).parse(resource.Metadata),
      environment: wanted.Environment.Variables,
      handler: wanted.Handler,
      timeoutSeconds: wanted.Timeout,
      memoryMb: wanted.MemorySize,
    })),
    schedules: schedules
      .filter(({ wanted }) => wanted.State === 'ENABLED')
      .map(({ wanted }) => ({
        function: functionAt(wanted.Target.Arn),
        rateSeconds: rateSeconds(wanted.ScheduleExpression),
        input: (scheduledAt) =>
          JSON.parse(wanted.Target.Input.replaceAll('<aws.scheduler.scheduled-time>', scheduledAt)),
      })),
    eventSources: mappings.map(({ wanted }) => ({
      function: functionAt(wanted.FunctionName),
      queueUrl: queueUrlOf(wanted.EventSourceArn),
      batchSize: wanted.BatchSize,
      maxConcurrency: wanted.ScalingConfig.MaximumConcurrency,
    })),
    names: {
      buckets: buckets.map(({ ref }) => ref),
      tables: tables.map(({ ref }) => ref),
      queueUrls: mappings.map(({ wanted }) => queueUrlOf(wanted.EventSourceArn)),
      deadLetterUrls,
      buses: buses.map(({ ref }) => ref),
      secrets: secrets.map(({ ref }) => ref),
    },
    ignored: resources
      .filter(({ Type }) => !MADE_HERE.has(Type) && !MEANINGLESS.has(Type))
      .map(({ logicalId, Type }) => ({ logicalId, type: Type })),
  };
};

const makeTable = async (
  dynamo: EmbeddedClients['dynamo'],
  TableName: string,
  wanted: z.infer<typeof TableShape>,
): Promise<void> => {
  try {
    await createTable(dynamo, { TableName, BillingMode: 'PAY_PER_REQUEST', ...wanted });
  } catch (thrown) {
    if (!(thrown instanceof ResourceInUseException)) throw thrown;
    const { Table } = await dynamo.send(new DescribeTableCommand({ TableName }));
    const there = namesOf(Table?.GlobalSecondaryIndexes);
    const asked = namesOf(wanted.GlobalSecondaryIndexes);
    if (there === asked) return;
    // dynalite can't add or drop one.
    const what = `the table ${TableName} has the indexes ${there}; the template asks for ${asked}`;
    throw new Error(what, { cause: thrown });
  }
};

const namesOf = (indexes: readonly { IndexName?: string | undefined }[] = []): string =>
  indexes
    .map(({ IndexName = '' }) => IndexName)
    .sort()
    .join(', ') || 'none';

const makeQueue = async (
  sqs: EmbeddedClients['sqs'],
  QueueUrl: string,
  QueueName: string,
  { RedrivePolicy, VisibilityTimeout, MessageRetentionPeriod }: z.infer<typeof QueueShape>,
): Promise<void> => {
  const Attributes = {
    VisibilityTimeout: String(VisibilityTimeout),
    MessageRetentionPeriod: String(MessageRetentionPeriod),
    ...(RedrivePolicy && { RedrivePolicy: JSON.stringify(RedrivePolicy) }),
  };
  // With its attributes it would be refused where the queue is there with others.
  await sqs.send(new CreateQueueCommand({ QueueName }));
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
};

const makeBus = async (events: EmbeddedClients['events'], Name: string): Promise<void> => {
  try {
    await events.send(new CreateEventBusCommand({ Name }));
  } catch (thrown) {
    if (!(thrown instanceof ResourceAlreadyExistsException)) throw thrown;
  }
};
