import { expect, test } from 'vitest';
import { FORBIDDEN_IN_LOGS } from '../../infra/constructs/protected-logs.ts';
import { REUSED_KEY, type Resource, stacksOf } from '../support/stacks.ts';

const stacks = stacksOf();
const reusing = stacksOf({ kmsKeyArn: REUSED_KEY, eventBusName: 'calls' });

/** Where each kind of resource names the key that it is encrypted with. */
const KEY_OF: Readonly<Record<string, (properties: Resource['Properties']) => unknown>> = {
  'AWS::S3::Bucket': ({ BucketEncryption }) =>
    BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.KMSMasterKeyID,
  'AWS::DynamoDB::GlobalTable': ({ Replicas }) => Replicas[0].SSESpecification.KMSMasterKeyId,
  'AWS::SQS::Queue': ({ KmsMasterKeyId }) => KmsMasterKeyId,
  'AWS::SecretsManager::Secret': ({ KmsKeyId }) => KmsKeyId,
  'AWS::Logs::LogGroup': ({ KmsKeyId }) => KmsKeyId,
  'AWS::Events::Archive': ({ KmsKeyIdentifier }) => KmsKeyIdentifier,
};

/** In the key's own stack it is an attribute, in another an import of it. */
const isOurKey = (key: unknown): boolean => /EncryptionKey[0-9A-F]{8}/.test(JSON.stringify(key ?? null));

test.each(Object.entries(KEY_OF))(
  'every %s is encrypted with the one key, or with the one reused',
  (type, keyOf) => {
    expect(stacks.ofType(type).length).toBeGreaterThan(0);
    for (const { Properties } of stacks.ofType(type)) expect(keyOf(Properties)).toSatisfy(isOurKey);
    for (const { Properties } of reusing.ofType(type)) expect(keyOf(Properties)).toBe(REUSED_KEY);
  },
);

test('the key rotates, is kept, and serves AWS only for this account', () => {
  const [key, ...others] = stacks.ofType('AWS::KMS::Key');
  expect(others).toEqual([]);
  expect(key).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  expect(key?.Properties.EnableKeyRotation).toBe(true);
  expect(reusing.ofType('AWS::KMS::Key')).toEqual([]);
  const principals = key?.Properties.KeyPolicy.Statement.map(({ Principal }: { Principal: unknown }) =>
    JSON.stringify(Principal),
  );
  expect(principals.filter((principal: string) => principal.includes('"*"'))).toEqual([]);
});

test('a table says that it is encrypted, or its key would be passed over', () => {
  for (const { Properties } of stacks.ofType('AWS::DynamoDB::GlobalTable'))
    expect(Properties.SSESpecification).toEqual({ SSEEnabled: true, SSEType: 'KMS' });
});

test('the bucket asks the key once for many objects, and a queue once an hour', () => {
  const [bucket] = stacks.ofType('AWS::S3::Bucket');
  expect(bucket?.Properties.BucketEncryption.ServerSideEncryptionConfiguration[0].BucketKeyEnabled).toBe(
    true,
  );
  for (const { Properties } of stacks.ofType('AWS::SQS::Queue'))
    if (Properties.RedrivePolicy) expect(Properties.KmsDataKeyReusePeriodSeconds).toBe(3_600);
});

test('whoever speaks to bucket or queue without TLS is refused, whoever it is', () => {
  const bucketPolicies = stacks.ofType('AWS::S3::BucketPolicy');
  expect(bucketPolicies).toHaveLength(stacks.ofType('AWS::S3::Bucket').length);
  const queuePolicies = stacks.ofType('AWS::SQS::QueuePolicy');
  expect(queuePolicies).toHaveLength(stacks.ofType('AWS::SQS::Queue').length);
  for (const policy of [...bucketPolicies, ...queuePolicies]) {
    const [statement] = policy.Properties.PolicyDocument.Statement;
    expect(statement).toMatchObject({
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
  }
});

test('events are kept for replay, for so long as is configured', () => {
  const [archive] = stacks.ofType('AWS::Events::Archive');
  expect(archive?.Properties).toMatchObject({
    RetentionDays: 30,
    EventPattern: { source: ['smartflo-cdr'] },
  });
  const [longer] = stacksOf({ busArchiveDays: 90 }).ofType('AWS::Events::Archive');
  expect(longer?.Properties.RetentionDays).toBe(90);
});

test('a bus to reuse is published on and archived, and none is made', () => {
  expect(reusing.ofType('AWS::Events::EventBus')).toEqual([]);
  const [archive] = reusing.ofType('AWS::Events::Archive');
  expect(JSON.stringify(archive?.Properties.SourceArn)).toContain('event-bus/calls');
  const variables = reusing
    .ofType('AWS::Lambda::Function')
    .map(({ Properties }) => JSON.stringify(Properties.Environment.Variables.EVENT_BUS_NAME ?? null));
  expect(variables.filter((name) => name === '"calls"')).toHaveLength(2); // consumer and prover
});

test('an account that is trusted may keep rules of its own on the bus, and neither publish nor touch others', () => {
  expect(stacks.ofType('AWS::Events::EventBusPolicy')).toEqual([]);
  const trusting = stacksOf({ trustedAccounts: ['444455556666', '777788889999'] });
  const statements = trusting
    .ofType('AWS::Events::EventBusPolicy')
    .map(({ Properties }) => Properties.Statement);
  expect(statements.map(({ Principal }) => JSON.stringify(Principal))).toEqual([
    expect.stringContaining(':iam::444455556666:root'),
    expect.stringContaining(':iam::777788889999:root'),
  ]);
  for (const { Action, Condition, Resource } of statements) {
    expect(Action).toContain('events:PutRule');
    expect(Action.filter((one: string) => /\*|PutEvents|Bus|Permission/.test(one))).toEqual([]);
    expect(Object.keys(Condition.StringEqualsIfExists)).toEqual(['events:creatorAccount']);
    expect(JSON.stringify(Resource)).toContain(':rule/');
  }
});

/** Ten digits that no one has. */
const NUMBER = '9'.padEnd(10, '0');
const MASKED: Readonly<Record<string, readonly string[]>> = {
  IndianMobile: [NUMBER, `"${NUMBER}"`],
  IndianMobileWithCode: [`91${NUMBER}`, `+91${NUMBER}`, '+91 90000 00000', '91-90000-00000'],
  IndianMobileWithTrunkZero: [`0${NUMBER}`],
  IndianMobileInTwoParts: ['90000 00000', '90000-00000'],
  JsonWebToken: ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJub2JvZHkifQ.c2lnbmF0dXJl'],
  BearerToken: ['Authorization: Bearer abc.def-1', 'bearer abc'],
  TokenInAddress: ['https://recordings.example/1?token=abc123'],
};
/** What a healthy log line holds. */
const PLAIN = [
  '2026-03-10T09:30:00.123Z',
  '1795660095831',
  '1795660095.831',
  '{"requestId":"8f7a2c1e-77b4-4a0e-9a3e-0d4c5b6a7f80","records":120,"cold_start":true}',
  'covered to 2026-03-10 09:30:00',
];

test.each(Object.entries(FORBIDDEN_IN_LOGS))(
  'CloudWatch can take the pattern of %s, and it masks what it is for',
  (name, regex) => {
    expect(regex.length).toBeLessThanOrEqual(200);
    expect(regex).toMatch(/^[A-Za-z0-9_#=@/;,\- ^$?[\]{}|\\*+.]+$/);
    expect(name).toMatch(/^[A-Za-z0-9_-]{1,128}$/);
    const samples = MASKED[name] ?? [];
    expect(samples.length).toBeGreaterThan(0);
    for (const sample of samples) expect(sample).toMatch(new RegExp(regex));
    for (const line of PLAIN) expect(line).not.toMatch(new RegExp(regex));
  },
);

test('every log group masks numbers, addresses and credentials, and is kept as long as configured', () => {
  const shorter = stacksOf({ logDays: 30 });
  for (const { Properties } of shorter.ofType('AWS::Logs::LogGroup'))
    expect(Properties.RetentionInDays).toBe(30);
  for (const { Properties } of stacks.ofType('AWS::Logs::LogGroup')) {
    expect(Properties.RetentionInDays).toBe(365);
    const policy = Properties.DataProtectionPolicy;
    expect(policy.Configuration.CustomDataIdentifier).toHaveLength(Object.keys(FORBIDDEN_IN_LOGS).length);
    expect(policy.Configuration.CustomDataIdentifier.length).toBeLessThanOrEqual(10);
    const [audit, deidentify] = policy.Statement;
    expect(audit.DataIdentifier).toHaveLength(policy.Configuration.CustomDataIdentifier.length + 1);
    expect(deidentify.Operation).toEqual({ Deidentify: { MaskConfig: {} } });
  }
});

test('every function logs JSON into a group of its own', () => {
  const functions = stacks.ofType('AWS::Lambda::Function');
  const groups = functions.map(({ Properties }) => {
    expect(Properties.LoggingConfig.LogFormat).toBe('JSON');
    return Properties.LoggingConfig.LogGroup.Ref;
  });
  expect(new Set(groups).size).toBe(functions.length);
  expect(stacks.ofType('AWS::Logs::LogGroup')).toHaveLength(functions.length);
});

test('what is invoked and does not run lies in a queue, that of a schedule too', () => {
  for (const { Properties } of stacks.ofType('AWS::Lambda::Function'))
    expect(JSON.stringify(Properties.DeadLetterConfig.TargetArn)).toContain('UndeliveredQueue');
  for (const { Properties } of stacks.ofType('AWS::Scheduler::Schedule'))
    expect(JSON.stringify(Properties.Target.DeadLetterConfig.Arn)).toContain('UndeliveredQueue');
});
