import { DIFFERENCES } from '../day-proof.ts';
import type { Column, Columns } from './column.ts';
import { PARTITIONS } from './partitions.ts';

const NEVER = { null: 'never' } as const;

const integer = (says: string, source: string) =>
  ({ type: 'integer', says, source: `\`${source}\` of the proof`, ...NEVER }) as const satisfies Column;
const instant = (says: string, source: string) =>
  ({ type: 'timestamp', says, source: `\`${source}\` of the proof`, ...NEVER }) as const satisfies Column;
const text = (says: string, source: string) =>
  ({ type: 'text', says, source: `\`${source}\` of the proof`, ...NEVER }) as const satisfies Column;

const FINGERPRINT = 'order-free sum over ids and contents: equal on all sides where nothing is missing.';

/** A row a finished day: what its newest proof found. Where each column lies in the proof, by path. */
export const DAY_PATHS = {
  verdict: '$.verdict',
  proven_at: '$.provenAt',
  round_hours: '$.roundHours',
  read_from: '$.readFrom',
  read_to: '$.readTo',
  source_records: '$.source.records',
  archive_records: '$.archive.records',
  index_records: '$.index.records',
  source_fingerprint: '$.source.fingerprint',
  archive_fingerprint: '$.archive.fingerprint',
  index_fingerprint: '$.index.fingerprint',
  missing: '$.counts.missing',
  stale: '$.counts.stale',
  unindexed: '$.counts.unindexed',
  misindexed: '$.counts.misindexed',
  extra: '$.counts.extra',
  unshown: '$.unshown',
  vanished: '$.vanished',
  quarantined: '$.quarantined',
  moved: '$.moved',
} as const;

export const DAYS = {
  ...PARTITIONS,
  verdict: text('`proven`, or `differs`.', 'verdict'),
  proven_at: instant('When the proof ended, UTC.', 'provenAt'),
  round_hours: integer('Hours after the day that the source was read, at least.', 'roundHours'),
  read_from: instant('When the oldest read was made that it rests on, UTC.', 'readFrom'),
  read_to: instant('When the newest was made, UTC.', 'readTo'),
  source_records: integer('Records that the source showed.', 'source.records'),
  archive_records: integer('Records in the archive, read back.', 'archive.records'),
  index_records: integer('Records in the index.', 'index.records'),
  source_fingerprint: text(`Source: ${FINGERPRINT}`, 'source.fingerprint'),
  archive_fingerprint: text(`Archive: ${FINGERPRINT}`, 'archive.fingerprint'),
  index_fingerprint: text(`Index: ${FINGERPRINT}`, 'index.fingerprint'),
  missing: integer(DIFFERENCES.missing, 'counts.missing'),
  stale: integer(DIFFERENCES.stale, 'counts.stale'),
  unindexed: integer(DIFFERENCES.unindexed, 'counts.unindexed'),
  misindexed: integer(DIFFERENCES.misindexed, 'counts.misindexed'),
  extra: integer(DIFFERENCES.extra, 'counts.extra'),
  unshown: integer('Records that the source counts and never shows.', 'unshown'),
  vanished: integer('In the archive, no longer at the source.', 'vanished'),
  quarantined: integer('Records that the index takes in no case.', 'quarantined'),
  moved: integer('Archived under the date of their first sight, and shown on this one now.', 'moved'),
  proof: {
    type: 'text',
    says: 'The whole proof, JSON, with the ids of what differs.',
    source: 'the object',
    ...NEVER,
  },
} as const satisfies Columns;
