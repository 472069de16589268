import { entriesKey } from '../../shared/contract/day-proof.ts';
import {
  bucketsFor,
  decodeEntries,
  encodeEntries,
  HEAD_BYTES,
  type ProofEntry,
  rangeOf,
} from '../../shared/core/proof-entries.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';

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
  readonly #objects: Pick<ObjectStore, 'replace' | 'read'>;
  readonly #name: RunName;
  readonly #side: SideName;
  #entries: ProofEntry[] = [];
  chunks: number;

  constructor(objects: Pick<ObjectStore, 'replace' | 'read'>, name: RunName, side: SideName, chunks: number) {
    this.#objects = objects;
    this.#name = name;
    this.#side = side;
    this.chunks = chunks;
  }

  async add(entry: ProofEntry): Promise<void> {
    this.#entries.push(entry);
    if (this.#entries.length >= CHUNK) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#entries.length === 0) return;
    const key = entriesKey(this.#name, this.#side, this.chunks);
    const bytes = encodeEntries(this.#entries);
    // What a death left under this name was gathered from the same place on, and is gathered again.
    const left = await this.#objects.read(key);
    const written = await this.#objects.replace(key, bytes, left?.version);
    if (written === 'conflict') throw new Error('another prover works on the same proof');
    this.#entries = [];
    this.chunks += 1;
  }
}

/** In how many parts sides of so many chunks are compared. */
export const bucketsOf = (chunks: Readonly<Record<SideName, number>>): number =>
  bucketsFor(Math.max(...Object.values(chunks)) * CHUNK, BUCKET);

/** The entries of one side that fall into a bucket: a range of each of its files. */
export const readBucket = async (
  objects: Pick<ObjectStore, 'readRange'>,
  name: RunName,
  side: SideName,
  chunks: number,
  [bucket, buckets]: readonly [number, number],
): Promise<ProofEntry[]> => {
  const entries: ProofEntry[] = [];
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    const key = entriesKey(name, side, chunk);
    const head = await objects.readRange(key, 0, HEAD_BYTES);
    if (head?.length !== HEAD_BYTES) throw new Error(`${key} is not there, or cut off`);
    const { from, to } = rangeOf(head, bucket, buckets);
    if (from === to) continue;
    const range = await objects.readRange(key, from, to);
    if (range?.length !== to - from) throw new Error(`${key} is cut off`);
    entries.push(...decodeEntries(range));
  }
  return entries;
};
