import * as z from 'zod';
import { Account, instantOf } from '../shared/contract/account.ts';
import { describeProblems, problemsOf } from '../shared/contract/config-problems.ts';
import { SECONDARY_INDEXES } from '../shared/contract/index-table.ts';

/** CloudWatch keeps logs for these numbers of days only. */
const LOG_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653] as const;

/** The secret is made by the stack, so an account names none. */
const ConfiguredAccount = Account.omit({ secretId: true }).superRefine((account, context) => {
  for (const key of ['fetchFrom', 'fetchTo', 'eventsFrom'] as const) {
    const text = account[key];
    if (text === undefined) continue;
    try {
      instantOf(text);
    } catch {
      context.addIssue({ code: 'custom', path: [key], message: 'there is no such date' });
    }
  }
});

/** The block `smartflo` of cdk.json's context. */
export const Config = z.strictObject({
  accounts: z
    .array(ConfiguredAccount)
    .min(1)
    .max(50)
    .refine((accounts) => new Set(accounts.map(({ name }) => name)).size === accounts.length, {
      message: 'every account needs a name of its own',
    })
    .prefault([{ name: 'main' }]),
  keep: z
    .boolean()
    .default(true)
    .describe('Whether what holds calls outlives its stack and is protected from deletion.'),
  logDays: z
    .literal(LOG_DAYS, { error: `wanted one of ${LOG_DAYS.join(', ')}` })
    .default(30)
    .describe('How long logs are kept.'),
  indexes: z
    .strictObject(switches(Object.keys(SECONDARY_INDEXES)))
    .prefault({})
    .describe(
      'Secondary indexes; each is one more write a call. Change one a deployment: DynamoDB takes no more.',
    ),
});
export type Config = z.infer<typeof Config>;

function switches(names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, z.boolean().default(true)]));
}

/** The message says every place that does not fit, what came and what was wanted. */
export class ConfigUnfit extends Error {
  override readonly name = 'ConfigUnfit';
}

/**
 * @param block what the context holds; the CDK hands over text where it came by `-c smartflo='{…}'`.
 * @throws {ConfigUnfit}
 */
export const parseConfig = (block: unknown): Config => {
  const input = typeof block === 'string' ? fromText(block) : (block ?? {});
  const parsed = Config.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = describeProblems(problemsOf(parsed.error, Config, input, 'smartflo'));
  throw new ConfigUnfit(`The context "smartflo" (cdk.json) does not fit:\n${problems}`);
};

const fromText = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigUnfit(
      `The context "smartflo" came as text that is no JSON: wanted {"accounts": [{"name": "main"}]}`,
    );
  }
};
