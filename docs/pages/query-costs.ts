import { ARCHIVE_BYTES } from '../../cli/cost/measured.ts';
import { CALLS } from '../../shared/contract/analytics/columns.ts';
import { type NamedQuery, namedQueries } from '../../shared/queries/catalog.ts';

/** US dollars for 10^12 bytes scanned, and the least that a query is charged for (Athena, most regions, 2026-11). */
export const DOLLARS_A_TERABYTE = 5;
export const LEAST_BYTES = 10_000_000;

/**
 * Bytes a record of each column of a curated day: 20,185 records of the fake in one file (its footer, November 2026). Columns that follow from others are charged as those.
 */
const COLUMN_BYTES: Readonly<Record<string, number>> = {
  record: 207.3,
  uuid: 6.7,
  key: 3,
  inserted_at: 3,
  end_at: 2.7,
  end_ist: 2.7,
  customer: 2.2,
  customer_original: 2.2,
  call_id: 2.2,
  answered_at: 2.1,
  answered_ist: 2.1,
  start_at: 1.9,
  start_ist: 1.9,
  duration_seconds: 1.5,
  answered_seconds: 1.4,
  talk_seconds: 1.4,
  wait_seconds: 0.9,
  agent_name: 0.7,
  agent_id: 0.7,
  did: 0.5,
  did_original: 0.5,
};
/** All others repeat few values. */
const OTHER_COLUMN_BYTES = 0.3;
/** Partitions are read from the path. */
const FREE = new Set(['account', 'dt']);

/** Bytes a record that a named query reads of curated days; undefined where it asks only the raw archive. */
const curatedBytes = ({ sql }: NamedQuery): number | undefined => {
  const body = sql.replaceAll(/^--.*$/gm, '');
  if (/\bcall_revisions\b/.test(body)) return undefined;
  if (/\bagent_legs\b/.test(body)) return (COLUMN_BYTES['record'] ?? 0) + (COLUMN_BYTES['customer'] ?? 0);
  return Object.keys(CALLS)
    .filter((column) => !FREE.has(column) && new RegExp(`\\b${column}\\b`).test(body))
    .reduce((sum, column) => sum + (COLUMN_BYTES[column] ?? OTHER_COLUMN_BYTES), 0);
};

const dollars = (bytes: number): string =>
  `$${((Math.max(bytes, LEAST_BYTES) / 1e12) * DOLLARS_A_TERABYTE).toFixed(5)}`;

/** A line a named query: what a million calls of the days asked for cost. */
export const costTable = (): string => {
  const MILLION = 1e6;
  const lines = namedQueries().map((query) => {
    const curated = curatedBytes(query);
    return `| \`${query.name}\` | ${query.title} | ${
      curated === undefined ? '—' : `${curated.toFixed(1)} B`
    } | ${dollars((curated ?? ARCHIVE_BYTES) * MILLION)} | ${dollars(ARCHIVE_BYTES * MILLION)} |`;
  });
  return [
    '| name | answers | read of a finished record | a million calls, finished | a million calls, raw |',
    '|---|---|--:|--:|--:|',
    ...lines,
  ].join('\n');
};
