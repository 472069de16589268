import { entriesKey } from '../../shared/contract/day-proof.ts';
import {
  decodeEntries,
  ENTRY_BYTES,
  encodeEntries,
  type ProofEntry,
} from '../../shared/core/proof-entries.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';

export type SideName = 'source' | 'archive' | 'index';

/** A proof under way. */
export interface RunName {
  readonly account: string;
  readonly dt: string;
  readonly run: string;
}

/** Entries of one object: 1.5 MB. */
export const CHUNK = 65_536;
/** Entries of one side that are held against each other at once. */
const BUCKET = 100_000;

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
  Math.max(1, Math.ceil((Math.max(...Object.values(chunks)) * CHUNK) / BUCKET));

/** The entries of one side that fall into a bucket. */
export const readBucket = async (
  objects: Pick<ObjectStore, 'read'>,
  name: RunName,
  side: SideName,
  chunks: number,
  [bucket, buckets]: readonly [number, number],
): Promise<ProofEntry[]> => {
  const entries: ProofEntry[] = [];
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    const key = entriesKey(name, side, chunk);
    const stored = await objects.read(key);
    if (!stored || stored.body.length % ENTRY_BYTES !== 0) throw new Error(`${key} is not there, or cut off`);
    entries.push(...decodeEntries(stored.body, bucket, buckets));
  }
  return entries;
};
