import * as z from 'zod';
import { DEFAULT_REACH, type Policy } from '../core/policy.ts';
import { type EpochMs, MINUTE, parseIstDate, parseIstStamp, SECOND } from '../core/time.ts';

const seconds = z.int().min(0);
const minutes = z.int().min(1);

const look = z.strictObject({
  ageMinutes: minutes.meta({
    description: 'How old a block must be, counted from its end.',
    unit: 'minutes',
    why: 'an early look finds a change soon, a late one finds the last',
  }),
  blockMinutes: minutes
    .refine((length) => 1440 % length === 0, 'wanted a divisor of 1,440')
    .meta({
      description: 'How long a block is; blocks are aligned to India time, so it must divide a day.',
      unit: 'minutes',
      why: 'long blocks cost few requests, short ones are read again in little when one count differs',
    }),
});

/** IST date (`2026-03-10`) or date and time (`2026-03-10 09:30:00`). */
const istText = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?$/, 'wanted YYYY-MM-DD or YYYY-MM-DD HH:mm:ss, India time');

export const AccountName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'wanted 1 to 32 of a-z, 0-9, -');

/**
 * One Smartflo account: where it is asked, how hard, and what its calls may show. It travels in the tick,
 * so a function's environment stays small with fifty accounts. No credential is in it, only the secret's id.
 */
export const Account = z.strictObject({
  name: AccountName.meta({
    description: 'Names the account in partitions, events and metrics.',
    unit: 'word',
    why: 'it is part of every path and key, so it can never change',
  }),
  secretId: z.string().min(1).meta({
    description: 'Secrets Manager id or ARN of {"token"} or {"email","password"}.',
    unit: 'ARN',
    why: 'the stack makes the secret, so nobody configures it',
  }),
  baseUrl: z.url().default('https://api-smartflo.tatateleservices.com').meta({
    description: 'Where the API is asked. Sister brands speak the same API elsewhere.',
    unit: 'URL',
    why: "Smartflo's own address",
  }),
  allowedHosts: z.array(z.string()).default([]).meta({
    description: 'Further hosts that baseUrl may name; the default host and loopback are known.',
    unit: 'host names',
    why: 'a slip of the pen in baseUrl must not send the credential to a stranger',
  }),
  cps: z.number().positive().default(3).meta({
    description: 'Calls per second assigned on the account trunks: the rate limit of all APIs together.',
    unit: 'requests a second',
    why: 'the least that Smartflo assigns',
  }),
  share: z
    .number()
    .positive()
    .max(1)
    .default(1 / 3)
    .meta({
      description: 'Of the cps, what polling may take at most.',
      unit: 'fraction',
      why: 'two thirds stay for click-to-call and whatever else uses the account',
    }),
  concurrency: z.int().min(1).max(32).default(1).meta({
    description: 'Requests in flight at once, for disjoint windows.',
    unit: 'requests',
    why: 'one keeps up with 200 calls a minute; more is for busier accounts',
  }),
  pageLimit: z.int().min(1).max(1000).default(100).meta({
    description: 'Records asked for on a page; the server may lower it.',
    unit: 'records',
    why: 'larger pages have been seen to be cut silently',
  }),
  broadcast: z.string().optional().meta({
    description: 'Sent as the `broadcast` parameter.',
    unit: 'text',
    why: 'without it the source answers with all calls',
  }),
  settleSeconds: seconds.default(2).meta({
    description: 'How far behind now a window stops.',
    unit: 'seconds',
    why: 'a record that is just being written is not half read',
  }),
  longestCallMinutes: minutes.default(130).meta({
    description: 'The longest that a call may last; until then a start is looked for again.',
    unit: 'minutes',
    why: 'the source ends a call after 7,200 s; 10 minutes are margin',
  }),
  liveMinutes: minutes.default(2).meta({
    description: 'The newest starts, read in full at every tick.',
    unit: 'minutes',
    why: 'two ticks: one that was lost is made up for',
  }),
  liveMinutesWithoutDuration: minutes.default(20).meta({
    description: 'What live grows to where the source ignores the duration filter.',
    unit: 'minutes',
    why: 'most calls are over by then; the counts find the rest',
  }),
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
    .meta({
      description: 'When a block is counted again, which shows what was added.',
      unit: 'looks',
      why: 'a count is one request; the last follows the night of the calls',
    }),
  edits: z
    .array(look)
    .default([
      { ageMinutes: 60, blockMinutes: 15 },
      { ageMinutes: 360, blockMinutes: 60 },
      { ageMinutes: 1560, blockMinutes: 60 },
      { ageMinutes: 4320, blockMinutes: 1440 },
      { ageMinutes: 11520, blockMinutes: 1440 },
    ])
    .meta({
      description: 'When a block is read again in full, which shows what was edited.',
      unit: 'looks',
      why: 'recordings, notes and dispositions arrive within hours, the last within eight days',
    }),
  fetchFrom: istText.optional().meta({
    description: 'The first call to fetch. Without it: three days before the first tick.',
    unit: 'IST date or date and time',
    why: 'enough to see the pipeline work, little to pay for; `backfill` fetches more',
  }),
  fetchTo: istText.optional().meta({
    description: 'Where the first backfill ends. Without it: at the first live window.',
    unit: 'IST date or date and time',
    why: 'whole history up to now has no hole',
  }),
  eventsFrom: istText.optional().meta({
    description:
      'Calls that started before are archived and indexed, not published. Without it: three days before the first tick.',
    unit: 'IST date or date and time',
    why: 'years of old calls must not wake the consumers',
  }),
  volatilePaths: z.array(z.string()).default(['recording_url?token']).meta({
    description:
      'Leaves whose change is no revision: dotted, [] for any array entry, ?name for one query parameter only.',
    unit: 'paths',
    why: "a recording's signed address differs at every read",
  }),
  numbers: z.enum(['masked', 'full']).default('masked').meta({
    description: 'Whether events carry full phone numbers; archive and index always do.',
    unit: 'word',
    why: 'what is sent on is out of your hands; the last four digits do to recognise a caller',
  }),
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

/** Calls that began before it are archived and indexed, not published. */
export const eventsFromOf = ({ eventsFrom }: Account, firstTickAt: EpochMs): EpochMs =>
  eventsFrom === undefined ? firstTickAt - DEFAULT_REACH : instantOf(eventsFrom);
