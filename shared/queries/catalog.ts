import { CALLS, CALLS_MASKED } from '../contract/analytics/columns.ts';
import { readdirSync, readFileSync } from 'node:fs';

/** A question that is asked often, for both engines: one file here, in words that Athena and DuckDB share. */
export interface NamedQuery {
  /** The file's name without `.sql`. */
  readonly name: string;
  /** Its first line. */
  readonly title: string;
  /** With `:from` and `:to`, the first and the last IST date asked for. */
  readonly sql: string;
}

/** How `:from` and `:to` are written: as dates, or as what works them out whenever the query runs. */
export interface Days {
  readonly from: string;
  readonly to: string;
}

/** The last seven days in India, today included, in Athena's words. */
export const LAST_SEVEN_DAYS: Days = {
  from: `date_format(current_timestamp AT TIME ZONE 'Asia/Kolkata' - INTERVAL '6' DAY, '%Y-%m-%d')`,
  to: `date_format(current_timestamp AT TIME ZONE 'Asia/Kolkata', '%Y-%m-%d')`,
};

/** India's date as `dt` has it, in words that both engines read; `current_date` is that of UTC. */
export const TODAY_IN_INDIA = "CAST(CAST(current_timestamp AT TIME ZONE 'Asia/Kolkata' AS DATE) AS VARCHAR)";

const FOLDER = new URL('.', import.meta.url);

/** Sorted by name. */
export const namedQueries = (): readonly NamedQuery[] =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => {
      const sql = readFileSync(new URL(file, FOLDER), 'utf8').trim();
      return {
        name: file.slice(0, -'.sql'.length),
        title: (sql.split('\n')[0] ?? '').replace(/^-- /, ''),
        sql,
      };
    });

/** What a query reads, and where it says so. */
const READS = /\b(FROM|JOIN) (calls|call_revisions|call_events|agent_legs|calls_raw|days)\b/g;

const HIDDEN = new RegExp(
  `\\b(${Object.keys(CALLS)
    .filter((name) => !(name in CALLS_MASKED))
    .join('|')})\\b`,
);

/**
 * The queries that `calls_masked` can answer, asked of it: those about days that need nothing but `calls` and nothing
 * that is hidden. There `customer` is an alias, which serves as well.
 */
export const maskedQueries = (): readonly NamedQuery[] =>
  namedQueries()
    .filter(
      ({ sql }) =>
        sql.includes(':from') &&
        !HIDDEN.test(sql) &&
        [...sql.matchAll(READS)].every(([, , table]) => table === 'calls'),
    )
    .map((query) => askedOf(query, 'calls_masked'));

/** Asked of another table in place of `calls`, which has what the query needs of it. */
export const askedOf = (query: NamedQuery, table: string): NamedQuery => ({
  ...query,
  sql: query.sql.replaceAll(/\b(FROM|JOIN) calls\b/g, `$1 ${table} AS calls`),
});

export const forDays = (query: NamedQuery, days: Days): string =>
  query.sql.replaceAll(/:(from|to)\b/g, (_, end: keyof Days) => days[end]);
