import * as z from 'zod';

/** The prover's environment; infra sets exactly this. What is to be proven comes with the order. */
export const ProverEnv = z.object({
  BUCKET: z.string().min(1),
  LEDGER_TABLE: z.string().min(1),
  INDEX_TABLE: z.string().min(1),
  QUEUE_URL: z.url(),
  /** Name or ARN. */
  EVENT_BUS_NAME: z.string().min(1),
});
export type ProverEnv = z.input<typeof ProverEnv>;
