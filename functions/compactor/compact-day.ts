import { createHash, hash } from 'node:crypto';
import { curatedRow, type CuratedRow } from '../../shared/contract/analytics/curated-row.ts';
import { STORED } from '../../shared/contract/analytics/stored-columns.ts';
import { curatedFileKey, curatedListKey } from '../../shared/contract/bucket-layout.ts';
import { type Content, readContent, type VolatilePaths } from '../../shared/core/content-hash.ts';
import { NewestLines } from '../../shared/core/newest-lines.ts';
import { recordKey } from '../../shared/core/record-key.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import type { TableFile, TableFiles } from '../../shared/ports/table-files.ts';
import { Fingerprint } from './fingerprint.ts';
import { listRawDay, type RawObject, readRawDay } from './raw-day.ts';

export interface CompactPorts {
  readonly objects: ObjectStore;
  readonly files: TableFiles;
  /** Of the bucket: Athena is told whole addresses. */
  readonly bucket: string;
}

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
export const GENERATION = 1;

/** A file ends here: with the last group of rows it stays below 128 MB. */
const FILE_BYTES = 112 * 1000 * 1000;

/** A group of rows ends at so many rows, or chars of records. */
const GROUP_ROWS = 8_192;
const GROUP_CHARS = 32 * 1024 * 1024;

/** Read back at a time. */
const CHUNK_BYTES = 8 * 1024 * 1024;

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
 * Makes the curated files of one account and day anew, if anything has come since they were made: one row a record,
 * its newest content. Memory does not grow with the day, but for 40 bytes a record.
 *
 * Nothing is changed until the last step, which names the new files in place of the old ones at once. A death before
 * it leaves files that nobody asks, and that the next run finds made: their names follow from what they are made of.
 *
 * @throws to be tried again; also where another run was quicker, or what was read back is not what was written.
 */
export const compactDay = async (day: Day, ports: CompactPorts): Promise<DayOutcome> => {
  const { account, dt } = day;
  const list = curatedListKey(account, dt);
  const live = await ports.objects.read(list);
  const raw = await listRawDay(ports.objects, account, dt);
  if (raw.length === 0) return { kind: 'empty' };
  const generation = generationOf(raw);
  if (live && Buffer.from(live.body).toString().includes(`/${generation}-`)) return { kind: 'as-it-was' };

  const written = await writeFiles(day, raw, generation, ports);
  for (const file of written) await readBack(file, ports);
  const addresses = written.map((file) => `s3://${ports.bucket}/${file.key}\n`);
  const swapped = await ports.objects.replace(list, Buffer.from(addresses.join('')), live?.version);
  if (swapped === 'conflict') throw new Error(`another run has made the files of ${account} ${dt}`);
  return {
    kind: 'made',
    records: written.reduce((sum, file) => sum + file.fingerprint.rows, 0),
    files: written.length,
    bytes: written.reduce((sum, file) => sum + file.bytes, 0),
  };
};

interface WrittenFile {
  readonly key: string;
  readonly bytes: number;
  /** sha256, hex. */
  readonly digest: string;
  /** Of the rows. */
  readonly fingerprint: Fingerprint;
}

/** Two passes over the day: the first finds each record's newest line, the second writes it. */
const writeFiles = async (
  { account, dt, volatile }: Day,
  raw: readonly RawObject[],
  generation: string,
  { objects, files }: CompactPorts,
): Promise<WrittenFile[]> => {
  const trustOf = (object: number) => ({ trustIds: raw[object]?.keyedBy === 'id' });
  const newest = new NewestLines();
  for await (const { raw: line, object } of readRawDay(objects, raw)) {
    const content = contentOf(line, volatile);
    newest.take({ key: recordKey(content, trustOf(object)), content: content.hash, object });
  }

  const written: WrittenFile[] = [];
  let file: TableFile<typeof STORED> | undefined;
  let fingerprint = new Fingerprint();
  let group: CuratedRow[] = [];
  let chars = 0;
  const endGroup = () => {
    file ??= files.begin(STORED);
    file.append(group);
    group = [];
    chars = 0;
  };
  const endFile = async () => {
    if (!file) return;
    const source = file.finish();
    const { bytes, digest } = source;
    const key = curatedFileKey({
      account,
      dt,
      generation,
      part: written.length,
      digest: digest.slice(0, 16),
    });
    await objects.createFrom(key, source);
    written.push({ key, bytes, digest, fingerprint });
    file.discard();
    file = undefined;
    fingerprint = new Fingerprint();
  };
  try {
    let number = 0;
    for await (const { raw: line, object } of readRawDay(objects, raw)) {
      const history = newest.newest(number++);
      if (!history) continue;
      const record = Buffer.from(line, 'latin1').toString();
      const row = curatedRow(parseRecord(record), {
        key: recordKey(contentOf(line, volatile), trustOf(object)),
        record,
        firstStamp: raw[history.firstObject]?.stamp ?? '',
        revision: raw[history.revisionObject]?.stamp ?? '',
        contents: history.contents,
      });
      fingerprint.add(row);
      group.push(row);
      chars += record.length;
      if (group.length >= GROUP_ROWS || chars >= GROUP_CHARS) endGroup();
      if (file && file.bytes >= FILE_BYTES) await endFile();
    }
    if (group.length > 0) endGroup();
    await endFile();
  } finally {
    file?.discard();
  }
  return written;
};

/**
 * The file as it is stored: that its bytes are those that were written, and that they can be read as the rows that
 * were meant.
 * @throws where they are not.
 */
const readBack = async (file: WrittenFile, { objects, files }: CompactPorts): Promise<void> => {
  const readRange = async (from: number, to: number) => {
    const part = await objects.readRange(file.key, from, to);
    if (!part) throw new Error(`written, and not there: ${file.key}`);
    return part;
  };
  const bytes = createHash('sha256');
  for (let from = 0; from < file.bytes; from += CHUNK_BYTES)
    bytes.update(await readRange(from, from + CHUNK_BYTES));
  if (bytes.digest('hex') !== file.digest)
    throw new Error(`${file.key} does not hold the bytes that were written`);
  const found = new Fingerprint();
  for await (const rows of files.read(READ_BACK, { bytes: file.bytes, readRange }))
    for (const row of rows) found.add(row);
  if (!found.equals(file.fingerprint))
    throw new Error(
      `${file.key} reads as ${found.rows} other rows than the ${file.fingerprint.rows} that were meant`,
    );
};
