import { existsSync, globSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { SQL_TYPES } from '../shared/contract/analytics/column.ts';
import { PARTITIONS } from '../shared/contract/analytics/columns.ts';
import { DUCKDB, DUCKDB_MACROS, literal } from '../shared/contract/analytics/dialect.ts';
import { findCurated } from './curated-files.ts';
import { type Sources, views } from '../shared/contract/analytics/views.ts';

/** A folder's archive under the names that it has in Athena. Nothing is copied: every question reads the files. */
export interface ArchiveDatabase {
  readonly connection: DuckDBConnection;
  close(): void;
}

/** A path in a pattern, standing for itself. */
const plain = (path: string): string => path.split(sep).join('/').replace(/[[*?]/g, '[$&]');

/** No JSON text holds it, so a line is one column whatever is in it. */
const NOWHERE = '\u0001';

/** @param encoding `latin-1` reads any byte; what is not ASCII then has to be put right. */
const rawLines = (root: string, encoding: 'utf-8' | 'latin-1'): string => {
  const record =
    encoding === 'utf-8'
      ? 'record'
      : `CASE WHEN regexp_matches(record, '[^\\x00-\\x7F]') THEN from_latin1(record) ELSE record END AS record`;
  return `(SELECT account, dt, path, ${record} FROM read_csv(${literal(`${plain(root)}/raw/account=*/dt=*/*.ndjson.gz`)},
    columns = {'record': 'VARCHAR'}, auto_detect = false, header = false, delim = '${NOWHERE}', quote = '', escape = '',
    compression = 'gzip', encoding = '${encoding}', max_line_size = 16777216, filename = 'path',
    hive_partitioning = true, hive_types = {${Object.keys(PARTITIONS)
      .map((name) => `'${name}': 'VARCHAR'`)
      .join(', ')}})) AS lines`;
};

const NO_LINES = `(SELECT ${Object.keys(PARTITIONS)
  .concat('path', 'record')
  .map((name) => `CAST(NULL AS VARCHAR) AS ${name}`)
  .join(', ')} WHERE false) AS lines`;

/** Bytes that are no UTF-8 in one line must not make the others unreadable: that line stays as latin1 shows it. */
const FROM_LATIN1 = `CREATE MACRO from_latin1(t) AS coalesce(TRY(decode(unhex(list_aggregate(
  list_transform(string_split(t, ''), lambda c: printf('%02x', unicode(c))), 'string_agg', '')))), t)`;

const hasRaw = (root: string): boolean =>
  existsSync(join(root, 'raw')) && globSync('raw/account=*/dt=*/*.ndjson.gz', { cwd: root }).length > 0;

/**
 * Opens the archive of a data folder for questions.
 *
 * @param folder as given to `start --data`; one without calls, or none at all, gives empty tables
 * @param curated other files than those that the folder names, or none: then `calls` is all raw
 * @param encoding `latin-1` where the archive holds bytes that are no UTF-8: slower, never refused
 * @throws what DuckDB throws
 */
export const openArchiveDatabase = async (
  folder: string,
  {
    encoding = 'utf-8',
    curated = findCurated(resolve(folder)),
  }: { encoding?: 'utf-8' | 'latin-1'; curated?: Sources['curated'] | 'none' } = {},
): Promise<ArchiveDatabase> => {
  const root = resolve(folder);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const raw = hasRaw(root) ? rawLines(root, encoding) : NO_LINES;
  // As Trino divides; and as India reads the clock.
  await connection.run("SET integer_division = true; SET TimeZone = 'Asia/Kolkata'");
  for (const macro of [...DUCKDB_MACROS, FROM_LATIN1]) await connection.run(macro);
  for (const { name, columns, sql } of views(DUCKDB, {
    raw: [raw],
    curated: curated === 'none' ? undefined : curated,
  }))
    await connection.run(
      `CREATE VIEW ${name} AS SELECT ${Object.entries(columns)
        .map(([column, { type }]) => `CAST(${column} AS ${SQL_TYPES[type].duckdb}) AS ${column}`)
        .join(', ')} FROM (${sql}) AS ${name}`,
    );
  return {
    connection,
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
};
