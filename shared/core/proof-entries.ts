import { hash } from 'node:crypto';

/**
 * What a proof remembers of one record on one side, in 24 bytes, big-endian: key hash (8) · content hash (8) ·
 * epoch (4) · request number (2) · unused (2). So a day of three million records is compared in pieces that fit
 * into little memory, whatever its size.
 */
export const ENTRY_BYTES = 24;

/** One record on one side of a proof. Hashes are 16 hex characters. */
export interface ProofEntry {
  readonly key: string;
  readonly content: string;
  /** Of the observation, as in its stamp. */
  readonly epoch: number;
  readonly request: number;
}

/** Names a record in a proof. */
export const keyHash = (key: string): string => hash('sha256', key, 'hex').slice(0, 16);

/** Later by (epoch, request). */
export const isLater = (a: ProofEntry, b: ProofEntry): boolean =>
  a.epoch !== b.epoch ? a.epoch > b.epoch : a.request > b.request;

/** A file of entries begins with 257 numbers: where the entries of each first byte begin, and where the last ends. */
const PARTS = 256;
export const HEAD_BYTES = (PARTS + 1) * 4;

/** Writes one entry at a place of `bytes`. */
export const writeEntry = (bytes: Buffer, at: number, entry: ProofEntry): void => {
  bytes.write(entry.key, at, 8, 'hex');
  bytes.write(entry.content, at + 8, 8, 'hex');
  bytes.writeUInt32BE(entry.epoch, at + 16);
  bytes.writeUInt16BE(entry.request, at + 20);
};

/**
 * A file of entries, those of one first byte together, so that a part of all keys is one range of its bytes.
 * @param entries whole ones, as `writeEntry` leaves them
 */
export const fileOfEntries = (entries: Uint8Array): Uint8Array => {
  const bytes = Buffer.alloc(HEAD_BYTES + entries.length);
  const partOf = (at: number): number => entries[at] ?? 0;
  const starts = new Uint32Array(PARTS + 1).fill(HEAD_BYTES);
  for (let at = 0; at < entries.length; at += ENTRY_BYTES)
    starts[partOf(at) + 1] = (starts[partOf(at) + 1] ?? 0) + ENTRY_BYTES;
  for (let part = 1; part <= PARTS; part += 1)
    starts[part] = (starts[part] ?? 0) + (starts[part - 1] ?? 0) - HEAD_BYTES;
  for (const [part, start] of starts.entries()) bytes.writeUInt32BE(start, part * 4);
  // From here on it is where the next entry of a part goes.
  for (let at = 0; at < entries.length; at += ENTRY_BYTES) {
    const to = starts[partOf(at)] ?? 0;
    bytes.set(entries.subarray(at, at + ENTRY_BYTES), to);
    starts[partOf(at)] = to + ENTRY_BYTES;
  }
  return bytes;
};

/**
 * Where a file keeps the entries of one bucket.
 * @param head the file's first `HEAD_BYTES`
 * @param buckets a power of two, 256 at most
 */
export const rangeOf = (head: Uint8Array, bucket: number, buckets: number): { from: number; to: number } => {
  const numbers = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const width = PARTS / buckets;
  return {
    from: numbers.readUInt32BE(bucket * width * 4),
    to: numbers.readUInt32BE((bucket + 1) * width * 4),
  };
};

/** Into how many buckets so many entries fall, that none holds much more than `size`. */
export const bucketsFor = (entries: number, size: number): number => {
  let buckets = 1;
  while (buckets < PARTS && entries / buckets > size) buckets *= 2;
  return buckets;
};

/** @param stored whole entries, without a head */
export function* decodeEntries(stored: Uint8Array): Generator<ProofEntry> {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  for (let at = 0; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES)
    yield {
      key: bytes.toString('hex', at, at + 8),
      content: bytes.toString('hex', at + 8, at + 16),
      epoch: bytes.readUInt32BE(at + 16),
      request: bytes.readUInt16BE(at + 20),
    };
}

const MASK = (1n << 64n) - 1n;
/** Odd, so that no two pairs of hashes are folded alike by an accident of their bits (2^64 / the golden ratio). */
const SPREAD = 0x9e3779b97f4a7c15n;

/** One record's part of a fingerprint. The sum of all parts, modulo 2^64, does not depend on their order. */
export const fingerprintPart = ({ key, content }: Pick<ProofEntry, 'key' | 'content'>): bigint =>
  ((BigInt(`0x${key}`) * SPREAD) & MASK) ^ BigInt(`0x${content}`);

export const addFingerprint = (sum: bigint, part: bigint): bigint => (sum + part) & MASK;

export const fingerprintText = (sum: bigint): string => sum.toString(16).padStart(16, '0');

/** What of one bucket does not agree. Keys are hashes. */
export interface BucketDifferences {
  /** At the source, not in the archive. */
  readonly missing: string[];
  /** The source showed another content, later than the archive's newest. */
  readonly stale: string[];
  /** In the archive, not in the index. */
  readonly unindexed: string[];
  /** The index holds another content than the archive's newest. */
  readonly misindexed: string[];
  /** In the index, not in the archive. */
  readonly extra: string[];
  /** In the archive, no longer at the source: listed, not held against the day. */
  readonly vanished: string[];
  readonly source: Side;
  readonly archive: Side;
  readonly index: Side;
}

/** Records of one side, and their fingerprint. */
export interface Side {
  readonly records: number;
  readonly fingerprint: bigint;
}

const newestOf = (entries: Iterable<ProofEntry>): Map<string, ProofEntry> => {
  const newest = new Map<string, ProofEntry>();
  for (const entry of entries) {
    const known = newest.get(entry.key);
    if (!known || isLater(entry, known)) newest.set(entry.key, entry);
  }
  return newest;
};

const sideOf = (entries: ReadonlyMap<string, ProofEntry>): Side => {
  let fingerprint = 0n;
  for (const entry of entries.values()) fingerprint = addFingerprint(fingerprint, fingerprintPart(entry));
  return { records: entries.size, fingerprint };
};

/** Holds the three sides of one bucket against each other. */
export const compareSides = (sides: {
  readonly source: Iterable<ProofEntry>;
  readonly archive: Iterable<ProofEntry>;
  readonly index: Iterable<ProofEntry>;
}): BucketDifferences => {
  const source = newestOf(sides.source);
  const archive = newestOf(sides.archive);
  const index = newestOf(sides.index);
  const found: BucketDifferences = {
    missing: [],
    stale: [],
    unindexed: [],
    misindexed: [],
    extra: [],
    vanished: [],
    source: sideOf(source),
    archive: sideOf(archive),
    index: sideOf(index),
  };
  for (const [key, shown] of source) {
    const archived = archive.get(key);
    if (!archived) found.missing.push(key);
    else if (archived.content !== shown.content && isLater(shown, archived)) found.stale.push(key);
  }
  for (const [key, archived] of archive) {
    const indexed = index.get(key);
    if (!indexed) found.unindexed.push(key);
    else if (indexed.content !== archived.content) found.misindexed.push(key);
    if (!source.has(key)) found.vanished.push(key);
  }
  for (const key of index.keys()) if (!archive.has(key)) found.extra.push(key);
  return found;
};
