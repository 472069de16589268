import { entriesKey } from '../../shared/contract/day-proof.ts';
import {
  bucketsFor,
  decodeEntries,
  ENTRY_BYTES,
  fileOfEntries,
  HEAD_BYTES,
  type ProofEntry,
  rangeOf,
  writeEntry,
} from '../../shared/core/proof-entries.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { inOrder } from '../../shared/steps/archive-reader.ts';

export type SideName = 'source' | 'archive' | 'index';

/** A proof under way. */
export interface RunName {
  readonly account: string;
  readonly dt: string;
  readonly run: string;
}

/** Entries of one object: 0.8 MB. */
export const CHUNK = 32_768;
/** Entries of one side that are held against each other at once. */
const BUCKET = 16_384;

/** Gathers one side's entries into objects, so that memory holds one chunk. */
export class EntryWriter {
  readonly #objects: Pick<ObjectStore, 'create'>;
  readonly #name: RunName;
  readonly #side: SideName;
  readonly #by: number;
  readonly #entries = Buffer.alloc(CHUNK * ENTRY_BYTES);
  readonly #chunks: number[];
  #count = 0;

  /**
   * @param chunks what was gathered before
   * @param by names this invocation among all that work on the proof
   */
  constructor(
    objects: Pick<ObjectStore, 'create'>,
    name: RunName,
    side: SideName,
    chunks: readonly number[],
    by: number,
  ) {
    this.#objects = objects;
    this.#name = name;
    this.#side = side;
    this.#chunks = [...chunks];
    this.#by = by;
  }

  /** The invocation that wrote each chunk. */
  get chunks(): readonly number[] {
    return this.#chunks;
  }

  /** Where it is full, it must be flushed before the next. */
  add(entry: ProofEntry): 'full' | 'taken' {
    writeEntry(this.#entries, this.#count * ENTRY_BYTES, entry);
    this.#count += 1;
    return this.#count < CHUNK ? 'taken' : 'full';
  }

  async flush(): Promise<void> {
    if (this.#count === 0) return;
    const key = entriesKey(this.#name, this.#side, this.#chunks.length, this.#by);
    await this.#objects.create(key, fileOfEntries(this.#entries.subarray(0, this.#count * ENTRY_BYTES)));
    this.#count = 0;
    this.#chunks.push(this.#by);
  }
}

/** What of each side has been gathered. */
type Chunks = Readonly<Record<SideName, readonly number[]>>;

/** In how many parts sides of so many chunks are compared. */
export const bucketsOf = ({ source, archive, index }: Chunks): number =>
  bucketsFor(Math.max(source.length, archive.length, index.length) * CHUNK, BUCKET);

/** Ranges read ahead of the one that is taken: a day of three million records has tens of thousands of them. */
const AHEAD = 16;

/** Reads a side's files by bucket. Their heads, a kilobyte each, are read once. */
export class EntryReader {
  readonly #objects: Pick<ObjectStore, 'readRange'>;
  readonly #files: readonly string[];
  #heads: readonly Uint8Array[] | undefined;

  constructor(
    objects: Pick<ObjectStore, 'readRange'>,
    name: RunName,
    side: SideName,
    chunks: readonly number[],
  ) {
    this.#objects = objects;
    this.#files = chunks.map((by, chunk) => entriesKey(name, side, chunk, by));
  }

  /** The side's entries that fall into a bucket: a range of each of its files. */
  async read(bucket: number, buckets: number): Promise<ProofEntry[]> {
    this.#heads ??= await this.#readHeads();
    const ranges = this.#heads
      .map((head, chunk) => ({ file: this.#files[chunk] ?? '', ...rangeOf(head, bucket, buckets) }))
      .filter(({ from, to }) => from < to);
    const entries: ProofEntry[] = [];
    for await (const bytes of inOrder(ranges, AHEAD, ({ file, from, to }) => this.#range(file, from, to)))
      for (const entry of decodeEntries(bytes)) entries.push(entry);
    return entries;
  }

  async #readHeads(): Promise<Uint8Array[]> {
    const heads: Uint8Array[] = [];
    for await (const head of inOrder(this.#files, AHEAD, (file) => this.#range(file, 0, HEAD_BYTES)))
      heads.push(head);
    return heads;
  }

  async #range(file: string, from: number, to: number): Promise<Uint8Array> {
    const range = await this.#objects.readRange(file, from, to);
    if (range?.length !== to - from) throw new Error(`${file} is not there, or cut off`);
    return range;
  }
}
