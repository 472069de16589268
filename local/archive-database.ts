import { isUtf8 } from 'node:buffer';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type DuckDBConnection, DuckDBInstance, StatementType } from '@duckdb/node-api';
import * as z from 'zod';
import { PARTITIONS } from '../shared/contract/analytics/columns.ts';
import { DUCKDB, DUCKDB_MACROS, literal } from '../shared/contract/analytics/dialect.ts';
import { type Sources, views } from '../shared/contract/analytics/views.ts';
import { findCurated, HIVE_TYPES, listedFiles, tableOf } from './curated-files.ts';

/** A folder's archive under the names that it has in Athena. Nothing is copied: every question reads the files. */
export interface ArchiveDatabase {
  readonly connection: DuckDBConnection;
  /** What the last statement read; undefined where not all of its rows were fetched, or this was asked before. */
  lastRead(): FilesRead | undefined;
  /** What a statement would read if all of its rows were fetched. */
  wouldRead(sql: string): Promise<FilesRead>;
  close(): void;
}

export interface FilesRead {
  readonly files: number;
  /** Of so many that lie there. */
  readonly of: number;
  /**
   * Compressed bytes of what was read, taking all files of a format for equally large. At most so many of a curated
   * file: it is read by columns.
   */
  readonly bytes: number;
  /** Whether it may be less: DuckDB does not count the files of a scan that a LIMIT ends. */
  readonly isMost: boolean;
}

/** A path in a pattern, standing for itself. */
const plain = (path: string): string => path.split(sep).join('/').replace(/[[*?]/g, '[$&]');

/** No JSON text holds it, so a line is one column whatever is in it. */
const NOWHERE = '\u0001';

const PATTERN = 'raw/account=*/dt=*/*.ndjson.gz';

/** The lines of files as one column. */
const linesOf = (root: string, pattern: string, compression: 'gzip' | 'none'): string =>
  `read_csv(${literal(`${plain(root)}/${pattern}`)},
    columns = {'record': 'VARCHAR'}, auto_detect = false, header = false, delim = '${NOWHERE}', quote = '', escape = '',
    compression = '${compression}', max_line_size = 16777216, filename = 'path', hive_partitioning = true,
    hive_types = {${HIVE_TYPES}})`;

const PROOFS = 'days/account=*/dt=*/*.json';
const proofLines = (root: string): string =>
  `(SELECT account, dt, path, record FROM ${linesOf(root, PROOFS, 'none')}) AS proofs`;

/** @param without files that are not read: their lines come from elsewhere */
const rawLines = (root: string, without: readonly string[]): string =>
  `(SELECT account, dt, path, record FROM ${linesOf(root, PATTERN, 'gzip')}${
    without.length === 0
      ? ''
      : ` WHERE path NOT IN (${without.map((file) => literal(join(root, file))).join(', ')})`
  }) AS lines`;

const NO_LINES = `(SELECT ${Object.keys(PARTITIONS)
  .concat('path', 'record')
  .map((name) => `CAST(NULL AS VARCHAR) AS ${name}`)
  .join(', ')} WHERE false) AS lines`;

/** DuckDB's own account of a statement, or its plan: scans, with how many files they opened, or would. */
const Profile = z.object({
  extra_info: z
    .object({
      Function: z.string().optional(),
      'Total Files Read': z.coerce.number().optional(),
      // `2/89` where a filter has left files out; else all are meant.
      'Scanning Files': z.string().optional(),
    })
    .optional(),
  get children() {
    return z.array(Profile).optional();
  },
});
type Profile = z.infer<typeof Profile>;

interface Scanned {
  readonly read: number;
  readonly meant: number;
}

/** @param scan DuckDB's name of what reads a format. @param all its files */
const scannedIn = ({ extra_info: told, children = [] }: Profile, scan: string, all: number): Scanned[] => [
  ...(told?.Function === scan
    ? [
        {
          read: told['Total Files Read'] ?? 0,
          meant: Number(told['Scanning Files']?.split('/')[0] ?? all),
        },
      ]
    : []),
  ...children.flatMap((child) => scannedIn(child, scan, all)),
];

/** The files of a format that lie there. */
const formatOf = (scan: string, files: readonly string[]) => {
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
  return { scan, files: files.length, meanBytes: bytes / Math.max(1, files.length) };
};

const isUtf8Inside = (file: string): boolean => {
  try {
    return isUtf8(gunzipSync(readFileSync(file)));
  } catch {
    // Cut off or no gzip: what DuckDB says of it names the file.
    return true;
  }
};

/** The same files with a replacement character for every byte that is no UTF-8, under `scratch`. */
const mend = (root: string, files: readonly string[], scratch: string): void => {
  for (const file of files) {
    const to = join(scratch, file);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, gzipSync(gunzipSync(readFileSync(join(root, file))).toString('utf8')));
  }
};

/**
 * Opens the archive of a data folder for questions.
 *
 * @param folder as given to `start --data`; one without calls, or none at all, gives empty tables
 * @param curated other files than those that the folder names, or none: then `calls` is all raw
 * @param mendBytes whether to look for bytes that are no UTF-8, which DuckDB refuses: slow, as all files are unpacked
 * @throws what DuckDB throws
 */
export const openArchiveDatabase = async (
  folder: string,
  { mendBytes = false, curated }: { mendBytes?: boolean; curated?: Sources['curated'] | 'none' } = {},
): Promise<ArchiveDatabase> => {
  const root = resolve(folder);
  const files = globSync(PATTERN, { cwd: root });
  const curatedFiles = listedFiles(root, 'curated');
  const maskedFiles = listedFiles(root, 'masked');
  const proofs = globSync(PROOFS, { cwd: root });
  const formats = [
    formatOf(
      'READ_CSV',
      [...files, ...proofs].map((file) => join(root, file)),
    ),
    formatOf('READ_PARQUET', [...curatedFiles, ...maskedFiles]),
  ];
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const scratch = mkdtempSync(join(tmpdir(), 'smartflo-query-'));
  const profile = join(scratch, 'profile.json');

  const odd = mendBytes ? files.filter((file) => !isUtf8Inside(join(root, file))) : [];
  mend(root, odd, scratch);
  const raw = [
    ...(files.length > odd.length ? [rawLines(root, odd)] : []),
    ...(odd.length > 0 ? [rawLines(scratch, [])] : []),
  ];
  // Integers divide as Trino divides them, and `current_date` is the date that Athena has.
  await connection.run("SET integer_division = true; SET TimeZone = 'UTC'");
  for (const macro of DUCKDB_MACROS) await connection.run(macro);
  const sources = {
    raw: raw.length > 0 ? raw : [NO_LINES],
    proofs: proofs.length > 0 ? [proofLines(root)] : [NO_LINES],
    curated: curated === 'none' ? undefined : (curated ?? findCurated(root, curatedFiles)),
    masked: tableOf(maskedFiles),
  };
  for (const { name, sql } of views(DUCKDB, sources)) await connection.run(`CREATE VIEW ${name} AS ${sql}`);
  await connection.run(
    `SET enable_profiling = 'json'; SET profiling_output = ${literal(profile)};
     SET custom_profiling_settings = '{"EXTRA_INFO": "true"}'`,
  );
  const told = (profile: Profile): FilesRead => {
    const scans = formats.flatMap((format) =>
      scannedIn(profile, format.scan, format.files).map((scan) => ({
        files: scan.read || scan.meant,
        isMost: scan.read === 0 && scan.meant > 0,
        meanBytes: format.meanBytes,
      })),
    );
    return {
      files: scans.reduce((sum, { files }) => sum + files, 0),
      of: formats.reduce((sum, { files }) => sum + files, 0),
      bytes: Math.round(scans.reduce((sum, { files, meanBytes }) => sum + meanBytes * files, 0)),
      isMost: scans.some(({ isMost }) => isMost),
    };
  };
  return {
    connection,
    lastRead: () => {
      if (!existsSync(profile)) return undefined;
      const text = readFileSync(profile, 'utf8');
      rmSync(profile);
      return told(Profile.parse(JSON.parse(text)));
    },
    wouldRead: async (sql) => {
      if ((await connection.prepare(sql)).statementType !== StatementType.SELECT) return told({});
      const plan = await connection.runAndReadAll(`EXPLAIN (FORMAT json) ${sql}`);
      const text = z.string().parse(plan.getRowsJson()[0]?.[1]);
      return told({ children: z.array(Profile).parse(JSON.parse(text)) });
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
      rmSync(scratch, { recursive: true });
    },
  };
};
