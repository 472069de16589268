import { hash } from 'node:crypto';

/** Lines of some objects of a day, as much of them as tells which is the newest of its record. */
export interface Sights {
  /** How many lines each object has; objects come in the order of their stamps. */
  readonly linesOf: Uint32Array;
  /** Three numbers a line: 64 bits of its key's hash, then 32 of its content's. */
  readonly words: Uint32Array;
}

/** What a day's archive says of one record, told at its newest line. */
export interface RecordHistory {
  /** Number of the object that brought the record first. */
  readonly firstObject: number;
  /** Number of the object that brought its newest content. */
  readonly revisionObject: number;
  /** How many contents it has had, one after another: A, B, A are three. */
  readonly contents: number;
}

/** Of each line of a piece, counted from its first. */
export interface Histories {
  /** The record's history where this line is its newest; undefined where another one is. */
  newest(line: number): RecordHistory | undefined;
  /** Whether the record whose newest line this is has the key, as far as 32 bits of its hash tell. */
  isKey(line: number, key: string): boolean;
}

export const WORDS_A_LINE = 3;

/** Numbers of objects, or no larger. */
type ObjectNumbers = Uint16Array | Uint32Array;

/** @param content its content hash, hex. @returns the line as `Sights.words` has it */
export const sightOf = (key: string, content: string): readonly [number, number, number] => {
  const digest = hash('sha1', key, 'buffer');
  return [digest.readUInt32LE(0), digest.readUInt32LE(4), Number.parseInt(content.slice(0, 8), 16)];
};

/**
 * Tells, of one piece of a day's lines, which are the newest of their records in all of the day. First `want` the sights
 * of the piece, then `take` those of the whole day, in the archive's order; then ask its `histories`.
 *
 * It holds 37 bytes a line of the piece meanwhile (45 where the day has more than 65,535 objects), whatever the day has, and
 * not the keys: a key is a hash of 64 bits. Among a million records a day two share one about once in 36 million days; a
 * content is told from the one before by 32 bits.
 */
export class NewestLines {
  readonly #from: number;
  /** Hashes to records, numbered from 1: 0 stands for an empty slot. At most three quarters are full. */
  readonly #slots: Uint32Array;
  readonly #high: Uint32Array;
  readonly #low: Uint32Array;
  readonly #content: Uint32Array;
  readonly #newestLine: Uint32Array;
  readonly #firstObject: ObjectNumbers;
  readonly #revisionObject: ObjectNumbers;
  readonly #newestObject: ObjectNumbers;
  /** 0 until the record was seen; an object brings one at most. */
  readonly #contents: ObjectNumbers;
  /** Of each line of the piece that was the newest when it came: its record. */
  readonly #recordOf: Uint32Array;
  #records = 0;
  #objects = 0;
  #lines = 0;

  /**
   * @param from the first line of the piece, as lines of the day are counted
   * @param lines how many it has
   * @param objects how many the day has
   */
  constructor(from: number, lines: number, objects: number) {
    this.#from = from;
    const numbers = () => new Uint32Array(lines + 1);
    const objectNumbers = () => new (objects < 2 ** 16 ? Uint16Array : Uint32Array)(lines + 1);
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2((lines + 1) / 0.75)));
    this.#high = numbers();
    this.#low = numbers();
    this.#content = numbers();
    this.#newestLine = numbers();
    this.#firstObject = objectNumbers();
    this.#revisionObject = objectNumbers();
    this.#newestObject = objectNumbers();
    this.#contents = objectNumbers();
    this.#recordOf = numbers();
  }

  /** Asks for the records of these lines. @throws {RangeError} where the piece has fewer. */
  want({ words }: Sights): void {
    for (let at = 0; at < words.length; at += WORDS_A_LINE) {
      const high = words[at] ?? 0;
      const low = words[at + 1] ?? 0;
      const place = this.#placeOf(high, low);
      if (this.#slots[place] !== 0) continue;
      this.#records += 1;
      if (this.#records >= this.#high.length) throw new RangeError('more records than the piece has lines');
      this.#slots[place] = this.#records;
      this.#high[this.#records] = high;
      this.#low[this.#records] = low;
    }
  }

  /** Of one object's lines with one key the first counts, as for the index. */
  take({ linesOf, words }: Sights): void {
    let at = 0;
    for (const lines of linesOf) {
      for (let line = 0; line < lines; line++) {
        const record = this.#slots[this.#placeOf(words[at] ?? 0, words[at + 1] ?? 0)] ?? 0;
        if (record !== 0) this.#see(record, words[at + 2] ?? 0);
        at += WORDS_A_LINE;
        this.#lines += 1;
      }
      this.#objects += 1;
    }
  }

  /** What was found. It holds 14 bytes a line (20 of so large a day), and none of what `want` and `take` need beside. */
  histories(): Histories {
    const recordOf = this.#recordOf;
    for (let line = 0; line < recordOf.length; line++)
      if (this.#newestLine[recordOf[line] ?? 0] !== this.#from + line) recordOf[line] = 0;
    const [firstObject, revisionObject, contents] = [this.#firstObject, this.#revisionObject, this.#contents];
    const lows = this.#low;
    return {
      newest(line) {
        const record = recordOf[line] ?? 0;
        if (record === 0) return undefined;
        return {
          firstObject: firstObject[record] ?? 0,
          revisionObject: revisionObject[record] ?? 0,
          contents: contents[record] ?? 0,
        };
      },
      isKey: (line, key) => lows[recordOf[line] ?? 0] === sightOf(key, '')[1],
    };
  }

  #see(record: number, content: number): void {
    const isNew = this.#contents[record] === 0;
    if (!isNew && this.#newestObject[record] === this.#objects) return;
    this.#newestLine[record] = this.#lines;
    this.#newestObject[record] = this.#objects;
    const line = this.#lines - this.#from;
    if (line >= 0 && line < this.#recordOf.length) this.#recordOf[line] = record;
    if (isNew) this.#firstObject[record] = this.#objects;
    else if (this.#content[record] === content) return;
    this.#content[record] = content;
    this.#revisionObject[record] = this.#objects;
    this.#contents[record] = (this.#contents[record] ?? 0) + 1;
  }

  /** The slot of the record with this hash, or the empty one where it belongs. */
  #placeOf(high: number, low: number): number {
    const mask = this.#slots.length - 1;
    let place = (low ^ high) & mask;
    for (;;) {
      const record = this.#slots[place] ?? 0;
      if (record === 0 || (this.#high[record] === high && this.#low[record] === low)) return place;
      place = (place + 1) & mask;
    }
  }
}
