import * as z from 'zod';
import { parseIstDate } from '../core/time.ts';
import { Account, AccountName, instantOf } from './account.ts';
import './account-fields.ts';
import { describeProblems, problemsOf } from './config-problems.ts';
import type { SECONDARY_INDEXES } from './index-table.ts';

/** CloudWatch keeps logs for these numbers of days only. */
const LOG_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653] as const;

const DATES = ['fetchFrom', 'fetchTo', 'eventsFrom'] as const;

const INDEX_QUESTIONS: Readonly<Record<keyof typeof SECONDARY_INDEXES, string>> = {
  callId: 'All records (legs, transfers) of one call.',
  customer: "A customer's calls, newest first.",
  agent: "An agent's calls, newest first.",
  did: "The calls of one of the account's numbers, newest first.",
  day: "An account's calls of one day.",
};

/** The secret is made by the stack, so an account names none. */
const ConfiguredAccount = Account.omit({ secretId: true }).superRefine((account, context) => {
  for (const key of DATES) {
    const text = account[key];
    if (text === undefined) continue;
    try {
      instantOf(text);
    } catch {
      context.addIssue({ code: 'custom', path: [key], message: 'there is no such date' });
      return;
    }
  }
  const { fetchFrom, fetchTo } = account;
  if (fetchFrom !== undefined && fetchTo !== undefined && instantOf(fetchFrom) >= instantOf(fetchTo))
    context.addIssue({
      code: 'custom',
      path: ['fetchTo'],
      message: `wanted later than fetchFrom, ${fetchFrom}`,
    });
});

const indexSwitches = Object.fromEntries(
  Object.entries(INDEX_QUESTIONS).map(([name, description]) => [
    name,
    z.boolean().default(true).meta({
      description,
      unit: 'yes or no',
      why: 'it is cheaper to drop one than to build it over old calls',
    }),
  ]),
);

/** The block `smartflo` of cdk.json's context: all that a deployment can be told. */
export const Config = z.strictObject({
  accounts: z
    .array(ConfiguredAccount)
    .min(1, 'wanted one account at least')
    .max(50, 'wanted 50 accounts at most: deploy a second pipeline for more')
    .refine((accounts) => new Set(accounts.map(({ name }) => name)).size === accounts.length, {
      message: 'every account needs a name of its own',
    })
    .prefault([{ name: 'main' }])
    .meta({
      description: 'The Smartflo accounts. Schedule, secret and alarms of each follow from its entry.',
      unit: 'accounts',
      why: 'a deployment with no edits needs one',
    }),
  keep: z.boolean().default(true).meta({
    description:
      'Whether what holds calls, and its key, outlive their stack and are protected from deletion. Put false for a trial.',
    unit: 'yes or no',
    why: 'what is gone at the source can never be fetched again',
  }),
  logDays: z
    .literal(LOG_DAYS, { error: `wanted one of ${LOG_DAYS.join(', ')}` })
    .default(365)
    .meta({
      description: "How long the functions' logs are kept.",
      unit: 'days',
      why: 'an audit asks for a year; no number or token is in them',
    }),
  alarmEmail: z.email({ error: 'wanted an e-mail address' }).optional().meta({
    description: 'Who is told of alarms. AWS sends a message there first, whose link must be followed.',
    unit: 'e-mail address',
    why: 'without one the topic is there and nobody is subscribed to it',
  }),
  alarmDailyUsd: z.number().positive().default(10).meta({
    description: 'Who is told of alarms hears when what calls cost goes on at more than this.',
    unit: 'US dollars a day',
    why: '30 lakh calls a month cost about a quarter of it (docs/cost.md)',
  }),
  kmsKeyArn: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/(mrk-[0-9a-f]{32}|[0-9a-f-]{36})$/,
      'wanted the ARN of a key, arn:aws:kms:REGION:ACCOUNT:key/ID',
    )
    .optional()
    .meta({
      description:
        'A key of yours to encrypt with, in the same region. Its policy must allow what docs/deploying.md lists.',
      unit: 'ARN',
      why: 'without one the stack makes a key that rotates every year',
    }),
  eventBusName: z
    .string()
    .regex(/^(?!aws\.)[A-Za-z0-9._/-]{1,256}$/, 'wanted the name of an event bus, not its ARN')
    .optional()
    .meta({
      description:
        'A bus of yours to publish on, in the same account and region. Its policy stays as it is, but for trustedAccounts.',
      unit: 'name',
      why: 'without one the stack makes a bus for nothing but calls',
    }),
  trustedAccounts: z
    .array(z.string().regex(/^\d{12}$/, 'wanted an AWS account id: 12 digits, in quotes'))
    .max(100)
    .default([])
    .meta({
      description: 'Other AWS accounts that may put rules of their own on the bus, and so read its events.',
      unit: 'AWS account ids',
      why: 'nobody but you reads calls unless you say so',
    }),
  busArchiveDays: z.int().min(1).max(3650).default(30).meta({
    description: 'How long events are kept for replay. An archive of all calls stays in the bucket for ever.',
    unit: 'days',
    why: 'a consumer that was broken over a holiday can be replayed to; events that last for ever would cost for ever',
  }),
  scanLimitGb: z.int().min(1).max(7_000).default(20).meta({
    description: 'Athena ends a query that scans more.',
    unit: 'GB a query',
    why: 'a slip costs $0.10 at most',
  }),
  retiredAccounts: z.array(AccountName).max(200).default([]).meta({
    description: 'Accounts that are polled no more, and whose calls can still be asked for with SQL.',
    unit: 'names',
    why: 'what is taken out of accounts must not vanish from the queries',
  }),
  queriesFrom: z
    .string()
    .refine((text) => parseIstDate(text) !== undefined, 'wanted a date, YYYY-MM-DD')
    .default('2024-01-01')
    .meta({
      description:
        'The first day that Athena looks for. Records of earlier days are kept, and not found by queries.',
      unit: 'date, India',
      why: 'a query that names no day asks S3 for every account and day since then',
    }),
  curatedAfterDays: z.int().min(3).max(30).default(3).meta({
    description: 'How old a day must be before its records are queried as Parquet, not as they came.',
    unit: 'days',
    why: 'the 3-day edit look is over, so a file is seldom written again',
  }),
  indexes: z.strictObject(indexSwitches).prefault({}).meta({
    description: 'Secondary indexes of the table. Change one a deployment: DynamoDB takes no more.',
    unit: 'switches',
    why: 'each answers one question, and is one more write a call',
  }),
});
export type Config = z.infer<typeof Config>;

/** The message says every place that does not fit, what came and what was wanted. */
export class ConfigUnfit extends Error {
  override readonly name = 'ConfigUnfit';
}

/** Whether the context names a file instead of holding the block. */
export const namesFile = (block: unknown): block is string =>
  typeof block === 'string' && !block.trimStart().startsWith('{');

/** The block as it was written, and where. */
export interface LocatedConfig {
  readonly input: unknown;
  /** In words, for what is wrong with it. */
  readonly from: string;
  /** There where the context names one. */
  readonly file?: string;
}

const IN_CONTEXT = 'The context "smartflo" (cdk.json)';

/**
 * @param block what the context holds: the block, its text (the CDK hands that over where it came by
 *   `-c smartflo='{…}'`), or the name of a JSON file that holds it.
 * @param readFile gives a file's text, and throws where there is none.
 * @throws {ConfigUnfit} where there is no such file, or it is no JSON
 */
export const locateConfig = (block: unknown, readFile: (name: string) => string): LocatedConfig => {
  if (typeof block !== 'string') return { from: IN_CONTEXT, input: block ?? {} };
  if (!namesFile(block))
    return { from: IN_CONTEXT, input: fromText(block, 'The context "smartflo" came as text that') };
  const from = `The file ${block}, which the context "smartflo" names,`;
  let text: string;
  try {
    text = readFile(block);
  } catch (thrown) {
    throw new ConfigUnfit(`${from} can't be read: ${String(thrown)}`, { cause: thrown });
  }
  return { from, file: block, input: fromText(text, from) };
};

const fromText = (text: string, from: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigUnfit(`${from} is no JSON: wanted {"accounts": [{"name": "main"}]}`);
  }
};

/** @throws {ConfigUnfit} naming every place that does not fit */
export const fitConfig = ({ from, input }: LocatedConfig): Config => {
  const parsed = Config.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = describeProblems(problemsOf(parsed.error, Config, input, 'smartflo'));
  throw new ConfigUnfit(`${from} does not fit:\n${problems}`);
};

/** Both in one; see `locateConfig`. @throws {ConfigUnfit} */
export const parseConfig = (block: unknown, readFile: (name: string) => string): Config =>
  fitConfig(locateConfig(block, readFile));
