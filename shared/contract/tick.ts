import * as z from 'zod';
import { LOOKS } from '../core/policy.ts';
import { type EpochMs, SECOND } from '../core/time.ts';
import { Account } from './account.ts';

const holdsInStamp = (at: EpochMs): boolean => at >= 0 && at < 2 ** 32 * SECOND;

/**
 * What the schedule hands to the poller. `scheduledAt` is "now" for windows, lease, breaker and
 * `retry_after`; EventBridge Scheduler fills it in (`<aws.scheduler.scheduled-time>`, ISO 8601).
 */
export const Tick = z.strictObject({
  scheduledAt: z.iso
    .datetime({ offset: true })
    .transform((text) => Date.parse(text))
    // A later one would be the newest that the ledger knows, and every tick after it stale.
    .refine(holdsInStamp, 'wanted a time that a stamp can hold: 1970 to 2106'),
  accounts: z.array(Account).min(1),
  /** Only these looks; absent: all that is owed. For operators and local mode. */
  only: z.array(z.enum(LOOKS)).optional(),
  /** The caller knows that no other poller lives (local mode after a kill): the lease need not run out. */
  takeOver: z.boolean().optional(),
});
export type Tick = z.infer<typeof Tick>;
export type TickInput = z.input<typeof Tick>;

/** What one account's part of a tick did; the poller's answer is a list of these, one per account. */
export const TickReport = z.object({
  account: z.string(),
  /** `busy`: another holder has the lease. `stale`: a newer tick has run. */
  outcome: z.enum([
    'done',
    'stale',
    'busy',
    'auth',
    'rate-limited',
    'source-down',
    'source-ignores-window',
    'failed',
  ]),
  /** A code that says why where the outcome is not `done`. */
  reason: z.string().optional(),
  requests: z.int(),
  records: z.int(),
  sent: z.int(),
  /** Newest instant before which coverage has no gap, UTC epoch ms. */
  coveredTo: z.number().optional(),
  /** Seconds of call time still owed, by look, after this tick. Empty: caught up. */
  owed: z.partialRecord(z.enum(LOOKS), z.number()),
  /** Of the fetch span, how many seconds are covered, and how many there are. */
  fetched: z.object({ coveredSeconds: z.number(), wantedSeconds: z.number() }).optional(),
  exceptions: z.int(),
});
export type TickReport = z.infer<typeof TickReport>;
