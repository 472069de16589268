import type { PieceNote } from '../../shared/contract/compaction.ts';
import { DayList } from './day-table.ts';
import { makePiece, type Piece, type PiecePorts } from './piece.ts';
import { listRawDay } from './raw-day.ts';
import { type Day, type Stretch, surveyDay } from './sights.ts';

/** How a day is cut. Other limits make other pieces: what is half done by the ones before is begun anew. */
export interface Cut {
  /** Raw objects whose sights are kept together. */
  readonly objects: number;
  /** A piece ends before it has more lines, or more kilobytes of them. */
  readonly lines: number;
  readonly kilobytes: number;
}

/**
 * A piece takes three or four minutes, 15 MB of memory for its lines, and becomes one curated file: 400,000 lines make 88 MB, so
 * that a file of 128 MB is not exceeded, and most days are one.
 */
export const CUT: Cut = { objects: 250, lines: 400_000, kilobytes: 2_400_000 };

/** What is made next, and how far the day is. */
export interface PieceAhead {
  readonly lines: number;
  readonly made: number;
  readonly of: number;
}

export type DayOutcome =
  | { readonly kind: 'made'; readonly records: number; readonly files: number; readonly bytes: number }
  /** Its files are of these very objects. */
  | { readonly kind: 'as-it-was' }
  /** Nothing has come for it. */
  | { readonly kind: 'empty' };

/**
 * Makes the files of one account and day anew, if anything has come since they were made: one row a record, its newest
 * content, and the same again without what is personal. It stops before each piece, and need not be asked to go on: what
 * is done is kept, and found by whoever begins again. Memory grows with the piece, not with the day.
 *
 * The day is one listing of its raw objects, whatever comes meanwhile. Nothing is changed until the last steps, when all
 * of its pieces are made: they name the new files in place of the old ones, the masked ones first. A death before them
 * leaves files that nobody asks. One between them leaves a day that counts as not made.
 *
 * @throws {TimeUp} where the time is up; and to be tried again, also where another run was quicker
 */
export async function* compactDay(
  day: Day,
  ports: PiecePorts,
  cut: Cut,
): AsyncGenerator<PieceAhead, DayOutcome, undefined> {
  const { account, dt } = day;
  const curated = new DayList({ table: 'curated', account, dt }, ports);
  const masked = new DayList({ table: 'masked', account, dt }, ports);
  // Before the raw archive is listed: or a run that began later, and saw more, could be undone.
  await curated.read();
  await masked.read();
  const raw = await listRawDay(ports.objects, account, dt);
  if (raw.length === 0) return { kind: 'empty' };
  const stretches = await surveyDay(day, raw, ports, cut.objects);
  const pieces = cutPieces(stretches, cut);
  const notes: PieceNote[] = [];
  for (const piece of pieces) {
    yield { lines: piece.lines, made: notes.length, of: pieces.length };
    notes.push(await makePiece(day, piece, stretches, ports));
  }

  const files = {
    curated: notes.flatMap((note) => note.curated),
    masked: notes.flatMap((note) => note.masked),
  };
  const keys = (some: PieceNote['curated']) => some.map(({ key }) => key);
  if (curated.names(keys(files.curated)) && masked.names(keys(files.masked))) return { kind: 'as-it-was' };
  await masked.swap(keys(files.masked));
  await curated.swap(keys(files.curated));
  return {
    kind: 'made',
    records: notes.reduce((sum, { records }) => sum + records, 0),
    files: files.curated.length,
    bytes: files.curated.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** From the first line on, so that what comes at the end changes the last piece alone. */
const cutPieces = (stretches: readonly Stretch[], cut: Cut): Piece[] => {
  const pieces: Piece[] = [];
  let some: Stretch[] = [];
  let [from, lines, kilobytes] = [0, 0, 0];
  const end = () => {
    if (some.length > 0) pieces.push({ stretches: some, from, lines });
    some = [];
    from += lines;
    lines = kilobytes = 0;
  };
  for (const stretch of stretches) {
    if (lines + stretch.lines > cut.lines || kilobytes + stretch.kilobytes > cut.kilobytes) end();
    some.push(stretch);
    lines += stretch.lines;
    kilobytes += stretch.kilobytes;
  }
  end();
  return pieces;
};
