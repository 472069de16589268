import * as z from 'zod';
import type { Policy } from '../core/policy.ts';
import { type EpochMs, MINUTE, parseIstDate, parseIstStamp, SECOND } from '../core/time.ts';

const seconds = z.int().min(0);
const minutes = z.int().min(1);

const look = z.strictObject({
  ageMinutes: minutes.describe('How old a block must be, counted from its end.'),
  blockMinutes: minutes.describe('Blocks are aligned to India time; must divide a day.'),
});

/** IST date (`2026-03-10`) or date and time (`2026-03-10 09:30:00`). */
const istText = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?$/, 'wanted YYYY-MM-DD or YYYY-MM-DD HH:mm:ss, India time');

/**
 * One Smartflo account: where it is asked, how hard, and what its calls may show. It travels in the tick,
 * so a function's environment stays small with fifty accounts. No credential is in it, only the secret's id.
 */
export const Account = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'wanted 1 to 32 of a-z, 0-9, -')
    .describe('Names the account in partitions, events and metrics.'),
  secretId: z.string().min(1).describe('Secrets Manager id or ARN of {"token"} or {"email","password"}.'),
  baseUrl: z
    .url()
    .default('https://api-smartflo.tatateleservices.com')
    .describe('Sister brands speak the same API elsewhere.'),
  allowedHosts: z
    .array(z.string())
    .default([])
    .describe('Further hosts that baseUrl may name; the default host and loopback are known.'),
  cps: z
    .number()
    .positive()
    .default(3)
    .describe('Calls per second assigned on the account trunks: the rate limit of all APIs together.'),
  share: z
    .number()
    .positive()
    .max(1)
    .default(1 / 3)
    .describe('Of the cps, what polling may take at most.'),
  concurrency: z
    .int()
    .min(1)
    .max(32)
    .default(1)
    .describe('Requests in flight at once, for disjoint windows.'),
  pageLimit: z
    .int()
    .min(1)
    .max(1000)
    .default(100)
    .describe('Records asked for on a page; the server may lower it.'),
  broadcast: z.string().optional().describe('Sent as the `broadcast` parameter where given.'),
  settleSeconds: seconds.default(2).describe('How far behind now a window stops.'),
  longestCallMinutes: minutes.default(130).describe('7,200 s of call and 10 min of margin.'),
  liveMinutes: minutes.default(2).describe('The newest starts, read in full at every tick.'),
  liveMinutesWithoutDuration: minutes
    .default(20)
    .describe('What live grows to where the source ignores the duration filter.'),
  probes: z
    .array(look)
    .default([
      { ageMinutes: 20, blockMinutes: 15 },
      { ageMinutes: 60, blockMinutes: 15 },
      { ageMinutes: 180, blockMinutes: 15 },
      { ageMinutes: 360, blockMinutes: 60 },
      { ageMinutes: 720, blockMinutes: 60 },
      { ageMinutes: 1560, blockMinutes: 60 },
    ])
    .describe('When a block is counted again.'),
  edits: z
    .array(look)
    .default([
      { ageMinutes: 60, blockMinutes: 15 },
      { ageMinutes: 360, blockMinutes: 60 },
      { ageMinutes: 1560, blockMinutes: 60 },
      { ageMinutes: 4320, blockMinutes: 1440 },
      { ageMinutes: 11520, blockMinutes: 1440 },
    ])
    .describe('When a block is read again in full.'),
  fetchFrom: istText
    .optional()
    .describe('The first call to fetch. Default: three days before the first tick.'),
  fetchTo: istText.optional().describe('Where the first backfill ends. Default: at the first live window.'),
  eventsFrom: istText
    .optional()
    .describe(
      'Calls that started before are archived and indexed, not published. Default: three days before the first tick.',
    ),
  volatilePaths: z
    .array(z.string())
    .default(['recording_url?token'])
    .describe(
      'Leaves whose change is no revision: dotted, [] for any array entry, ?name for one query parameter only.',
    ),
  numbers: z.enum(['masked', 'full']).default('masked').describe('Whether events carry full phone numbers.'),
});
export type Account = z.infer<typeof Account>;
export type AccountInput = z.input<typeof Account>;

/** A configured IST date (its midnight) or date and time as an instant. */
export const instantOf = (text: string): EpochMs => {
  const at = parseIstStamp(text) ?? parseIstDate(text);
  if (at === undefined)
    throw new RangeError(`${text} is no date: wanted YYYY-MM-DD or YYYY-MM-DD HH:mm:ss, India time`);
  return at;
};

const looksOf = (looks: Account['probes']) =>
  looks.map(({ ageMinutes, blockMinutes }) => ({ age: ageMinutes * MINUTE, block: blockMinutes * MINUTE }));

/** The account's configuration in the units that the planner computes with. */
export const policyOf = (account: Account): Policy => ({
  requestsPerSecond: account.cps * account.share,
  concurrency: account.concurrency,
  pageLimit: account.pageLimit,
  settle: account.settleSeconds * SECOND,
  longestCall: account.longestCallMinutes * MINUTE,
  live: account.liveMinutes * MINUTE,
  liveWithoutDuration: account.liveMinutesWithoutDuration * MINUTE,
  probes: looksOf(account.probes),
  edits: looksOf(account.edits),
  fetchFrom: account.fetchFrom === undefined ? undefined : instantOf(account.fetchFrom),
  fetchTo: account.fetchTo === undefined ? undefined : instantOf(account.fetchTo),
});
