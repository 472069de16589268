import * as z from 'zod';

/**
 * The whole environment of the poller; what is to be polled comes with the tick. The three overrides hold
 * for a single account, and are refused when the tick has several.
 */
export const PollerEnv = z.object({
  LEDGER_TABLE: z.string().min(1),
  QUEUE_URL: z.url(),
  BUCKET: z.string().min(1),
  /** Another host to ask; plain `http` is taken for loopback only. */
  SMARTFLO_BASE_URL: z.url().optional(),
  /** Requests a second, in place of share × cps. */
  SMARTFLO_RPS: z
    .string()
    .regex(/^(?=.*[1-9])\d+(\.\d+)?$/, 'wanted a number above 0')
    .transform(Number)
    .optional(),
  /** In place of the account's `eventsFrom`, in the same form. */
  SMARTFLO_EVENTS_FROM: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?$/, 'wanted YYYY-MM-DD or YYYY-MM-DD HH:mm:ss, India time')
    .optional(),
});
export type PollerEnv = z.infer<typeof PollerEnv>;
