import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { bareApp } from '../../infra/stacks/bare-app.ts';

export interface Resource {
  readonly Type: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- a template is read as it comes; a wrong path fails its test
  readonly Properties: any;
  readonly Metadata?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** What the CDK's rule engine writes beside templates; it takes as long as all else, and so few ask for it. */
export const RULE_REPORT = 'validation-report.json';

const made = new Map<string, ReturnType<typeof make>>();

/** The templates that a block `smartflo` gives, without their bundles. Made once for each block. */
export const stacksOf = (block?: unknown) => {
  const text = JSON.stringify(block) ?? '';
  const stacks = made.get(text) ?? make(block);
  made.set(text, stacks);
  return stacks;
};

const make = (block: unknown) => {
  const { app, data, ...others } = bareApp(block);
  const stacks: Stack[] = [data, ...Object.values(others)];
  const templates = stacks.map((stack) => Template.fromStack(stack).toJSON());
  const resources: [string, Resource][] = templates.flatMap((template) =>
    Object.entries<Resource>(template['Resources']),
  );
  return {
    app,
    /** Where the templates lie. */
    outdir: app.synth().directory,
    protectedFromDeletion: data.terminationProtection,
    resources,
    outputs: templates.map(
      (template): Record<string, { Value: unknown; Description?: string; Export?: unknown }> =>
        template['Outputs'] ?? {},
    ),
    ofType: (type: string) => resources.flatMap(([, resource]) => (resource.Type === type ? [resource] : [])),
    named: (logicalId: string) => resources.find(([id]) => id === logicalId)?.[1],
  };
};

/** An account's and a key's id that no one has. */
const ACCOUNT = '111122223333';
export const REUSED_KEY = `arn:aws:kms:ap-south-1:${ACCOUNT}:key/11111111-1111-1111-1111-111111111111`;

/** Every field of the block set to something else than its default, with twenty accounts. */
export const MAXIMAL = {
  accounts: Array.from({ length: 20 }, (_, index) => ({
    name: `account-${index}`,
    baseUrl: 'https://cdr.example.com',
    allowedHosts: ['cdr.example.com'],
    cps: 20,
    share: 0.5,
    concurrency: 4,
    pageLimit: 200,
    broadcast: 'true',
    settleSeconds: 5,
    longestCallMinutes: 200,
    liveMinutes: 3,
    liveMinutesWithoutDuration: 30,
    probes: [{ ageMinutes: 30, blockMinutes: 30 }],
    edits: [{ ageMinutes: 120, blockMinutes: 60 }],
    fetchFrom: '2026-01-01',
    fetchTo: '2026-02-01 12:00:00',
    eventsFrom: '2026-01-15',
    volatilePaths: ['recording_url?token', 'notes[].at'],
    numbers: 'full',
  })),
  keep: false,
  logDays: 30,
  alarmDailyUsd: 25,
  alarmEmail: 'on-call@example.com',
  kmsKeyArn: REUSED_KEY,
  eventBusName: 'calls',
  trustedAccounts: ['444455556666'],
  busArchiveDays: 90,
  scanLimitGb: 100,
  retiredAccounts: ['closed'],
  queriesFrom: '2025-06-01',
  curatedAfterDays: 7,
  indexes: { callId: false, customer: false, agent: false, did: false, day: false },
};
