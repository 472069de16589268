import { expect, test } from 'vitest';
import * as z from 'zod';
import { actionsOf, isAllowed, permissionsOf } from '../support/permissions.ts';
import { stacksOf } from '../support/stacks.ts';

const permissions = await permissionsOf(stacksOf().outdir);

type Listed = readonly (readonly [actions: readonly string[], targets: readonly string[]])[];

const LOG = ['logs:CreateLogStream', 'logs:PutLogEvents'];
const ENCRYPT = ['kms:Decrypt', 'kms:GenerateDataKey'];
const ENCRYPT_ENTRIES = [
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
  ...ENCRYPT,
];

/** What the compactor makes. */
const MADE = [
  'ArchiveBucket/curated/',
  'ArchiveBucket/curated/files/',
  'ArchiveBucket/curated/lists/',
  'ArchiveBucket/curated/sights/',
  'ArchiveBucket/curated/pieces/',
  'ArchiveBucket/masked/',
  'ArchiveBucket/masked/files/',
  'ArchiveBucket/masked/lists/',
  'ArchiveBucket/aliases/',
];

/** All that is allowed, role by role. A line is added here by hand or not at all. */
const LISTED: Readonly<Record<string, Listed>> = {
  PollPollerRole: [
    [LOG, ['PollPollerLogs:stream']],
    [['secretsmanager:GetSecretValue'], ['Accountsmain']],
    [['dynamodb:GetItem', 'dynamodb:PutItem'], ['LedgerTable']],
    [
      ['s3:PutObject'],
      ['ArchiveBucket/sent/', 'ArchiveBucket/claims/', 'ArchiveBucket/quarantine/', 'ArchiveBucket/slices/'],
    ],
    [['s3:GetObject'], ['ArchiveBucket/sent/']],
    [['s3:ListBucket'], ['ArchiveBucket']],
    [['sqs:SendMessage'], ['IngestQueue', 'UndeliveredQueue']],
    [['kms:Decrypt'], ['EncryptionKey via secretsmanager']],
    [ENCRYPT, ['EncryptionKey via s3', 'EncryptionKey via sqs']],
    [ENCRYPT_ENTRIES, ['EncryptionKey via dynamodb']],
  ],
  IngestConsumerRole: [
    [LOG, ['IngestConsumerLogs:stream']],
    [
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
      ['IngestQueue'],
    ],
    [['s3:PutObject'], ['ArchiveBucket/raw/', 'ArchiveBucket/late/', 'ArchiveBucket/quarantine/']],
    [['s3:GetObject'], ['ArchiveBucket/claims/']],
    [['s3:ListBucket'], ['ArchiveBucket']],
    [['dynamodb:BatchGetItem', 'dynamodb:PutItem'], ['IndexTable']],
    [['events:PutEvents'], ['CallsBus']],
    [['sqs:SendMessage'], ['UndeliveredQueue']],
    [ENCRYPT, ['EncryptionKey via s3', 'EncryptionKey via sqs']],
    [ENCRYPT_ENTRIES, ['EncryptionKey via dynamodb']],
  ],
  PollSchedulesRole: [
    [['lambda:InvokeFunction'], ['PollPollerFunction']],
    [['sqs:SendMessage'], ['UndeliveredQueue']],
    [ENCRYPT, ['EncryptionKey via sqs']],
  ],
  ProveProverRole: [
    [LOG, ['ProveProverLogs:stream']],
    [['dynamodb:GetItem', 'dynamodb:PutItem'], ['LedgerTable']],
    [['dynamodb:BatchGetItem'], ['IndexTable']],
    [['dynamodb:Query'], ['IndexTable/index']],
    [
      ['s3:GetObject'],
      ['raw/', 'slices/', 'quarantine/', 'proofs/', 'days/'].map((folder) => `ArchiveBucket/${folder}`),
    ],
    [['s3:PutObject'], ['ArchiveBucket/proofs/', 'ArchiveBucket/days/']],
    [['s3:ListBucket'], ['ArchiveBucket']],
    [['sqs:GetQueueAttributes'], ['IngestQueue']],
    [['sqs:SendMessage'], ['IngestQueue', 'UndeliveredQueue']],
    [['events:PutEvents'], ['CallsBus']],
    [ENCRYPT, ['EncryptionKey via s3', 'EncryptionKey via sqs']],
    [ENCRYPT_ENTRIES, ['EncryptionKey via dynamodb']],
  ],
  ProveSchedulesRole: [
    [['lambda:InvokeFunction'], ['ProveProverFunction']],
    [['sqs:SendMessage'], ['UndeliveredQueue']],
    [ENCRYPT, ['EncryptionKey via sqs']],
  ],
  CompactCompactorRole: [
    [LOG, ['CompactCompactorLogs:stream']],
    [['s3:PutObject'], MADE],
    [['s3:GetObject'], ['ArchiveBucket/raw/', ...MADE]],
    [['s3:ListBucket'], ['ArchiveBucket']],
    [['sqs:SendMessage'], ['UndeliveredQueue']],
    [ENCRYPT, ['EncryptionKey via s3', 'EncryptionKey via sqs']],
  ],
  CompactSchedulesRole: [
    [['lambda:InvokeFunction'], ['CompactCompactorFunction']],
    [['sqs:SendMessage'], ['UndeliveredQueue']],
    [ENCRYPT, ['EncryptionKey via sqs']],
  ],
};

/** Asked of every role as well, though none has it: what would destroy records or open the door. */
const RUINOUS = [
  's3:DeleteObject',
  's3:DeleteObjectVersion',
  's3:DeleteBucket',
  's3:PutBucketPolicy',
  's3:PutBucketVersioning',
  's3:PutLifecycleConfiguration',
  'dynamodb:DeleteItem',
  'dynamodb:DeleteTable',
  'dynamodb:UpdateTable',
  'kms:DisableKey',
  'kms:PutKeyPolicy',
  'kms:ScheduleKeyDeletion',
  'sqs:PurgeQueue',
  'sqs:DeleteQueue',
  'secretsmanager:PutSecretValue',
  'secretsmanager:DeleteSecret',
  'events:DeleteRule',
  'lambda:UpdateFunctionCode',
  'logs:DeleteLogGroup',
];

test('every role may do what is listed, and is denied every other action of any role on every resource', async () => {
  const actions = [...actionsOf(permissions), ...RUINOUS];
  const cells = permissions.roles.flatMap((role) =>
    actions.flatMap((action) => permissions.targets.map((target) => ({ role, action, target }))),
  );
  expect(cells.length).toBeGreaterThan(3_000);
  const answers = await Promise.all(
    cells.map(async ({ role, action, target }) =>
      (await isAllowed(role, action, target)) ? [`${role.name} ${action} ${target.name}`] : [],
    ),
  );
  const listed = Object.entries(LISTED).flatMap(([role, lines]) =>
    lines.flatMap(([actions, targets]) =>
      actions.flatMap((action) => targets.map((target) => `${role} ${action} ${target}`)),
    ),
  );
  expect(answers.flat().sort()).toEqual(listed.sort());
});

test('a role is taken on by one service of AWS alone', () => {
  const Trust = z.object({
    Statement: z.tuple([
      z.object({ Action: z.literal('sts:AssumeRole'), Principal: z.strictObject({ Service: z.string() }) }),
    ]),
  });
  const services = stacksOf()
    .ofType('AWS::IAM::Role')
    .map(({ Properties }) => Trust.parse(Properties.AssumeRolePolicyDocument).Statement[0].Principal.Service);
  expect(services).toHaveLength(permissions.roles.length);
  expect(services.filter((service) => !/^(lambda|scheduler)\.amazonaws\.com$/.test(service))).toEqual([]);
});

test('with fifty accounts the poller reads each secret, and nobody else any', async () => {
  const accounts = Array.from({ length: 50 }, (_, index) => ({ name: `account-${index}` }));
  const { roles, targets } = await permissionsOf(stacksOf({ accounts }).outdir);
  const secrets = targets.filter(({ name }) => name.startsWith('Accounts'));
  expect(secrets).toHaveLength(50);
  for (const role of roles) {
    const read = await Promise.all(
      secrets.map((secret) => isAllowed(role, 'secretsmanager:GetSecretValue', secret)),
    );
    expect(new Set(read), role.name).toEqual(new Set([role.name === 'PollPollerRole']));
  }
});
