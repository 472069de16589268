import { readFile, rename, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { statusFile } from './data-folder.ts';

/** What a run tells about itself, kept beside the data so that `status` can say it again. Instants are UTC ISO. */
export const LocalStatus = z.object({
  phase: z.enum(['starting', 'catching-up', 'live', 'stopped']),
  startedAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  /** True: the calls are made up here, and nothing leaves this machine. */
  simulated: z.boolean(),
  /** The host that is polled. */
  source: z.string(),
  accounts: z.array(z.string()),
  data: z.string(),
  archive: z.string(),
  events: z.string(),
  log: z.string(),
  figures: z.object({
    /** Seconds since the newest instant before which nothing is missing; absent before the first tick. */
    lagSeconds: z.number().optional(),
    /** Calls that started today, India time. */
    callsToday: z.int(),
    /** Records in the archive, in the index, and events published, over all runs on this folder. */
    archived: z.int(),
    indexed: z.int(),
    events: z.int(),
    /** Messages in the queue, in flight or not; messages that ended as dead letters; quarantined things. */
    waiting: z.int(),
    deadLetters: z.int(),
    quarantined: z.int(),
    /** Ticks and invocations of this run that failed. */
    errors: z.int(),
  }),
});
export type LocalStatus = z.infer<typeof LocalStatus>;
export type Figures = LocalStatus['figures'];

export const NO_FIGURES: Figures = {
  callsToday: 0,
  archived: 0,
  indexed: 0,
  events: 0,
  waiting: 0,
  deadLetters: 0,
  quarantined: 0,
  errors: 0,
};

/** Replaces the file in one step, so that a reader never sees half of it. */
export const writeStatus = async (status: LocalStatus): Promise<void> => {
  const file = statusFile(status.data);
  await writeFile(`${file}.new`, `${JSON.stringify(status)}\n`);
  await rename(`${file}.new`, file);
};

/** The last word of the newest run on this folder; undefined where there was none that can be read. */
export const readStatus = async (root: string): Promise<LocalStatus | undefined> => {
  try {
    return LocalStatus.parse(JSON.parse(await readFile(statusFile(root), 'utf8')));
  } catch {
    return undefined;
  }
};
