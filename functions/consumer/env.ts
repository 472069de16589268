import * as z from 'zod';

/** The consumer's environment; infra sets exactly this. */
export const ConsumerEnv = z.object({
  BUCKET: z.string().min(1),
  INDEX_TABLE: z.string().min(1),
  /** Name or ARN. */
  EVENT_BUS_NAME: z.string().min(1),
});
export type ConsumerEnv = z.input<typeof ConsumerEnv>;
