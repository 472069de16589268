import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { openArchiveDatabase } from '../local/archive-database.ts';
import { PACK_RECORDS } from '../shared/contract/pack-message.ts';
import { DAY, SECOND } from '../shared/core/time.ts';
import { forDays, namedQueries } from '../shared/queries/catalog.ts';
import { CompactedArchive } from '../test/support/compacted.ts';
import { DT, fakeDay, MIDNIGHT } from './fake-day.ts';

/** Seconds; files opened; bytes of them a record of the day, those of curated columns that are not needed left out. */
interface Taken {
  readonly seconds: number;
  readonly files: number;
  readonly bytes: number;
}

/** What a named query takes of one day. */
export interface QuestionFigures {
  readonly name: string;
  readonly raw: Taken;
  readonly curated: Taken;
}

export interface DayFigures {
  readonly records: number;
  readonly compactionSeconds: number;
  /** Bytes a record: packs at their fullest; one curated file; the columns of an aggregate over four. */
  readonly bytes: { readonly raw: number; readonly curated: number; readonly fourColumns: number };
  /** Bytes a record of every column of the curated file, the largest first. */
  readonly columns: Readonly<Record<string, number>>;
  readonly questions: readonly QuestionFigures[];
}

const FOUR = ['status', 'direction', 'duration_seconds', 'agent_id'];

/** One day of the fake's calls, as raw packs and as a curated file, asked every named query. */
export const measureQuestions = async (records: number): Promise<DayFigures> => {
  const archive = new CompactedArchive();
  const written = fill(archive, records);
  const began = performance.now();
  const { rawFrom } = await archive.run('2026-03-20 02:00:00');
  const compactionSeconds = (performance.now() - began) / SECOND;
  if (rawFrom === undefined) throw new RangeError('the day was not curated');
  await archive.ask('SELECT 1'); // puts the files beside the packs
  const { path } = archive.folder;
  const files = globSync('curated/files/**/*.parquet', { cwd: path }).map((file) => join(path, file));
  const raw = await openArchiveDatabase(path, { curated: 'none' });
  const curated = await openArchiveDatabase(path);
  try {
    const sizes = await curated.connection.runAndReadAll(
      `SELECT path_in_schema, 1.0 * sum(total_compressed_size) / ${written} FROM parquet_metadata([${files.map((file) => `'${file}'`).join(', ')}]) GROUP BY 1 ORDER BY 2 DESC`,
    );
    const columns = Object.fromEntries(
      sizes.getRowsJson().map(([name, bytes]) => [JSON.stringify(name).slice(1, -1), Number(bytes)]),
    );
    const rawBytes = globSync('raw/**/*.gz', { cwd: path }).reduce(
      (sum, file) => sum + statSync(join(path, file)).size,
      0,
    );
    const fileBytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
    const days = { from: `'${DT}'`, to: `'${DT}'` };
    const questions: QuestionFigures[] = [];
    for (const query of namedQueries()) {
      const sql = forDays(query, days);
      const names = await columnsRead(curated, sql);
      const columnBytes = names?.reduce((sum, name) => sum + (columns[name] ?? 0), 0);
      const ofRaw = await time(raw, sql);
      const ofCurated = await time(curated, sql);
      const rawBytesEach = (files: number) => (files === 0 ? 0 : rawBytes / written);
      questions.push({
        name: query.name,
        raw: { ...ofRaw, bytes: rawBytesEach(ofRaw.files) },
        curated: { ...ofCurated, bytes: columnBytes ?? rawBytesEach(ofCurated.files) },
      });
    }
    return {
      records: written,
      compactionSeconds,
      bytes: {
        raw: rawBytes / written,
        curated: fileBytes / written,
        fourColumns: FOUR.reduce((sum, name) => sum + (columns[name] ?? 0), 0),
      },
      columns,
      questions,
    };
  } finally {
    raw.close();
    curated.close();
  }
};

/** Of curated files; undefined where a question leaves them alone. Every scan counts, as it is paid for. */
const columnsRead = async (
  { connection }: Awaited<ReturnType<typeof openArchiveDatabase>>,
  sql: string,
): Promise<string[] | undefined> => {
  const rows = (await connection.runAndReadAll(`EXPLAIN (FORMAT json) ${sql}`)).getRowsJson();
  const scans = z
    .string()
    .parse(rows[0]?.[1])
    .matchAll(/"Function": "READ_PARQUET",\s*(?:"Projections": (\[[^\]]*\]|"[^"]*"))?/g);
  const names = [...scans].map(([, names = '[]']) => [JSON.parse(names) as string | string[]].flat());
  return names.length === 0 ? undefined : names.flat();
};

/** @returns how many records there were: about as many as wanted. */
const fill = (archive: CompactedArchive, records: number): number => {
  let pack: string[] = [];
  let written = 0;
  for (const { raw } of fakeDay(records)(MIDNIGHT, MIDNIGHT + DAY)) {
    pack.push(Buffer.from(raw, 'latin1').toString());
    written += 1;
    if (pack.length < PACK_RECORDS) continue;
    archive.folder.add(pack);
    pack = [];
  }
  if (pack.length > 0) archive.folder.add(pack);
  return written;
};

/** The second time: the first one reads the disk. */
const time = async (
  { connection, lastRead }: Awaited<ReturnType<typeof openArchiveDatabase>>,
  sql: string,
): Promise<Omit<Taken, 'bytes'>> => {
  await connection.runAndReadAll(sql);
  const began = performance.now();
  await connection.runAndReadAll(sql);
  return { seconds: (performance.now() - began) / SECOND, files: lastRead()?.files ?? 0 };
};
