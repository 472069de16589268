import * as z from 'zod';
import { Account, Look } from './account.ts';
import type { FieldMeta } from './field-meta.ts';

/**
 * What the fields of an account say of themselves, for who configures them. Beside the schema, not in it: no function
 * shows it, and each would carry it.
 */
const ACCOUNT_FIELDS: Readonly<Record<keyof typeof Account.shape, FieldMeta>> = {
  name: {
    description: 'Names the account in partitions, events and metrics.',
    unit: 'word',
    why: 'it is part of every path and key, so it can never change',
  },
  secretId: {
    description: 'Secrets Manager id or ARN of {"token"} or {"email","password"}.',
    unit: 'ARN',
    why: 'the stack makes the secret, so nobody configures it',
  },
  baseUrl: {
    description: 'Where the API is asked. Sister brands speak the same API elsewhere.',
    unit: 'URL',
    why: "Smartflo's own address",
  },
  allowedHosts: {
    description: 'Further hosts that baseUrl may name; the default host and loopback are known.',
    unit: 'host names',
    why: 'a slip of the pen in baseUrl must not send the credential to a stranger',
  },
  cps: {
    description: 'Calls per second assigned on the account trunks: the rate limit of all APIs together.',
    unit: 'requests a second',
    why: 'the least that Smartflo assigns',
  },
  share: {
    description: 'Of the cps, what polling may take at most.',
    unit: 'fraction',
    why: 'two thirds stay for click-to-call and whatever else uses the account',
  },
  concurrency: {
    description: 'Requests in flight at once, for disjoint windows.',
    unit: 'requests',
    why: 'one keeps up with 200 calls a minute; more is for busier accounts',
  },
  pageLimit: {
    description: 'Records asked for on a page; the server may lower it.',
    unit: 'records',
    why: 'larger pages have been seen to be cut silently',
  },
  broadcast: {
    description: 'Sent as the `broadcast` parameter.',
    unit: 'text',
    why: 'without it the source answers with all calls',
  },
  settleSeconds: {
    description:
      'How far behind now a window stops. From the longest call on, a call is first asked for when it is over.',
    unit: 'seconds',
    why: 'a record that is just being written is not half read',
  },
  longestCallMinutes: {
    description: 'The longest that a call may last; until then a start is looked for again.',
    unit: 'minutes',
    why: 'the source ends a call after 7,200 s; 10 minutes are margin',
  },
  liveMinutes: {
    description: 'The newest starts, read in full at every tick.',
    unit: 'minutes',
    why: 'two ticks: one that was lost is made up for',
  },
  liveMinutesWithoutDuration: {
    description: 'What live grows to where the source ignores the duration filter.',
    unit: 'minutes',
    why: 'most calls are over by then; the counts find the rest',
  },
  probes: {
    description: 'When a block is counted again, which shows what was added.',
    unit: 'looks',
    why: 'a count is one request; the last follows the night of the calls',
  },
  edits: {
    description: 'When a block is read again in full, which shows what was edited.',
    unit: 'looks',
    why: 'recordings, notes and dispositions arrive within hours, the last within eight days',
  },
  fetchFrom: {
    description: 'The first call to fetch. Without it: three days before the first tick.',
    unit: 'IST date or date and time',
    why: 'enough to see the pipeline work, little to pay for; `backfill` fetches more',
  },
  fetchTo: {
    description: 'Where the first backfill ends. Without it: at the first live window.',
    unit: 'IST date or date and time',
    why: 'whole history up to now has no hole',
  },
  eventsFrom: {
    description:
      'Calls that started before are archived and indexed, not published. Without it: three days before the first tick.',
    unit: 'IST date or date and time',
    why: 'years of old calls must not wake the consumers',
  },
  volatilePaths: {
    description:
      'Leaves whose change is no revision: dotted, [] for any array entry, ?name for one query parameter only.',
    unit: 'paths',
    why: "a recording's signed address differs at every read",
  },
  numbers: {
    description: 'Whether events carry full phone numbers; archive and index always do.',
    unit: 'word',
    why: 'what is sent on is out of your hands; the last four digits do to recognise a caller',
  },
};

const LOOK_FIELDS: Readonly<Record<keyof typeof Look.shape, FieldMeta>> = {
  ageMinutes: {
    description: 'How old a block must be, counted from its end.',
    unit: 'minutes',
    why: 'an early look finds a change soon, a late one finds the last',
  },
  blockMinutes: {
    description: 'How long a block is; blocks are aligned to India time, so it must divide a day.',
    unit: 'minutes',
    why: 'long blocks cost few requests, short ones are read again in little when one count differs',
  },
};

const describe = <Field extends string>(
  { shape }: { readonly shape: Readonly<Record<Field, z.ZodType>> },
  fields: Readonly<Record<Field, FieldMeta>>,
): void => {
  for (const field of Object.keys(fields) as Field[]) z.globalRegistry.add(shape[field], fields[field]);
};

describe(Account, ACCOUNT_FIELDS);
describe(Look, LOOK_FIELDS);
