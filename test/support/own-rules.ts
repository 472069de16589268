import type { Resource } from './stacks.ts';

/** The resources of one synthesis, by logical id, the data stack first. */
export type Resources = ReadonlyMap<string, Resource>;

/** What we ask of every template and cdk-nag does not see. */
export interface OwnRule {
  readonly name: string;
  /** The types that it judges; one of them at least must be there, or it would judge nothing. */
  readonly of: readonly string[];
  /** Whether a resource keeps to it. */
  keeps(resource: Resource, all: Resources): boolean;
  /** Makes one resource break it: shows that the rule can see. */
  breaks(resource: Resource, all: Resources): void;
}

const TABLE = 'AWS::DynamoDB::GlobalTable';
const SCHEDULE = 'AWS::Scheduler::Schedule';
const QUEUE = 'AWS::SQS::Queue';
const MAPPING = 'AWS::Lambda::EventSourceMapping';
const FUNCTION = 'AWS::Lambda::Function';
const BUCKET = 'AWS::S3::Bucket';
const LOGS = 'AWS::Logs::LogGroup';
const POLICY = 'AWS::IAM::ManagedPolicy';
const ROLE = 'AWS::IAM::Role';
const RESOURCE_POLICIES = ['AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy', 'AWS::KMS::Key'];

/** The logical id that a reference or attribute names. */
const idOf = (reference: unknown): string => {
  const { Ref, 'Fn::GetAtt': attribute } = (reference ?? {}) as { Ref?: string; 'Fn::GetAtt'?: string[] };
  return Ref ?? attribute?.[0] ?? '';
};
const text = (value: unknown): string => JSON.stringify(value ?? null);

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Principal?: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}
const statementsOf = ({ Properties }: Resource): Statement[] =>
  (Properties.PolicyDocument ?? Properties.KeyPolicy).Statement;
const isRead = (queueId: string, all: Resources): boolean =>
  [...all.values()].some(
    ({ Type, Properties }) => Type === MAPPING && idOf(Properties.EventSourceArn) === queueId,
  );
/** What SQS itself moves aside is not "sent"; what Lambda and a schedule put there is. */
const COUNTS = new Set(['ApproximateNumberOfMessagesVisible', 'NumberOfMessagesSent']);
/** Logical ids of the queues whose messages some alarm counts. */
const watchedQueues = (all: Resources): Set<string> =>
  new Set(
    [...all.values()]
      .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
      .flatMap(({ Properties }) => [
        Properties,
        ...(Properties.Metrics ?? []).map((one: Resource['Properties']) => one.MetricStat?.Metric ?? {}),
      ])
      .filter(({ MetricName }) => COUNTS.has(MetricName))
      .flatMap(({ Dimensions = [] }) => Dimensions.map(({ Value }: { Value: unknown }) => idOf(Value))),
  );
const idIn = (resource: Resource, all: Resources): string =>
  [...all].find(([, one]) => one === resource)?.[0] ?? '';

export const OWN_RULES: readonly OwnRule[] = [
  {
    name: 'a table is recoverable to any second, in every replica',
    of: [TABLE],
    keeps: ({ Properties }) =>
      Properties.Replicas.every(
        (replica: Resource['Properties']) =>
          replica.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled === true,
      ),
    breaks: ({ Properties }) => delete Properties.Replicas[0].PointInTimeRecoverySpecification,
  },
  {
    name: 'a table is encrypted with a named key, in every replica',
    of: [TABLE],
    keeps: ({ Properties }) =>
      Properties.SSESpecification?.SSEType === 'KMS' &&
      Properties.Replicas.every(
        (replica: Resource['Properties']) => replica.SSESpecification?.KMSMasterKeyId !== undefined,
      ),
    breaks: ({ Properties }) => delete Properties.Replicas[0].SSESpecification,
  },
  {
    name: 'a table that is kept is protected from deletion',
    of: [TABLE],
    keeps: ({ DeletionPolicy, Properties }) =>
      Properties.Replicas[0].DeletionProtectionEnabled === (DeletionPolicy === 'Retain'),
    breaks: ({ Properties }) => {
      Properties.Replicas[0].DeletionProtectionEnabled = !Properties.Replicas[0].DeletionProtectionEnabled;
    },
  },
  {
    name: 'a table is paid by request, so that a quiet account costs nothing',
    of: [TABLE],
    keeps: ({ Properties }) => Properties.BillingMode === 'PAY_PER_REQUEST',
    breaks: ({ Properties }) => delete Properties.BillingMode,
  },
  {
    name: 'a schedule says how often it retries and for how long: the default is 185 times in a day',
    of: [SCHEDULE],
    keeps: ({ Properties: { Target } }) =>
      Target.RetryPolicy?.MaximumRetryAttempts <= 3 && Target.RetryPolicy.MaximumEventAgeInSeconds <= 3_600,
    breaks: ({ Properties }) => delete Properties.Target.RetryPolicy,
  },
  {
    name: 'a schedule has a dead-letter place',
    of: [SCHEDULE],
    keeps: ({ Properties }) => Properties.Target.DeadLetterConfig?.Arn !== undefined,
    breaks: ({ Properties }) => delete Properties.Target.DeadLetterConfig,
  },
  {
    name: 'a queue is read with partial batch response',
    of: [MAPPING],
    keeps: ({ Properties }) => text(Properties.FunctionResponseTypes) === '["ReportBatchItemFailures"]',
    breaks: ({ Properties }) => delete Properties.FunctionResponseTypes,
  },
  {
    name: 'a queue is read by few functions at once: Lambda takes 2 at least, a new account has 10 in all',
    of: [MAPPING],
    keeps: ({ Properties }) => {
      const most = Properties.ScalingConfig?.MaximumConcurrency;
      return most >= 2 && most <= 5;
    },
    breaks: ({ Properties }) => {
      Properties.ScalingConfig = { MaximumConcurrency: 50 };
    },
  },
  {
    name: 'a message stays invisible for six times as long as its reader may take',
    of: [MAPPING],
    keeps: ({ Properties }, all) => {
      const queue = all.get(idOf(Properties.EventSourceArn))?.Properties;
      return queue.VisibilityTimeout >= 6 * all.get(idOf(Properties.FunctionName))?.Properties.Timeout;
    },
    breaks: (mapping) => {
      mapping.Properties.EventSourceArn = { Ref: 'Slow' };
    },
  },
  {
    name: 'a queue that is read has dead letters, which are kept longer than it keeps its own',
    of: [QUEUE],
    keeps: (queue, all) => {
      const { RedrivePolicy, MessageRetentionPeriod } = queue.Properties;
      if (RedrivePolicy === undefined) return !isRead(idIn(queue, all), all);
      const deadLetters = all.get(idOf(RedrivePolicy.deadLetterTargetArn))?.Properties;
      return deadLetters.MessageRetentionPeriod > MessageRetentionPeriod;
    },
    breaks: ({ Properties }) => {
      if (Properties.RedrivePolicy) Properties.MessageRetentionPeriod = 1_209_600;
      else Properties.RedrivePolicy = { deadLetterTargetArn: { Ref: 'Short' } };
    },
  },
  {
    name: 'a function has a dead-letter place for what is invoked asynchronously',
    of: [FUNCTION],
    keeps: ({ Properties }) => Properties.DeadLetterConfig?.TargetArn !== undefined,
    breaks: ({ Properties }) => delete Properties.DeadLetterConfig,
  },
  {
    name: "a schedule's function is not tried again by Lambda behind the schedule's back",
    of: [SCHEDULE],
    keeps: ({ Properties }, all) =>
      [...all.values()].some(
        (one) =>
          one.Type === 'AWS::Lambda::EventInvokeConfig' &&
          idOf(one.Properties.FunctionName) === idOf(Properties.Target.Arn) &&
          one.Properties.MaximumRetryAttempts === 0,
      ),
    breaks: ({ Properties }) => {
      Properties.Target.Arn = { Ref: 'Another' };
    },
  },
  {
    name: 'a function logs JSON to a group that the stack owns',
    of: [FUNCTION],
    keeps: ({ Properties }, all) =>
      Properties.LoggingConfig?.LogFormat === 'JSON' &&
      all.get(idOf(Properties.LoggingConfig.LogGroup))?.Type === LOGS,
    breaks: ({ Properties }) => delete Properties.LoggingConfig,
  },
  {
    name: 'no two functions share a log group or a role',
    of: [FUNCTION],
    keeps: (fn, all) =>
      ![...all.values()].some(
        (other) =>
          other !== fn &&
          other.Type === FUNCTION &&
          (text(other.Properties.Role) === text(fn.Properties.Role) ||
            text(other.Properties.LoggingConfig) === text(fn.Properties.LoggingConfig)),
      ),
    breaks: (fn, all) => {
      const others = [...all.values()].filter((one) => one !== fn && one.Type === FUNCTION);
      fn.Properties.LoggingConfig = others[0]?.Properties.LoggingConfig;
    },
  },
  {
    name: 'a function reserves no concurrency: an account whose limit is 10 would refuse the deployment',
    of: [FUNCTION],
    keeps: ({ Properties }) => Properties.ReservedConcurrentExecutions === undefined,
    breaks: ({ Properties }) => {
      Properties.ReservedConcurrentExecutions = 1;
    },
  },
  {
    name: 'a function stands in no VPC, so no NAT is paid',
    of: [FUNCTION],
    keeps: ({ Properties }) => Properties.VpcConfig === undefined,
    breaks: ({ Properties }) => {
      Properties.VpcConfig = { SubnetIds: ['subnet-1'] };
    },
  },
  {
    name: 'a function is Node 24 on arm64',
    of: [FUNCTION],
    keeps: ({ Properties }) =>
      Properties.Runtime === 'nodejs24.x' && text(Properties.Architectures) === '["arm64"]',
    breaks: ({ Properties }) => {
      Properties.Architectures = ['x86_64'];
    },
  },
  {
    name: "no credential is in a function's environment, only names",
    of: [FUNCTION],
    keeps: ({ Properties }) =>
      Object.keys(Properties.Environment.Variables).every((name) => !/TOKEN|PASSWORD|SECRET/.test(name)),
    breaks: ({ Properties }) => {
      Properties.Environment.Variables.SMARTFLO_TOKEN = 'x';
    },
  },
  {
    name: 'a log group ends, is encrypted, and masks',
    of: [LOGS],
    keeps: ({ Properties }) =>
      Properties.RetentionInDays > 0 &&
      Properties.KmsKeyId !== undefined &&
      text(Properties.DataProtectionPolicy).includes('Deidentify'),
    breaks: ({ Properties }) => delete Properties.DataProtectionPolicy,
  },
  {
    name: 'no policy of a resource lets everybody in without a condition',
    of: RESOURCE_POLICIES,
    keeps: (resource) =>
      statementsOf(resource).every(
        ({ Effect, Principal, Condition }) =>
          Effect === 'Deny' || Condition !== undefined || !text(Principal).includes('"*"'),
      ),
    breaks: (resource) => {
      statementsOf(resource).push({ Effect: 'Allow', Action: 's3:GetObject', Resource: '*', Principal: '*' });
    },
  },
  {
    name: 'a policy of bucket or queue denies what comes without TLS',
    of: ['AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy'],
    keeps: (resource) =>
      statementsOf(resource).some(
        ({ Effect, Condition }) =>
          Effect === 'Deny' && Condition?.['Bool']?.['aws:SecureTransport'] === 'false',
      ),
    breaks: (resource) => statementsOf(resource).splice(0),
  },
  {
    name: 'a bucket blocks every public access and keeps every version',
    of: [BUCKET],
    keeps: ({ Properties }) =>
      Properties.VersioningConfiguration?.Status === 'Enabled' &&
      text(Object.values(Properties.PublicAccessBlockConfiguration ?? {})) === '[true,true,true,true]',
    breaks: ({ Properties }) => {
      Properties.PublicAccessBlockConfiguration.RestrictPublicBuckets = false;
    },
  },
  {
    name: 'no rule of a bucket ends a raw record, nor the whole bucket',
    of: [BUCKET],
    keeps: ({ Properties }) =>
      Properties.LifecycleConfiguration.Rules.every(
        ({ Prefix }: { Prefix?: string }) =>
          Prefix !== undefined && !'raw/'.startsWith(Prefix) && !Prefix.startsWith('raw/'),
      ),
    breaks: ({ Properties }) => {
      Properties.LifecycleConfiguration.Rules[0].Prefix = 'ra';
    },
  },
  {
    name: 'what lies in a dead-letter place raises an alarm',
    of: [QUEUE],
    keeps: (queue, all) => {
      const id = idIn(queue, all);
      return isRead(id, all) || watchedQueues(all).has(id);
    },
    breaks: (queue, all) => {
      for (const { Type, Properties } of all.values())
        if (Type === 'AWS::CloudWatch::Alarm') delete Properties.Dimensions;
    },
  },
  {
    name: 'a topic is encrypted, and takes alarms of this account only',
    of: ['AWS::SNS::TopicPolicy'],
    keeps: (resource, all) =>
      all.get(idOf(resource.Properties.Topics[0]))?.Properties.KmsMasterKeyId !== undefined &&
      statementsOf(resource).every(
        ({ Effect, Condition }) => Effect === 'Deny' || text(Condition).includes('aws:SourceAccount'),
      ),
    breaks: (resource) => {
      statementsOf(resource).push({ Effect: 'Allow', Action: 'sns:Publish', Resource: '*', Principal: '*' });
    },
  },
  {
    name: 'who asks with SQL can change neither the limit of a query nor where its answer goes, encrypted',
    of: ['AWS::Athena::WorkGroup'],
    keeps: ({ Properties: { WorkGroupConfiguration: configuration } }) =>
      configuration.EnforceWorkGroupConfiguration === true &&
      configuration.BytesScannedCutoffPerQuery > 0 &&
      configuration.ResultConfiguration.EncryptionConfiguration.EncryptionOption === 'SSE_KMS',
    breaks: ({ Properties }) => delete Properties.WorkGroupConfiguration.BytesScannedCutoffPerQuery,
  },
  {
    name: "a bus's archive ends and is encrypted",
    of: ['AWS::Events::Archive'],
    keeps: ({ Properties }) => Properties.RetentionDays > 0 && Properties.KmsKeyIdentifier !== '',
    breaks: ({ Properties }) => {
      Properties.RetentionDays = 0;
    },
  },
  {
    name: 'a secret is made empty and encrypted',
    of: ['AWS::SecretsManager::Secret'],
    keeps: ({ Properties }) =>
      Properties.SecretString === undefined &&
      Properties.GenerateSecretString === undefined &&
      Properties.KmsKeyId !== undefined,
    breaks: ({ Properties }) => {
      Properties.GenerateSecretString = {};
    },
  },
  {
    name: 'what holds calls goes or stays both ways alike: with its stack, and when it is replaced',
    of: [BUCKET, TABLE, 'AWS::SecretsManager::Secret'],
    keeps: ({ DeletionPolicy, UpdateReplacePolicy }) =>
      DeletionPolicy !== undefined && DeletionPolicy === UpdateReplacePolicy,
    breaks: (resource) => {
      Reflect.set(resource, 'UpdateReplacePolicy', 'Snapshot');
    },
  },
  {
    name: 'an action that is allowed is exact',
    of: [POLICY],
    keeps: (resource) =>
      statementsOf(resource).every(({ Action }) => [Action].flat().every((action) => !action.includes('*'))),
    breaks: (resource) => {
      statementsOf(resource)[0] = { Effect: 'Allow', Action: 's3:Get*', Resource: 'x' };
    },
  },
  {
    name: 'what is allowed is allowed on exact things, or on one folder of a bucket',
    of: [POLICY],
    keeps: (resource) =>
      statementsOf(resource).every(({ Resource }) =>
        [Resource].flat().every(
          (one) =>
            !text(one)
              .replaceAll(/\/[a-z-]+\/\*"/g, '')
              .includes('*'),
        ),
      ),
    breaks: (resource) => {
      statementsOf(resource)[0] = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };
    },
  },
  {
    name: 'a policy belongs to one role, or to nobody until a person attaches it, and stands where it can be read',
    of: [POLICY],
    keeps: ({ Properties: { Roles = [], Users, Groups } }) =>
      Roles.length <= 1 && Users === undefined && Groups === undefined,
    breaks: ({ Properties }) => Properties.Roles.push({ Ref: 'Another' }),
  },
  {
    name: "a role has none of AWS's wide policies and no inline one",
    of: [ROLE],
    keeps: ({ Properties }) =>
      Properties.ManagedPolicyArns === undefined && Properties.Policies === undefined,
    breaks: ({ Properties }) => {
      Properties.ManagedPolicyArns = ['arn:aws:iam::aws:policy/AdministratorAccess'];
    },
  },
  {
    name: "a scheduler's role is for the schedules of this account only",
    of: [ROLE],
    keeps: ({ Properties }) => {
      const [statement] = Properties.AssumeRolePolicyDocument.Statement;
      if (!text(statement.Principal).includes('scheduler')) return true;
      return statement.Condition?.StringEquals?.['aws:SourceAccount'] !== undefined;
    },
    breaks: ({ Properties }) => {
      const [statement] = Properties.AssumeRolePolicyDocument.Statement;
      statement.Principal = { Service: 'scheduler.amazonaws.com' };
      delete statement.Condition;
    },
  },
];
