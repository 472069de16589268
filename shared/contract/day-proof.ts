import * as z from 'zod';
import { DAYS, PROOFS } from './bucket-layout.ts';
import { EVENT_SOURCE } from './call-event.ts';

/**
 * - `open`: the day has not ended, or what the source has of it was not read yet though that was due
 * - `settling`: it has ended and late records may still come, or messages are still on their way
 * - `proven`: source, archive and index agree
 * - `differs`: they don't; what is named is fetched or indexed again
 * - `reopened`: it was proven, and something has come since
 */
export const VERDICTS = ['open', 'settling', 'proven', 'differs', 'reopened'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** The ways in which a record may not be where it should. */
export const DIFFERENCES = {
  missing: 'At the source, not in the archive.',
  stale: "The source's content is newer than the archive's.",
  unindexed: 'In the archive, not in the index.',
  misindexed: "The index holds another content than the archive's newest.",
  extra: 'In the index, not in the archive.',
} as const;
export type DifferenceKind = keyof typeof DIFFERENCES;
export const DIFFERENCE_KINDS = Object.keys(DIFFERENCES) as readonly DifferenceKind[];

const count = z.int().min(0);
const side = z.object({
  records: count,
  fingerprint: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .describe('Sum over all records, modulo 2^64, of a hash of id and content: the order does not matter.'),
});

/** Ids that a proof names at most, of each kind. Its counts are whole. */
export const MOST_NAMED = 100;
const ids = z.array(z.string()).max(MOST_NAMED);
const ofEach = <Shape extends z.ZodType>(shape: (description: string) => Shape) =>
  z.object({
    missing: shape(DIFFERENCES.missing),
    stale: shape(DIFFERENCES.stale),
    unindexed: shape(DIFFERENCES.unindexed),
    misindexed: shape(DIFFERENCES.misindexed),
    extra: shape(DIFFERENCES.extra),
  });

/** What a proof of one account and day found: a line of JSON in the archive, for ever. */
export const DayManifest = z.object({
  version: z.literal(1),
  account: z.string().describe('The Smartflo account, as named in the configuration.'),
  dt: z.iso.date().describe('The IST date on which the calls started.'),
  verdict: z.enum(['proven', 'differs']),
  provenAt: z.iso.datetime().describe('When the proof ended, UTC.'),
  roundHours: z.number().describe('Hours after the day that the source was read, at least: 26, 72 or 192.'),
  readFrom: z.iso.datetime().describe('When the oldest read was made that the proof rests on, UTC.'),
  readTo: z.iso.datetime().describe('When the newest was made, UTC.'),
  source: side,
  archive: side.extend({ objects: count, lines: count }),
  index: side,
  quarantined: count.describe(
    'Records of the archive that the index takes in no case, each with its reason.',
  ),
  moved: count.describe(
    'Records that the source shows on this day, archived under the date of their first sight.',
  ),
  unshown: count.describe('Records that the source counts and never shows.'),
  vanished: count.describe('In the archive, no longer at the source. Listed, never deleted.'),
  counts: ofEach((description) => count.describe(description)),
  named: ofEach((description) => ids.describe(description)).extend({ vanished: ids }),
  healing: z.object({
    ordered: count.describe('Windows that the poller was asked to read again.'),
    resent: count.describe('Records that went from the archive to the index again.'),
  }),
});
export type DayManifest = z.infer<typeof DayManifest>;

/** `days/account=<a>/dt=<d>/<proof's time>.json`; the newest by name holds. */
export const manifestKey = ({ account, dt, provenAt }: Pick<DayManifest, 'account' | 'dt' | 'provenAt'>) =>
  `${DAYS}account=${account}/dt=${dt}/${provenAt.replace(/[-:]/g, '').replace(/\.\d+/, '')}.json`;

const eventDetail = z.object({
  version: z.literal(1),
  dedupeKey: z.string().describe('`<account>/day/<dt>/<proof time>`: the same at every repetition.'),
  manifest: z.string().describe('Key in the bucket of what the proof found.'),
  ...DayManifest.omit({ version: true, verdict: true, named: true }).shape,
});

export const DayProven = z
  .object({
    source: z.literal(EVENT_SOURCE),
    'detail-type': z.literal('DayProven'),
    detail: eventDetail,
  })
  .describe('Source, archive and index agree on a day. Sent again when the day was proven anew.');

export const DayDiffers = z
  .object({
    source: z.literal(EVENT_SOURCE),
    'detail-type': z.literal('DayDiffers'),
    detail: eventDetail.extend({ named: DayManifest.shape.named }),
  })
  .describe('They do not agree: which records, and what is done about it.');

export const DayEvent = z.discriminatedUnion('detail-type', [DayProven, DayDiffers]);
export type DayEvent = z.infer<typeof DayEvent>;

/** The event that tells what a proof found. */
export const dayEvent = (manifest: DayManifest): DayEvent => {
  const { version, verdict, named, ...rest } = manifest;
  const detail = {
    version,
    dedupeKey: `${manifest.account}/day/${manifest.dt}/${manifest.provenAt}`,
    manifest: manifestKey(manifest),
    ...rest,
  };
  return verdict === 'proven'
    ? { source: EVENT_SOURCE, 'detail-type': 'DayProven', detail }
    : { source: EVENT_SOURCE, 'detail-type': 'DayDiffers', detail: { ...detail, named } };
};

/**
 * Where a proof under way keeps one side's entries.
 * @param by which invocation wrote them: what one that was overtaken still writes must not stand in for another's
 */
export const entriesKey = (
  { account, dt, run }: { account: string; dt: string; run: string },
  side: 'source' | 'archive' | 'index',
  chunk: number,
  by: number,
): string =>
  `${PROOFS}account=${account}/dt=${dt}/${run}/${side}-${String(chunk).padStart(6, '0')}-${by}.bin`;

/** How far a proof under way has come: done again from here after a death. */
const RunDocument = z.object({
  run: z.string(),
  startedAt: z.number(),
  step: z.enum(['source', 'archive', 'index', 'compare']),
  /** The last object of the archive, or the last day partition of the index, that is through. */
  cursor: z.string(),
  /** Of each file of entries, the invocation that wrote it. */
  chunks: z.object({ source: z.array(z.int()), archive: z.array(z.int()), index: z.array(z.int()) }),
  /** Lines and objects of the archive so far. */
  lines: z.int(),
  objects: z.int(),
  unreadable: z.int(),
  /** Records that the source counts and never shows. */
  unshown: z.int(),
  /** The newest read that the proof rests on. */
  until: z.string(),
  statuses: z.array(z.string()),
});
export type ProofRun = z.infer<typeof RunDocument>;

/** What is known of one account's day: the ledger's document. */
const DayStateDocument = z.object({
  verdict: z.enum(VERDICTS),
  /** Of the newest proof; absent before the first. UTC epoch ms. */
  provenAt: z.number().optional(),
  /** Ms after the day's end of the newest proof's reads. */
  round: z.number().optional(),
  /** What the archive held then: so that something new is seen without reading it. */
  archive: z.object({ objects: z.int(), newest: z.string() }).optional(),
  /** Proofs in a row that did not agree. */
  differed: z.int(),
  /** One that an older version has begun is begun anew. */
  run: RunDocument.optional().catch(undefined),
});
export type DayState = z.infer<typeof DayStateDocument>;

/** @throws where the stored document is no state of a day. */
export const parseDayState = (document: unknown): DayState => DayStateDocument.parse(document);

/** Why a day has no proof yet. */
export const UNPROVEN_REASONS = [
  'not-over',
  'not-due',
  'not-read',
  'queue-not-empty',
  'out-of-time',
] as const;

/** One day's line of what the prover answers. */
export const DayReport = z.object({
  account: z.string(),
  dt: z.string(),
  verdict: z.enum(VERDICTS),
  /** Where there is no proof yet. */
  reason: z.enum(UNPROVEN_REASONS).optional(),
  /** Seconds of the day that no old enough read holds. */
  unreadSeconds: z.number().optional(),
  /** Whether this invocation has proven it, or says again what was found before. */
  fresh: z.boolean(),
  manifest: DayManifest.optional(),
});
export type DayReport = z.infer<typeof DayReport>;

/** The events by the file name of their JSON Schema in docs/events. */
export const DAY_EVENT_SCHEMAS = {
  'day-proven.schema.json': DayProven,
  'day-differs.schema.json': DayDiffers,
} as const;
