import { hash } from 'node:crypto';
import { curatedRow, type CuratedRow } from '../../shared/contract/analytics/curated-row.ts';
import { maskedRow } from '../../shared/contract/analytics/masked-row.ts';
import { MASKED_STORED, STORED } from '../../shared/contract/analytics/stored-columns.ts';
import { type Content, readContent, type VolatilePaths } from '../../shared/core/content-hash.ts';
import { NewestLines } from '../../shared/core/newest-lines.ts';
import { recordKey } from '../../shared/core/record-key.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { loadAliases } from './aliases.ts';
import { DayTableFiles, type DayTablePorts } from './day-table.ts';
import { listRawDay, type RawObject, readRawDay } from './raw-day.ts';

/** One account's day, and how it is read. */
export interface Day {
  readonly account: string;
  readonly dt: string;
  readonly volatile: VolatilePaths;
}

export type DayOutcome =
  | { readonly kind: 'made'; readonly records: number; readonly files: number; readonly bytes: number }
  /** Its files are of these very objects. */
  | { readonly kind: 'as-it-was' }
  /** Nothing has come for it. */
  | { readonly kind: 'empty' };

/** Raised when what the files hold, or the list names, is another. The files of another generation stay unnamed. */
export const GENERATION = 2;

/** A group of rows ends at so many rows, or chars of records. */
const GROUP_ROWS = 4_096;
const GROUP_CHARS = 32 * 1024 * 1024;

/** Columns that are read back: the records, what they are called, and which revision each is. */
const { key, revision, revisions, record_1, record_2, record_3, record_4, record_5, record_6, record_7 } =
  STORED;
const READ_BACK = {
  key,
  revision,
  revisions,
  record_1,
  record_2,
  record_3,
  record_4,
  record_5,
  record_6,
  record_7,
} as const;
const MASKED_READ_BACK = {
  key,
  revision,
  revisions,
  customer: MASKED_STORED.customer,
} as const;

/** Names what a day's files were made of. */
const generationOf = (day: readonly RawObject[]): string =>
  hash('sha256', [GENERATION, ...day.map((object) => object.key)].join('\n'), 'hex').slice(0, 24);

const NOT_A_RECORD: Content = { hash: '', idToken: undefined };

/** What can't be read is a record all the same: named by its bytes, and every column of it null. */
const contentOf = (raw: string, volatile: VolatilePaths): Content => {
  try {
    return readContent(raw, volatile);
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
    return { ...NOT_A_RECORD, hash: hash('sha256', Buffer.from(raw, 'latin1'), 'hex').slice(0, 32) };
  }
};

const parseRecord = (text: string): object => {
  try {
    const record: unknown = JSON.parse(text);
    return typeof record === 'object' && record !== null ? record : {};
  } catch {
    return {};
  }
};

/**
 * Makes the files of one account and day anew, if anything has come since they were made: one row a record, its newest
 * content, and the same again without what is personal. Memory does not grow with the day, but for 40 bytes a record.
 *
 * Nothing is changed until the last steps, which name the new files in place of the old ones, the masked ones first. A
 * death before them leaves files that nobody asks, and that the next run finds made: their names follow from what they
 * are made of. One between them leaves a day that counts as not made.
 *
 * @throws to be tried again; also where another run was quicker, or what was read back is not what was written.
 */
export const compactDay = async (day: Day, ports: DayTablePorts): Promise<DayOutcome> => {
  const { account, dt } = day;
  const curated = new DayTableFiles({ table: 'curated', account, dt }, STORED, READ_BACK, ports);
  const masked = new DayTableFiles({ table: 'masked', account, dt }, MASKED_STORED, MASKED_READ_BACK, ports);
  // Before the raw archive is listed: or a run that began later, and saw more, could be undone.
  const curatedIs = await curated.readList();
  const maskedIs = await masked.readList();
  const raw = await listRawDay(ports.objects, account, dt);
  if (raw.length === 0) return { kind: 'empty' };
  const generation = generationOf(raw);
  if (curatedIs(generation) && maskedIs(generation)) return { kind: 'as-it-was' };
  const alias = await loadAliases(ports.objects);

  try {
    for await (const rows of readGroups(day, raw, ports.objects)) {
      await curated.append(rows, generation);
      await masked.append(
        rows.map((row) => maskedRow(row, alias)),
        generation,
      );
    }
    await curated.end(generation);
    await masked.end(generation);
  } finally {
    curated.discard();
    masked.discard();
  }
  await curated.readBack();
  await masked.readBack();
  await masked.swap();
  await curated.swap();
  return { kind: 'made', ...curated.made };
};

/** Two passes over the day: the first finds each record's newest line, the second makes a row of it. */
async function* readGroups(
  { volatile }: Day,
  raw: readonly RawObject[],
  objects: ObjectStore,
): AsyncGenerator<CuratedRow[]> {
  const trustOf = (object: number) => ({ trustIds: raw[object]?.keyedBy === 'id' });
  const newest = new NewestLines();
  for await (const { raw: line, object } of readRawDay(objects, raw)) {
    const content = contentOf(line, volatile);
    newest.take({ key: recordKey(content, trustOf(object)), content: content.hash, object });
  }

  let group: CuratedRow[] = [];
  let chars = 0;
  let number = 0;
  for await (const { raw: line, object } of readRawDay(objects, raw)) {
    const history = newest.newest(number++);
    if (!history) continue;
    const record = Buffer.from(line, 'latin1').toString();
    group.push(
      curatedRow(parseRecord(record), {
        key: recordKey(contentOf(line, volatile), trustOf(object)),
        record,
        firstStamp: raw[history.firstObject]?.stamp ?? '',
        revision: raw[history.revisionObject]?.stamp ?? '',
        contents: history.contents,
      }),
    );
    chars += record.length;
    if (group.length < GROUP_ROWS && chars < GROUP_CHARS) continue;
    yield group;
    group = [];
    chars = 0;
  }
  if (group.length > 0) yield group;
}
