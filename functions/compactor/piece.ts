import { createHash } from 'node:crypto';
import { pieceNoteKey } from '../../shared/contract/bucket-layout.ts';
import { PieceNote } from '../../shared/contract/compaction.ts';
import { curatedRow, type CuratedRow } from '../../shared/contract/analytics/curated-row.ts';
import { maskedRow } from '../../shared/contract/analytics/masked-row.ts';
import { MASKED_STORED, STORED } from '../../shared/contract/analytics/stored-columns.ts';
import { collectAll, collectYoung } from '../../shared/core/collect-garbage.ts';
import { compileVolatilePaths } from '../../shared/core/content-hash.ts';
import { member } from '../../shared/core/member.ts';
import { type Histories, NewestLines } from '../../shared/core/newest-lines.ts';
import { recordKey } from '../../shared/core/record-key.ts';
import type { Ms } from '../../shared/core/time.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { inOrder } from '../../shared/steps/archive-reader.ts';
import { loadAliases } from './aliases.ts';
import { type DayTablePorts, PieceFiles } from './day-table.ts';
import { NotCurated, type RawObject, readRawDay, TimeUp } from './raw-day.ts';
import { contentOf, type Day, readSights, type Stretch } from './sights.ts';

export interface PiecePorts extends DayTablePorts {
  /** What is left of the invocation. */
  timeLeft(): Ms;
}

/** Some stretches of a day, whose newest lines become files of their own. */
export interface Piece {
  readonly stretches: readonly Stretch[];
  /** The number of its first line in the day. */
  readonly from: number;
  readonly lines: number;
}

/** Raised when what the files hold is another. Files that were made before are then made anew. */
export const GENERATION = 2;

/** Rows that are made before they are packed, and chars of their records: so few that they die young. */
const BATCH_ROWS = 128;
const BATCH_CHARS = 1024 * 1024;

/** Rows after which all is collected: a fiftieth of their time. */
const COLLECTED_ROWS = 2_048;

/** It takes less for a row to be stored and read back, once the last one is written. */
const STORE_TIME: Ms = 0.1;

/** Sights asked for at once: each some hundreds of kilobytes. */
const AHEAD = 2;

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

/** A line as text. Nearly every line is ASCII, and is its text. */
const textOf = (line: string): string =>
  /[\x80-\xff]/.test(line) ? Buffer.from(line, 'latin1').toString() : line;

const parseRecord = (text: string): object => {
  try {
    const record: unknown = JSON.parse(text);
    return typeof record === 'object' && record !== null ? record : {};
  } catch {
    return {};
  }
};

/**
 * The files of a piece, made if they are not there: a row for each record whose newest line stands in it, and the same
 * again without what is personal. Its name tells what the rows are made of, so a piece that nothing has changed for is
 * found made; a note tells its files once they have been read back, and until then nothing counts.
 *
 * @param stretches of the whole day: a later line may be newer than one of the piece
 * @throws {TimeUp} between some rows; and to be tried again, also where what was read back is not what was written
 */
export const makePiece = async (
  day: Day,
  piece: Piece,
  stretches: readonly Stretch[],
  ports: PiecePorts,
): Promise<PieceNote> => {
  const { objects } = ports;
  const { account, dt } = day;
  const raw = stretches.flatMap((stretch) => stretch.objects);
  const newest = await findNewest(piece, stretches, objects);
  const name = nameOf(day, piece, raw, newest);
  const noteKey = pieceNoteKey(account, dt, name);
  const stored = await objects.read(noteKey);
  const known = stored && PieceNote.parse(JSON.parse(Buffer.from(stored.body).toString()));
  if (known && (await areThere(known, objects))) return known;

  const alias = await loadAliases(objects);
  const curated = new PieceFiles({ table: 'curated', account, dt, piece: name }, STORED, READ_BACK, ports);
  const masked = new PieceFiles(
    { table: 'masked', account, dt, piece: name },
    MASKED_STORED,
    MASKED_READ_BACK,
    ports,
  );
  let records = 0;
  collectAll();
  try {
    for await (const rows of readRows(day, piece, raw, newest, objects)) {
      if (ports.timeLeft() <= STORE_TIME * (records + rows.length)) throw new TimeUp();
      await curated.append(rows);
      await masked.append(rows.map((row) => maskedRow(row, alias)));
      if (records % COLLECTED_ROWS > (records + rows.length) % COLLECTED_ROWS) collectAll();
      records += rows.length;
    }
    await curated.end();
    await masked.end();
  } finally {
    curated.discard();
    masked.discard();
  }
  collectAll();
  await curated.readBack();
  await masked.readBack();
  collectAll();
  const note: PieceNote = { version: 1, records, curated: curated.written, masked: masked.written };
  // Where another run was quicker its note is as good: the files of either are there, and hold the same rows.
  await objects.replace(noteKey, Buffer.from(JSON.stringify(note)), stored?.version);
  return note;
};

const findNewest = async (
  piece: Piece,
  stretches: readonly Stretch[],
  objects: ObjectStore,
): Promise<Histories> => {
  const dayObjects = stretches.reduce((sum, { objects: { length } }) => sum + length, 0);
  const newest = new NewestLines(piece.from, piece.lines, dayObjects);
  const sightsOf = (some: readonly Stretch[]) =>
    inOrder(some, AHEAD, (stretch) => readSights(objects, stretch));
  for await (const sights of sightsOf(piece.stretches)) {
    newest.want(sights);
    collectYoung();
  }
  for await (const sights of sightsOf(stretches)) {
    newest.take(sights);
    collectYoung();
  }
  return newest.histories();
};

/** Names everything that the rows are made of: the objects that they are read from, and what the rest of the day says. */
const nameOf = (
  { volatilePaths }: Day,
  { stretches, lines }: Piece,
  raw: readonly RawObject[],
  newest: Histories,
): string => {
  const name = createHash('sha256');
  const tell = (...told: readonly unknown[]) => name.update(`${told.join('\n')}\n\n`);
  tell(GENERATION, ...volatilePaths);
  for (const { objects } of stretches) tell(...objects.map((object) => object.key));
  for (let line = 0; line < lines; line++) {
    const history = newest.newest(line);
    if (history)
      tell(line, raw[history.firstObject]?.stamp, raw[history.revisionObject]?.stamp, history.contents);
  }
  return name.digest('hex').slice(0, 24);
};

/** Whether all files are in the bucket, as long as they were: somebody may have taken them away. */
const areThere = async ({ curated, masked }: PieceNote, objects: ObjectStore): Promise<boolean> => {
  for (const file of [...curated, ...masked]) {
    const end = await objects.readRange(file.key, file.bytes - 1, file.bytes + 1);
    if (end?.length !== 1) return false;
  }
  return true;
};

/** The rows of a piece, some at a time. */
async function* readRows(
  day: Day,
  piece: Piece,
  raw: readonly RawObject[],
  newest: Histories,
  objects: ObjectStore,
): AsyncGenerator<CuratedRow[]> {
  const volatile = compileVolatilePaths(day.volatilePaths);
  const own = piece.stretches.flatMap((stretch) => stretch.objects);
  let rows: CuratedRow[] = [];
  let chars = 0;
  let number = 0;
  for await (const { raw: line, object } of readRawDay(objects, own)) {
    const history = newest.newest(number++);
    if (!history) continue;
    const text = textOf(line);
    const record = parseRecord(text);
    const trust = { trustIds: own[object]?.keyedBy === 'id' };
    // Nearly always the `id` as it parses; an id given twice, for one, is another.
    const id = recordKey({ hash: '', idToken: JSON.stringify(member(record, 'id')) }, trust);
    rows.push(
      curatedRow(record, {
        key: newest.isKey(number - 1, id) ? id : recordKey(contentOf(line, volatile), trust),
        record: text,
        firstStamp: raw[history.firstObject]?.stamp ?? '',
        revision: raw[history.revisionObject]?.stamp ?? '',
        contents: history.contents,
      }),
    );
    chars += text.length;
    if (rows.length < BATCH_ROWS && chars < BATCH_CHARS) continue;
    yield rows;
    rows = [];
    chars = 0;
  }
  if (rows.length > 0) yield rows;
  if (number !== piece.lines)
    throw new NotCurated(`a piece of ${piece.lines} lines has ${number} in the archive`);
}
