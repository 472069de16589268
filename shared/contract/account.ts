import * as z from 'zod';
import { DEFAULT_REACH, type Policy } from '../core/policy.ts';
import { type EpochMs, MINUTE, parseIstDate, parseIstStamp, SECOND } from '../core/time.ts';

const seconds = z.int().min(0);
const minutes = z.int().min(1);

export const Look = z.strictObject({
  ageMinutes: minutes,
  blockMinutes: minutes.refine((length) => 1440 % length === 0, 'wanted a divisor of 1,440'),
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
  name: AccountName,
  secretId: z.string().min(1),
  baseUrl: z.url().default('https://api-smartflo.tatateleservices.com'),
  allowedHosts: z.array(z.string()).default([]),
  cps: z.number().positive().default(3),
  share: z
    .number()
    .positive()
    .max(1)
    .default(1 / 3),
  concurrency: z.int().min(1).max(32).default(1),
  pageLimit: z.int().min(1).max(1000).default(100),
  broadcast: z.string().optional(),
  settleSeconds: seconds.default(2),
  longestCallMinutes: minutes.default(130),
  liveMinutes: minutes.default(2),
  liveMinutesWithoutDuration: minutes.default(20),
  probes: z.array(Look).default([
    { ageMinutes: 20, blockMinutes: 15 },
    { ageMinutes: 60, blockMinutes: 15 },
    { ageMinutes: 180, blockMinutes: 15 },
    { ageMinutes: 360, blockMinutes: 60 },
    { ageMinutes: 720, blockMinutes: 60 },
    { ageMinutes: 1560, blockMinutes: 60 },
  ]),
  edits: z.array(Look).default([
    { ageMinutes: 60, blockMinutes: 15 },
    { ageMinutes: 360, blockMinutes: 60 },
    { ageMinutes: 1560, blockMinutes: 60 },
    { ageMinutes: 4320, blockMinutes: 1440 },
    { ageMinutes: 11520, blockMinutes: 1440 },
  ]),
  fetchFrom: istText.optional(),
  fetchTo: istText.optional(),
  eventsFrom: istText.optional(),
  volatilePaths: z.array(z.string()).default(['recording_url?token']),
  numbers: z.enum(['masked', 'full']).default('masked'),
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
