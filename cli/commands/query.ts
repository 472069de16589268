import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ArchiveDatabase } from '../../local/archive-database.ts';
import { literal } from '../../shared/contract/analytics/dialect.ts';
import { nearest } from '../../shared/core/nearest.ts';
import { DAY, istDate, parseIstDate } from '../../shared/core/time.ts';
import { forDays, namedQueries } from '../../shared/queries/catalog.ts';
import { facts, table } from '../columns.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { count, counted } from '../figures.ts';
import { archiveRoot, inArchive } from '../in-archive.ts';
import { sqlFailure } from '../sql-failure.ts';
import type { Terminal } from '../terminal.ts';

interface QueryOptions {
  readonly sql?: string | undefined;
  readonly named?: string;
  readonly from?: string;
  readonly to?: string;
  readonly data: string;
  readonly csv?: boolean;
  readonly parquet?: string;
}

/** Rows that a terminal shows; more are for --csv. */
const SHOWN = 500;

/** Athena in most regions: US dollars for 10^12 bytes read, 10 MB at least (aws.amazon.com/athena/pricing, 2026-11). */
const DOLLARS_A_TERABYTE = 5;
const LEAST_BYTES = 10_000_000;

/** Asks the archive of a data folder. @param now UTC epoch ms, for the last seven days of a named query */
export const query = async (
  terminal: Terminal,
  options: QueryOptions,
  gone: AbortSignal,
  now: number = Date.now(),
): Promise<ExitCode> => {
  if (options.csv && terminal.manners.json)
    throw contradiction('an answer has one form', '--csv and --json', 'npx smartflo-cdr query --help');
  const sql = sqlOf(options, now);
  if (sql === undefined) return listNamed(terminal);
  const root = archiveRoot(options.data);
  const started = performance.now();
  const unread = (thrown: unknown) => sqlFailure(sql, thrown);
  const rows = await inArchive(root, unread, async (database) => {
    const rows = await answer(terminal, database, sql, options, gone);
    const seconds = (performance.now() - started) / 1000;
    const { files, of, bytes, isMost } = database.lastRead() ?? (await database.wouldRead(sql));
    const dollars = (Math.max(bytes, LEAST_BYTES) / 1e12) * DOLLARS_A_TERABYTE;
    const about = isMost ? 'at most' : 'about';
    terminal.say(
      `${counted(rows, 'row')} · ${seconds.toFixed(1)} s · read ${isMost ? 'at most ' : ''}${count(files)} of ${counted(of, 'file')}, ${about} ${(bytes / 1e6).toFixed(1)} MB · in Athena ${about} $${dollars.toPrecision(1)}`,
    );
    return rows;
  });
  if (rows === 0 && options.named === undefined)
    terminal.say(`next: npx smartflo-cdr query "SELECT dt, count(*) FROM calls GROUP BY 1 ORDER BY 1"`);
  return EXIT.ok;
};

const unfit = (message: string, came: string): Failure =>
  new Failure('query-unfit', message, {
    came,
    wanted: 'one SELECT',
    cure: 'npx smartflo-cdr query "SELECT count(*) FROM calls"',
    exit: EXIT.usage,
  });

const contradiction = (message: string, came: string, cure: string): Failure =>
  new Failure('usage', message, { came, wanted: 'one of the two', cure, exit: EXIT.usage });

const sqlOf = ({ sql, named, from, to }: QueryOptions, now: number): string | undefined => {
  if (named === undefined) {
    // Typed SQL says itself which days it is about: to let these pass would answer about others.
    if (sql !== undefined && (from ?? to) !== undefined)
      throw contradiction(
        '--from and --to are for named queries',
        `SQL, and ${from === undefined ? '--to' : '--from'}`,
        `npx smartflo-cdr query "SELECT count(*) FROM calls WHERE dt BETWEEN '2024-05-01' AND '2024-05-09'"`,
      );
    return sql;
  }
  if (sql !== undefined)
    throw contradiction(
      'a query is either typed or named',
      `SQL, and --named ${named}`,
      `npx smartflo-cdr query --named ${named}`,
    );
  const all = namedQueries();
  const found = all.find(({ name }) => name === named);
  if (!found) {
    const near = nearest(
      named,
      all.map(({ name }) => name),
    );
    throw new Failure('query-unknown', 'there is no such named query', {
      came: named,
      wanted: near ? `a name such as ${near}` : 'one of those listed',
      cure: near ? `npx smartflo-cdr query --named ${near}` : 'npx smartflo-cdr query',
      exit: EXIT.usage,
    });
  }
  const last = to ?? istDate(now);
  const first = from ?? istDate((parseIstDate(last) ?? now) - 6 * DAY);
  if (first > last)
    throw new Failure('usage', 'the first day is after the last', {
      came: `from ${first} to ${last}`,
      wanted: '--from no later than --to, which is today unless given',
      cure: `npx smartflo-cdr query --named ${named} --from ${last} --to ${first}`,
      exit: EXIT.usage,
    });
  return forDays(found, { from: literal(first), to: literal(last) });
};

const listNamed = (terminal: Terminal): ExitCode => {
  const all = namedQueries();
  if (terminal.manners.json)
    terminal.document('queries/1', { queries: all.map(({ name, title }) => ({ name, title })) });
  else
    terminal.print(
      facts(
        all.map(({ name, title }) => [name, title] as const),
        terminal.output.columns,
      ),
    );
  terminal.say('next: npx smartflo-cdr query --named calls-per-day');
  return EXIT.ok;
};

/** @returns how many rows there were */
const answer = async (
  terminal: Terminal,
  { connection }: ArchiveDatabase,
  sql: string,
  { csv, parquet }: QueryOptions,
  gone: AbortSignal,
): Promise<number> => {
  // Of a text without one DuckDB says nothing that anybody could read.
  if (sql.replaceAll(/--.*|\/\*[^]*?\*\/|;/g, '').trim() === '')
    throw unfit('a query is one statement', 'none');
  const statements = await connection.extractStatements(sql);
  if (statements.count !== 1) throw unfit('a query is one statement', counted(statements.count, 'statement'));
  // Preparing finds a mistake where it was typed, not inside of what is put around it.
  const prepared = await statements.prepare(0);
  // DuckDB takes DESCRIBE and SHOW for a SELECT. A COPY could write over the archive.
  const { StatementType } = await import('@duckdb/node-api');
  if (![StatementType.SELECT, StatementType.EXPLAIN].includes(prepared.statementType))
    throw new Failure('query-unfit', 'a query only reads', {
      came: 'a statement that writes or changes something',
      wanted: 'one SELECT',
      cure: 'npx smartflo-cdr query "SELECT count(*) FROM calls"; --csv and --parquet write what it answers',
      exit: EXIT.usage,
    });
  gone.addEventListener('abort', () => connection.interrupt(), { once: true });
  const copy = async (file: string, format: string): Promise<number> => {
    const result = await connection.runAndReadAll(
      `COPY (${sql.replace(/;\s*$/, '')}\n) TO ${literal(file)} (${format})`,
    );
    return Number(result.getRowsJson()[0]?.[0] ?? 0);
  };
  if (parquet !== undefined) {
    const file = resolve(parquet);
    const rows = await copy(file, 'FORMAT parquet, COMPRESSION zstd').catch((thrown: unknown) => {
      if (thrown instanceof Error && thrown.message.startsWith('IO Error') && thrown.message.includes(file))
        throw new Failure('file-unwritable', 'the Parquet file could not be written', {
          came: thrown.message.replace(/^IO Error: /, ''),
          wanted: 'a file in a folder that is there and may be written',
          cure: 'name another one with --parquet',
          cause: thrown,
        });
      throw thrown;
    });
    if (terminal.manners.json) terminal.document('query-file/1', { file, rows });
    else terminal.print(file);
    return rows;
  }
  if (csv) {
    const folder = mkdtempSync(join(tmpdir(), 'smartflo-csv-'));
    try {
      const file = join(folder, 'rows.csv');
      const rows = await copy(file, 'FORMAT csv, HEADER');
      await terminal.pipe(createReadStream(file));
      return rows;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  if (terminal.manners.json) {
    const reader = await prepared.runAndReadAll();
    const rows = reader.getRowObjectsJson();
    const columns = reader
      .columnNames()
      .map((name, index) => ({ name, type: String(reader.columnType(index)) }));
    terminal.document('query/1', { columns, rows });
    return rows.length;
  }
  if (prepared.statementType === StatementType.EXPLAIN) {
    const plans = (await prepared.runAndReadAll()).getRowsJson();
    const lines = plans.flatMap((row) => row.slice(1).flatMap((text) => linesIn(text)));
    terminal.print(lines.map(cellText).join('\n'));
    return plans.length;
  }
  const reader = await prepared.streamAndReadUntil(SHOWN + 1);
  const rows = reader.getRowsJson().map((row) => row.map(cellText));
  const right = reader
    .columnTypes()
    .flatMap((type, index) => (/INT|DOUBLE|DECIMAL|FLOAT/.test(String(type)) ? [index] : []));
  terminal.print(table(reader.columnNames(), rows.slice(0, SHOWN), terminal.output.columns, right));
  if (rows.length > SHOWN) terminal.say(`only the first ${SHOWN} rows are shown: --csv gives all`);
  return Math.min(rows.length, SHOWN);
};

const linesIn = (value: unknown): string[] => (typeof value === 'string' ? value.split('\n') : []);

/** What a record says may hold escape codes: none of them reaches the terminal. */
const cellText = (value: unknown): string =>
  value === null
    ? ''
    : (typeof value === 'string' ? value : JSON.stringify(value)).replaceAll(/\p{Cc}/gu, '\ufffd');
