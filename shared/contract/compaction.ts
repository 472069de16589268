import * as z from 'zod';
import { UNKNOWN_DATE } from '../core/call-date.ts';
import { DAY, type EpochMs, istDate } from '../core/time.ts';

/** The least that `curatedAfterDays` may be. */
export const CURATED_AFTER_DAYS = 3;

/** Whether an object that comes now may come after its day was curated. `dt` is an IST date or `unknown`. */
export const isLate = (dt: string, now: EpochMs): boolean =>
  dt !== UNKNOWN_DATE && dt < istDate(now - CURATED_AFTER_DAYS * DAY);

/** An IST date. */
const Dt = z.iso.date();

/** What the schedule hands to the compactor. */
export const CompactionOrder = z.strictObject({
  scheduledAt: z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
  /** Days older than this are curated. */
  curatedAfterDays: z.int().min(CURATED_AFTER_DAYS),
  /** Paths whose change is no revision, by account; an account that is gone has the usual ones. */
  volatilePaths: z.record(z.string(), z.array(z.string())),
});
export type CompactionOrder = z.infer<typeof CompactionOrder>;
export type CompactionOrderInput = z.input<typeof CompactionOrder>;

/** What one run did. */
export const CompactionReport = z.object({
  /** Days whose files were made or made again, and the records in them. */
  days: z.int(),
  records: z.int(),
  /** Days that are due and not done: their run failed, or the time was up. */
  owed: z.int(),
  /** The first IST date that `calls` reads from the raw archive; undefined before the first. */
  rawFrom: Dt.optional(),
});
export type CompactionReport = z.infer<typeof CompactionReport>;

/** The document under `CUTOVER_KEY`: the one owner of the day at which `calls` changes from files to the archive. */
export const Cutover = z.strictObject({
  version: z.literal(1),
  rawFrom: Dt,
  /** Marks of late objects before this hour are seen to, as `lateHour` writes it. */
  marksFrom: z.string(),
  /** What the files of days before `rawFrom` hold at least: `GENERATION` of the compactor that made them. */
  generation: z.int().default(1),
});
export type Cutover = z.infer<typeof Cutover>;

/** A file of a piece. */
const PieceFile = z.strictObject({ key: z.string(), bytes: z.int() });

/** Which files a piece of a finished day has become, of each table; written after all of them were read back. */
export const PieceNote = z.strictObject({
  version: z.literal(1),
  records: z.int(),
  curated: z.array(PieceFile),
  masked: z.array(PieceFile),
});
export type PieceNote = z.infer<typeof PieceNote>;
