import * as z from 'zod';

/** The compactor's environment; what is due comes with the schedule. */
export const CompactorEnv = z.object({
  BUCKET: z.string().min(1),
  /** Where Athena keeps the view `calls`. */
  GLUE_DATABASE: z.string().min(1),
});
export type CompactorEnv = z.input<typeof CompactorEnv>;
