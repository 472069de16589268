import { runSimulation } from '@cloud-copilot/iam-simulate';
import * as z from 'zod';
import { type Physical, readTemplates, type TemplateResource } from '../../local/template.ts';
import * as layout from '../../shared/contract/bucket-layout.ts';

const REGION = 'us-east-1';
const ACCOUNT = '000000000000';
const arn = (service: string, rest: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;

/** What a resource would be called in an account: enough to resolve every policy of the templates. */
const nameOf = (
  { Type, Properties, logicalId }: TemplateResource,
  resolve: (value: unknown) => unknown,
): Physical => {
  const named = (Arn: string, ref: string = Arn, more: Record<string, string> = {}) => ({
    ref,
    attributes: { Arn, ...more },
  });
  switch (Type) {
    case 'AWS::S3::Bucket':
      return named(`arn:aws:s3:::${logicalId.toLowerCase()}`, logicalId.toLowerCase());
    case 'AWS::DynamoDB::GlobalTable':
      return named(arn('dynamodb', `table/${logicalId}`), logicalId);
    case 'AWS::SQS::Queue':
      return named(arn('sqs', logicalId), logicalId, { QueueName: logicalId });
    case 'AWS::Events::EventBus': {
      const name = String(resolve(Properties['Name']));
      return named(arn('events', `event-bus/${name}`), name);
    }
    case 'AWS::SecretsManager::Secret':
      return named(arn('secretsmanager', `secret:${logicalId}-AbCdEf`));
    case 'AWS::Lambda::Function':
      return named(arn('lambda', `function:${logicalId}`), logicalId);
    case 'AWS::Logs::LogGroup':
      return named(arn('logs', `log-group:${logicalId}:*`), logicalId);
    case 'AWS::KMS::Key':
      return named(arn('kms', 'key/11111111-1111-1111-1111-111111111111'));
    case 'AWS::IAM::Role':
      return named(`arn:aws:iam::${ACCOUNT}:role/${logicalId}`, logicalId);
    case 'AWS::SNS::Topic':
      return named(arn('sns', logicalId), arn('sns', logicalId), { TopicArn: arn('sns', logicalId) });
    case 'AWS::Athena::WorkGroup': {
      const name = String(resolve(Properties['Name']));
      return named(arn('athena', `workgroup/${name}`), name);
    }
    default:
      return named(arn('other', logicalId), logicalId);
  }
};

const Policy = z.looseObject({
  Statement: z.array(
    z.looseObject({ Action: z.union([z.string(), z.array(z.string())]).transform((one) => [one].flat()) }),
  ),
});
const Attached = z.object({ PolicyDocument: Policy, Roles: z.array(z.string()).default([]) });

/** A thing that may be asked for, and in which circumstances. */
interface Target {
  /** The logical id without its digest, and what of it: `ArchiveBucket/raw/`, `EncryptionKey via sqs`. */
  readonly name: string;
  readonly service: string;
  readonly arn: string;
  readonly context: Readonly<Record<string, string>>;
  readonly policy?: unknown;
}

/** Without the digest that the CDK appends. */
const plain = (logicalId: string) => logicalId.replace(/[0-9A-F]{8}$/, '');

const FOLDERS = Object.values(layout).flatMap((value) =>
  typeof value === 'string' && value.endsWith('/') ? [value] : [],
);
const ENCRYPTING = ['s3', 'dynamodb', 'sqs', 'secretsmanager'];

/** Every role of a synthesis, with its policies, and everything that anybody could ask for. */
export const permissionsOf = async (outdir: string) => {
  const { resources, resolve } = await readTemplates(outdir, nameOf);
  const physical = (resource: TemplateResource) =>
    nameOf(resource, (value) => resolve(value, resource.stack));
  const resolved = (resource: TemplateResource) => resolve(resource.Properties, resource.stack);
  const attached = resources
    .filter(({ Type }) => Type === 'AWS::IAM::ManagedPolicy')
    .map((resource) => ({ name: plain(resource.logicalId), ...Attached.parse(resolved(resource)) }));
  /** Policies that are made for people, as a user who has that one alone. */
  const people = attached
    .filter(({ Roles }) => Roles.length === 0)
    .map(({ name, PolicyDocument }) => ({
      name,
      arn: `arn:aws:iam::${ACCOUNT}:user/${name}`,
      policies: [PolicyDocument],
    }));
  const roles = resources
    .filter(({ Type }) => Type === 'AWS::IAM::Role')
    .map((resource) => ({
      name: plain(resource.logicalId),
      arn: physical(resource).attributes['Arn'] ?? '',
      policies: attached
        .filter(({ Roles }) => Roles.includes(resource.logicalId))
        .map(({ PolicyDocument }) => PolicyDocument),
    }));
  const bucketPolicies = resources
    .filter(({ Type }) => Type === 'AWS::S3::BucketPolicy')
    .map((resource) =>
      z.object({ Bucket: z.string(), PolicyDocument: z.unknown() }).parse(resolved(resource)),
    );

  const targets = resources.flatMap((resource): Target[] => {
    const { ref, attributes } = physical(resource);
    const own = attributes['Arn'] ?? '';
    const target = (
      name: string,
      arn: string,
      context: Readonly<Record<string, string>> = {},
      policy?: unknown,
    ): Target => ({
      name: plain(resource.logicalId) + name,
      service: own.split(':')[2] ?? '',
      arn,
      context: { 'aws:SecureTransport': 'true', ...context },
      policy,
    });
    switch (resource.Type) {
      case 'AWS::S3::Bucket': {
        const policy = bucketPolicies.find(({ Bucket }) => Bucket === ref)?.PolicyDocument;
        return [
          target('', own, {}, policy),
          ...FOLDERS.map((folder) => target(`/${folder}`, `${own}/${folder}x`, {}, policy)),
          target('/anything', `${own}/anything`, {}, policy),
          target('/raw/ without TLS', `${own}/raw/x`, { 'aws:SecureTransport': 'false' }, policy),
        ];
      }
      case 'AWS::KMS::Key': {
        const { KeyPolicy } = z.object({ KeyPolicy: z.unknown() }).parse(resolved(resource));
        const via = ENCRYPTING.map((service) =>
          target(
            ` via ${service}`,
            own,
            { 'kms:ViaService': `${service}.${REGION}.amazonaws.com` },
            KeyPolicy,
          ),
        );
        return [target('', own, {}, KeyPolicy), ...via];
      }
      case 'AWS::Logs::LogGroup':
        return [target('', own.replace(/:\*$/, '')), target(':stream', own.replace(/\*$/, 'log-stream:x'))];
      case 'AWS::DynamoDB::GlobalTable':
        return [target('', own), target('/index', `${own}/index/day`)];
      default:
        return own.split(':')[2] === 'other' ? [] : [target('', own)];
    }
  });
  // What is not of these stacks.
  const foreign = targets
    .filter(({ name }) => !/[/: ]/.test(name))
    .map((target) => ({
      ...target,
      name: `another ${target.service}`,
      arn: target.service === 's3' ? 'arn:aws:s3:::another-bucket/raw/x' : `${target.arn}Another`,
      policy: undefined,
    }));
  const others = foreign.filter(({ name }, at) => foreign.findIndex((one) => one.name === name) === at);
  return { roles, people, targets: [...targets, ...others] };
};

type Permissions = Awaited<ReturnType<typeof permissionsOf>>;

/** Every action that some role has. */
export const actionsOf = ({ roles }: Permissions): string[] => [
  ...new Set(
    roles.flatMap(({ policies }) =>
      policies.flatMap(({ Statement }) => Statement.flatMap((one) => one.Action)),
    ),
  ),
];

/** What AWS would answer, offline. False too where an action knows no such resource. */
export const isAllowed = async (
  role: Permissions['roles'][number],
  action: string,
  target: Target,
): Promise<boolean> => {
  const result = await runSimulation(
    {
      request: {
        principal: role.arn,
        action,
        resource: { resource: target.arn, accountId: ACCOUNT },
        contextVariables: target.context,
      },
      identityPolicies: role.policies.map((policy, at) => ({ name: `${role.name}${at}`, policy })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(target.policy !== undefined && { resourcePolicy: target.policy }),
    },
    {},
  );
  if (result.resultType !== 'error') return result.overallResult === 'Allowed';
  const { identityPolicyErrors, resourcePolicyErrors, message } = result.errors;
  if (identityPolicyErrors ?? resourcePolicyErrors) throw new Error(JSON.stringify(result.errors));
  if (!/resource/i.test(message)) throw new Error(`${action} on ${target.arn}: ${message}`);
  return false;
};
