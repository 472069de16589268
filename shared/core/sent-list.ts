import type { EpochMs } from './time.ts';
import { SECOND } from './time.ts';
import type { Window } from './window.ts';

/**
 * What was last sent of each record of one account and hour block: 24 bytes a record, so that an hour of
 * 2,000 calls a minute is 3 MB. Losing it costs repeats, never records.
 *
 * Layout, big-endian: magic (4), then entries sorted by id hash: id hash (8) · content hash (8) ·
 * flags and second in the hour (2) · epoch (4) · request number (2).
 */
const MAGIC = Buffer.from('SL01', 'latin1');
const ENTRY = 24;
const SECONDS = 0x0fff;
/** The content sent last is not known (a reply was lost, a holder died): counted as known, sent at its next sight. */
const UNKNOWN = 0x1000;
/** A full read of a closed window did not return it: no longer counted. */
const ABSENT = 0x2000;

/** Changes that lie over the bytes at most: as objects they take ten times as much. */
const MOST_CHANGES = 2_000;

/** One record's line. Hashes are 16 hex characters (8 bytes). */
export interface SentEntry {
  readonly content: string;
  /** Second within the hour of the time that the source filters by, 0 to 3599. */
  readonly second: number;
  readonly epoch: number;
  readonly request: number;
  readonly unknown: boolean;
  readonly absent: boolean;
}

/** The hour's list is of another format: as good as lost. */
export class SentListUnreadable extends Error {
  override readonly name = 'SentListUnreadable';
}

const readEntry = (bytes: Buffer, at: number): SentEntry => {
  const flags = bytes.readUInt16BE(at + 16);
  return {
    content: bytes.toString('hex', at + 8, at + 16),
    second: flags & SECONDS,
    epoch: bytes.readUInt32BE(at + 18),
    request: bytes.readUInt16BE(at + 22),
    unknown: (flags & UNKNOWN) !== 0,
    absent: (flags & ABSENT) !== 0,
  };
};

const flagsOf = (entry: SentEntry): number =>
  (entry.second & SECONDS) | (entry.unknown ? UNKNOWN : 0) | (entry.absent ? ABSENT : 0);

const writeEntry = (bytes: Buffer, at: number, id: string, entry: SentEntry): void => {
  bytes.write(id, at, 8, 'hex');
  bytes.write(entry.content, at + 8, 8, 'hex');
  bytes.writeUInt16BE(flagsOf(entry), at + 16);
  bytes.writeUInt32BE(entry.epoch, at + 18);
  bytes.writeUInt16BE(entry.request, at + 22);
};

/** Later by (epoch, request). */
export const isNewer = (a: SentEntry, b: SentEntry): boolean =>
  a.epoch !== b.epoch ? a.epoch > b.epoch : a.request > b.request;

/**
 * The list of one hour, mutable: bytes, searched by halving, and changes that lie over them until they are many or
 * `encode` is called. So an hour of 120,000 records costs no more than its bytes.
 */
export class SentList {
  readonly hour: EpochMs;
  #stored: Buffer;
  /** What is held is no longer what was stored. */
  #folded = false;
  /** Everything stored reads as unknown: the hour was left dirty. */
  #storedUnknown = false;
  readonly #changes = new Map<string, SentEntry>();
  readonly #mostChanges: number;

  constructor(hour: EpochMs, stored: Uint8Array = MAGIC, mostChanges = MOST_CHANGES) {
    const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
    if (!bytes.subarray(0, 4).equals(MAGIC) || (bytes.length - 4) % ENTRY !== 0) {
      throw new SentListUnreadable(`a sent list of ${bytes.length} bytes is not of format SL01`);
    }
    this.hour = hour;
    this.#stored = bytes;
    this.#mostChanges = mostChanges;
  }

  get changed(): boolean {
    return this.#folded || this.#storedUnknown || this.#changes.size > 0;
  }

  /** The hour was left dirty by a holder that did not end cleanly: nothing stored is sure. */
  forgetContents(): void {
    this.#storedUnknown = true;
  }

  #entryAt(at: number): SentEntry {
    const entry = readEntry(this.#stored, at);
    return this.#storedUnknown ? { ...entry, unknown: true } : entry;
  }

  /** Offset of a stored entry, by halving; -1 where there is none. */
  #find(id: string): number {
    const wanted = Buffer.from(id, 'hex');
    let low = 0;
    let high = (this.#stored.length - MAGIC.length) / ENTRY;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = MAGIC.length + middle * ENTRY;
      const order = this.#stored.compare(wanted, 0, 8, at, at + 8);
      if (order === 0) return at;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return -1;
  }

  /** @param id 16 hex characters */
  get(id: string): SentEntry | undefined {
    const changed = this.#changes.get(id);
    if (changed) return changed;
    const at = this.#find(id);
    return at < 0 ? undefined : this.#entryAt(at);
  }

  set(id: string, entry: SentEntry): void {
    this.#changes.set(id, entry);
    if (this.#changes.size >= this.#mostChanges) this.#fold();
  }

  #fold(): void {
    this.#stored = this.#encoded();
    this.#storedUnknown = false;
    this.#changes.clear();
    this.#folded = true;
  }

  *entries(): Generator<[string, SentEntry]> {
    for (let at = MAGIC.length; at < this.#stored.length; at += ENTRY) {
      const id = this.#stored.toString('hex', at, at + 8);
      if (!this.#changes.has(id)) yield [id, this.#entryAt(at)];
    }
    yield* this.#changes;
  }

  /** How many records are known to be at the source in `window`, whole seconds. */
  count(window: Window): number {
    const from = (window.from - this.hour) / SECOND;
    const to = (window.to - this.hour) / SECOND;
    const counts = (flags: number) =>
      (flags & ABSENT) === 0 && (flags & SECONDS) >= from && (flags & SECONDS) < to ? 1 : 0;
    let known = 0;
    for (let at = MAGIC.length; at < this.#stored.length; at += ENTRY)
      known += counts(this.#stored.readUInt16BE(at + 16));
    for (const [id, entry] of this.#changes) {
      const at = this.#find(id);
      known += counts(flagsOf(entry)) - (at < 0 ? 0 : counts(this.#stored.readUInt16BE(at + 16)));
    }
    return known;
  }

  /** After a complete read of `window`: what stands in it and was not seen is no longer at the source. */
  markAbsent(window: Window, seen: ReadonlySet<string>): void {
    const from = (window.from - this.hour) / SECOND;
    const to = (window.to - this.hour) / SECOND;
    const counts = (flags: number) =>
      (flags & ABSENT) === 0 && (flags & SECONDS) >= from && (flags & SECONDS) < to;
    // Found first and set then: setting may fold the changes into the bytes.
    const gone: [string, SentEntry][] = [];
    for (let at = MAGIC.length; at < this.#stored.length; at += ENTRY) {
      if (!counts(this.#stored.readUInt16BE(at + 16))) continue;
      const id = this.#stored.toString('hex', at, at + 8);
      if (!seen.has(id) && !this.#changes.has(id)) gone.push([id, this.#entryAt(at)]);
    }
    for (const [id, entry] of this.#changes)
      if (counts(flagsOf(entry)) && !seen.has(id)) gone.push([id, entry]);
    for (const [id, entry] of gone) this.set(id, { ...entry, absent: true });
  }

  /** Takes in what another writer stored meanwhile. Where two contents differ, neither is sure. */
  merge(other: SentList): SentList {
    const merged = new SentList(this.hour, other.#stored);
    merged.#storedUnknown = other.#storedUnknown;
    for (const [id, mine] of this.entries()) {
      const theirs = merged.get(id);
      const newer = theirs && isNewer(theirs, mine) ? theirs : mine;
      const differs = theirs !== undefined && theirs.content !== mine.content;
      merged.set(id, { ...newer, unknown: differs || mine.unknown || (theirs?.unknown ?? false) });
    }
    return merged;
  }

  encode(): Uint8Array {
    return this.#encoded();
  }

  #encoded(): Buffer {
    const changes = [...this.#changes].sort(([a], [b]) => (a < b ? -1 : 1));
    const added = changes.filter(([id]) => this.#find(id) < 0).length;
    const bytes = Buffer.alloc(this.#stored.length + added * ENTRY);
    MAGIC.copy(bytes);
    let from = MAGIC.length;
    let to = MAGIC.length;
    /** How the entry at `from` stands to an id: below it, at it, or above. Without an id all are below. */
    const order = (id: Buffer | undefined) => (id ? this.#stored.compare(id, 0, 8, from, from + 8) : -1);
    const copyBelow = (id: Buffer | undefined) => {
      while (from < this.#stored.length && order(id) < 0) {
        this.#stored.copy(bytes, to, from, from + ENTRY);
        if (this.#storedUnknown) bytes.writeUInt16BE(bytes.readUInt16BE(to + 16) | UNKNOWN, to + 16);
        from += ENTRY;
        to += ENTRY;
      }
    };
    for (const [id, entry] of changes) {
      const key = Buffer.from(id, 'hex');
      copyBelow(key);
      if (from < this.#stored.length && order(key) === 0) from += ENTRY;
      writeEntry(bytes, to, id, entry);
      to += ENTRY;
    }
    copyBelow(undefined);
    return bytes;
  }
}
