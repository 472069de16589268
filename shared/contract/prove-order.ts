import * as z from 'zod';
import { Account } from './account.ts';

/** What the schedule, or an operator, hands to the prover. */
export const ProveOrder = z.strictObject({
  /** "Now" for what is due. ISO 8601. */
  scheduledAt: z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
  accounts: z.array(Account).min(1),
  /** These IST dates; absent: every day that is due. */
  days: z.array(z.iso.date()).optional(),
  /** Proves a day anew that was proven already. */
  anew: z.boolean().optional(),
});
export type ProveOrder = z.infer<typeof ProveOrder>;
export type ProveInput = z.input<typeof ProveOrder>;
