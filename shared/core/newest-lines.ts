import { hash } from 'node:crypto';

/** One line of the archive's day, as the order of asking goes. */
export interface SightedLine {
  /** The record's key. */
  readonly key: string;
  /** Its content hash, hex. */
  readonly content: string;
  /** Number of the object that holds it: objects come in the order of their stamps. */
  readonly object: number;
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

/** Records a day at most; 2,000 calls a minute make 3 million. */
const MOST = 2 ** 24;

/** A list of whole numbers below 2^32 that grows without being copied. */
class Numbers {
  readonly #buffer = new ArrayBuffer(0, { maxByteLength: 4 * MOST });
  readonly #values = new Uint32Array(this.#buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  at(index: number): number {
    return this.#values[index] ?? 0;
  }

  set(index: number, value: number): void {
    this.#values[index] = value;
  }

  /** @throws {RangeError} beyond 16 million. */
  push(value: number): void {
    if (this.#length === this.#values.length) {
      if (this.#length === MOST) throw new RangeError(`more than ${MOST} lines in one day of one account`);
      this.#buffer.resize(Math.min(4 * MOST, this.#buffer.byteLength + 65_536));
    }
    this.#values[this.#length] = value;
    this.#length += 1;
  }
}

/** 0 stands for an empty slot, so records are numbered from 1 there. Grows at three quarters. */
class Slots {
  #slots = new Uint32Array(1024);

  /** The place of the record with this hash, or the empty one where it belongs. */
  place(high: number, low: number, isThere: (record: number) => boolean): number {
    const mask = this.#slots.length - 1;
    let place = (low ^ high) & mask;
    for (;;) {
      const record = this.#slots[place] ?? 0;
      if (record === 0 || isThere(record - 1)) return place;
      place = (place + 1) & mask;
    }
  }

  recordAt(place: number): number | undefined {
    const record = this.#slots[place] ?? 0;
    return record === 0 ? undefined : record - 1;
  }

  fill(place: number, record: number): void {
    this.#slots[place] = record + 1;
  }

  grow(records: number, hashOf: (record: number) => { high: number; low: number }): void {
    if (records < this.#slots.length * 0.75) return;
    this.#slots = new Uint32Array(this.#slots.length * 2);
    for (let record = 0; record < records; record++) {
      const { high, low } = hashOf(record);
      this.fill(
        this.place(high, low, () => false),
        record,
      );
    }
  }
}

/**
 * Tells, of all lines of a day, which is the newest of its record. Two passes over the same lines in the same order:
 * `take` each, then ask `newest` of each by its number.
 *
 * It holds 36 bytes a record and 4 a line, not the keys: a key is a hash of 64 bits. Among a million records a day
 * two share one about once in 36 million days; a content is told from the one before by 32 bits.
 */
export class NewestLines {
  readonly #slots = new Slots();
  readonly #high = new Numbers();
  readonly #low = new Numbers();
  readonly #content = new Numbers();
  readonly #firstObject = new Numbers();
  readonly #revisionObject = new Numbers();
  readonly #newestLine = new Numbers();
  readonly #newestObject = new Numbers();
  readonly #contents = new Numbers();
  /** The record of each line. */
  readonly #recordOf = new Numbers();

  get lines(): number {
    return this.#recordOf.length;
  }

  get records(): number {
    return this.#contents.length;
  }

  /** Of one object's lines with one key the first counts, as for the index. */
  take({ key, content, object }: SightedLine): void {
    const digest = hash('sha1', key, 'buffer');
    const high = digest.readUInt32LE(0);
    const low = digest.readUInt32LE(4);
    const look = Number.parseInt(content.slice(0, 8), 16);
    const place = this.#slots.place(
      high,
      low,
      (record) => this.#high.at(record) === high && this.#low.at(record) === low,
    );
    const line = this.#recordOf.length;
    const known = this.#slots.recordAt(place);
    this.#recordOf.push(known ?? this.records);
    if (known === undefined) {
      this.#slots.fill(place, this.records);
      this.#high.push(high);
      this.#low.push(low);
      this.#content.push(look);
      this.#firstObject.push(object);
      this.#revisionObject.push(object);
      this.#newestLine.push(line);
      this.#newestObject.push(object);
      this.#contents.push(1);
      this.#slots.grow(this.records, (record) => ({
        high: this.#high.at(record),
        low: this.#low.at(record),
      }));
    } else if (this.#newestObject.at(known) !== object) {
      this.#newestLine.set(known, line);
      this.#newestObject.set(known, object);
      if (this.#content.at(known) !== look) {
        this.#content.set(known, look);
        this.#revisionObject.set(known, object);
        this.#contents.set(known, this.#contents.at(known) + 1);
      }
    }
  }

  /** The record's history where this line is its newest; undefined where another one is. */
  newest(line: number): RecordHistory | undefined {
    const record = this.#recordOf.at(line);
    if (line >= this.lines || this.#newestLine.at(record) !== line) return undefined;
    return {
      firstObject: this.#firstObject.at(record),
      revisionObject: this.#revisionObject.at(record),
      contents: this.#contents.at(record),
    };
  }
}
