import { detached } from '../../shared/core/detached.ts';
import { DIFFERENCE_KINDS, type DifferenceKind } from '../../shared/contract/day-proof.ts';
import type { IndexedCall } from '../../shared/contract/indexed-call.ts';
import type { SliceRecord } from '../../shared/contract/source-slice.ts';
import { compileVolatilePaths } from '../../shared/core/content-hash.ts';
import {
  addFingerprint,
  compareSides,
  fingerprintText,
  isLater,
  keyHash,
} from '../../shared/core/proof-entries.ts';
import { parseStamp, type Stamp } from '../../shared/core/stamp.ts';
import type { IndexedPlace } from '../../shared/ports/call-index.ts';
import { readDay, readPacks } from '../../shared/steps/archive-reader.ts';
import { type ArchivedRecord, recordsOf } from './archived-records.ts';
import { bucketsOf, EntryReader } from './entry-files.ts';
import { nameOf, type Proving, runOf } from './gather.ts';
import { quarantinedOf } from './quarantined.ts';
import { shownSlices } from './source-reads.ts';

const KEYS_AT_ONCE = 100;

/** Hashes of a kind that are looked into at once: a day of which all is amiss must fit into memory too. */
const MOST_LOOKED_INTO = 20_000;

/** A record that the archive holds, and the index does not as it should. Where its text lies is told, not the text. */
export interface Unindexed extends Omit<ArchivedRecord, 'raw'> {
  readonly object: string;
  readonly stamp: Stamp;
  readonly keyedBy: 'id' | 'content';
  /** What the index has under its key. */
  readonly present: IndexedCall | undefined;
}

/** What a proof found, confirmed by key. */
export interface Findings {
  readonly sides: Record<'source' | 'archive' | 'index', { records: number; fingerprint: string }>;
  readonly quarantined: number;
  readonly moved: number;
  readonly vanished: { readonly count: number; readonly keys: readonly string[] };
  readonly counts: Readonly<Record<DifferenceKind, number>>;
  /** Those that were looked into; beyond them a kind is counted as the comparison found it. */
  readonly keys: Readonly<Record<DifferenceKind, readonly string[]>>;
  /** Of `missing` and `stale`, where the source shows them. */
  readonly ask: readonly SliceRecord[];
  /** Of `unindexed` and `misindexed`, what the archive has of them. */
  readonly resend: readonly Unindexed[];
}

const KINDS = [...DIFFERENCE_KINDS, 'vanished'] as const;
type Kind = (typeof KINDS)[number];
type Candidates = Readonly<Record<Kind, string[]>>;

/**
 * Compares what was gathered, and then asks again for whatever seemed to differ: it may be elsewhere, or newer.
 *
 * Of each kind so many are looked into at once. Where one of them is confirmed the day differs, and the rest is counted
 * unseen; where none is, the next ones are looked into.
 */
export const findDifferences = async (proving: Proving): Promise<Findings> => {
  const missing: SliceRecord[] = [];
  const stale: SliceRecord[] = [];
  const unindexed: Unindexed[] = [];
  const misindexed: Unindexed[] = [];
  const extra: string[] = [];
  const confirmed = { missing, stale, unindexed, misindexed, extra };
  const lookedInto: Record<DifferenceKind, number> = {
    missing: 0,
    stale: 0,
    unindexed: 0,
    misindexed: 0,
    extra: 0,
  };
  let [moved, quarantined] = [0, runOf(proving).unreadable];
  const vanished: string[] = [];
  for (let open: ReadonlySet<Kind> = new Set(KINDS), from = 0; ; from += MOST_LOOKED_INTO) {
    const { candidates, totals, sides } = await compareBuckets(proving, open, from);
    const asked = await confirmSource(proving, candidates);
    const indexed = await confirmIndex(proving, candidates);
    missing.push(...asked.missing);
    stale.push(...asked.stale);
    unindexed.push(...indexed.unindexed);
    misindexed.push(...indexed.misindexed);
    extra.push(...(await confirmExtra(proving, candidates.extra)));
    vanished.push(...indexed.vanished);
    moved += asked.moved;
    quarantined += indexed.aside;
    for (const kind of DIFFERENCE_KINDS) lookedInto[kind] += candidates[kind].length;
    open = new Set(
      DIFFERENCE_KINDS.filter((kind) => confirmed[kind].length === 0 && lookedInto[kind] < totals[kind]),
    );
    if (open.size > 0) continue;
    const countOf = (kind: DifferenceKind) =>
      confirmed[kind].length === 0 ? 0 : confirmed[kind].length + totals[kind] - lookedInto[kind];
    const keysOf = (records: readonly { readonly key: string }[]) => records.map(({ key }) => key);
    return {
      sides,
      quarantined,
      moved,
      vanished: { count: totals.vanished, keys: vanished },
      counts: {
        missing: countOf('missing'),
        stale: countOf('stale'),
        unindexed: countOf('unindexed'),
        misindexed: countOf('misindexed'),
        extra: countOf('extra'),
      },
      keys: {
        missing: keysOf(missing),
        stale: keysOf(stale),
        unindexed: keysOf(unindexed),
        misindexed: keysOf(misindexed),
        extra,
      },
      ask: [...missing, ...stale],
      resend: [...unindexed, ...misindexed],
    };
  }
};

/** @param from of each kind that is open, so many are left out, and those behind them kept: they were looked into. */
const compareBuckets = async (proving: Proving, open: ReadonlySet<Kind>, from: number) => {
  const { objects } = proving.ports;
  const { chunks } = runOf(proving);
  const buckets = bucketsOf(chunks);
  const candidates: Candidates = {
    missing: [],
    stale: [],
    unindexed: [],
    misindexed: [],
    extra: [],
    vanished: [],
  };
  const totals = { missing: 0, stale: 0, unindexed: 0, misindexed: 0, extra: 0, vanished: 0 };
  const sums = {
    source: { records: 0, fingerprint: 0n },
    archive: { records: 0, fingerprint: 0n },
    index: { records: 0, fingerprint: 0n },
  };
  const reader = (side: keyof typeof chunks) => new EntryReader(objects, nameOf(proving), side, chunks[side]);
  const readers = { source: reader('source'), archive: reader('archive'), index: reader('index') };
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const found = compareSides({
      source: await readers.source.read(bucket, buckets),
      archive: await readers.archive.read(bucket, buckets),
      index: await readers.index.read(bucket, buckets),
    });
    for (const kind of KINDS) {
      const skipped = Math.max(0, from - totals[kind]);
      const room = MOST_LOOKED_INTO - candidates[kind].length;
      if (open.has(kind)) candidates[kind].push(...found[kind].slice(skipped, skipped + room));
      totals[kind] += found[kind].length;
    }
    for (const side of ['source', 'archive', 'index'] as const) {
      sums[side].records += found[side].records;
      sums[side].fingerprint = addFingerprint(sums[side].fingerprint, found[side].fingerprint);
    }
  }
  const text = ({ records, fingerprint }: { records: number; fingerprint: bigint }) => ({
    records,
    fingerprint: fingerprintText(fingerprint),
  });
  return {
    candidates,
    totals,
    sides: { source: text(sums.source), archive: text(sums.archive), index: text(sums.index) },
  };
};

const inPieces = async <T>(
  all: readonly T[],
  work: (piece: readonly T[]) => Promise<void>,
): Promise<void> => {
  for (let at = 0; at < all.length; at += KEYS_AT_ONCE) await work(all.slice(at, at + KEYS_AT_ONCE));
};

const detachedRecord = ({ key, content, ...rest }: SliceRecord): SliceRecord => ({
  key: detached(key),
  content: detached(content),
  ...rest,
});

/** What the source shows and this day of the archive lacks may lie under another date, the one of its first sight. */
const confirmSource = async ({ ports, reads, dt, account }: Proving, candidates: Candidates) => {
  const wanted = new Map<string, 'missing' | 'stale'>([
    ...candidates.missing.map((key) => [key, 'missing'] as const),
    ...candidates.stale.map((key) => [key, 'stale'] as const),
  ]);
  const shown = new Map<string, SliceRecord>();
  if (wanted.size > 0)
    for await (const { records } of shownSlices(ports.objects, reads, dt))
      for (const record of records)
        if (wanted.has(keyHash(record.key))) shown.set(detached(record.key), detachedRecord(record));
  const found = { missing: [] as SliceRecord[], stale: [] as SliceRecord[], moved: 0 };
  const kindOf = (key: string) => wanted.get(keyHash(key)) ?? 'missing';
  await inPieces([...shown.values()], async (piece) => {
    const calls = await ports.index.load(
      account.name,
      piece.map(({ key }) => key),
    );
    const elsewhere = piece.flatMap(({ key, content }) => {
      const call = calls.get(key);
      return kindOf(key) === 'missing' && call !== undefined && call.dt !== dt ? [{ ...call, content }] : [];
    });
    const there = await lyingThere(ports, account.volatilePaths, elsewhere);
    for (const record of piece) {
      if (there.has(record.key)) found.moved += 1;
      else found[kindOf(record.key)].push(record);
    }
  });
  return found;
};

/** The keys of those that the archive holds where the index points, with the content that is given. */
const lyingThere = async (
  { objects }: Proving['ports'],
  volatilePaths: readonly string[],
  pointed: readonly (Pick<IndexedPlace, 'key' | 'object' | 'line'> & { readonly content?: string })[],
): Promise<ReadonlySet<string>> => {
  const volatile = compileVolatilePaths(volatilePaths);
  const byObject = Map.groupBy(pointed, ({ object }) => object);
  const there = new Set<string>();
  for await (const pack of readPacks(objects, byObject.keys())) {
    const places = new Map(byObject.get(pack.object)?.map((call) => [`${call.line} ${call.key}`, call]));
    for (const record of recordsOf(pack, volatile)) {
      const call = record && places.get(`${record.line} ${record.key}`);
      if (call && (call.content === undefined || call.content === record.entry.content)) there.add(call.key);
    }
  }
  return there;
};

/** Reads the day's archive again for the records that the index seems not to have as they are there. */
const confirmIndex = async (proving: Proving, candidates: Candidates) => {
  const { ports, account, dt } = proving;
  const wanted = new Map<string, 'unindexed' | 'misindexed' | 'vanished'>([
    ...candidates.vanished.map((key) => [key, 'vanished'] as const),
    ...candidates.unindexed.map((key) => [key, 'unindexed'] as const),
    ...candidates.misindexed.map((key) => [key, 'misindexed'] as const),
  ]);
  const gone = new Set(candidates.vanished);
  const vanished = new Set<string>();
  /** Of each record, the first observation of its newest content: the revision that the index should show. */
  const newest = new Map<string, Unindexed>();
  if (wanted.size > 0) {
    const volatile = compileVolatilePaths(account.volatilePaths);
    for await (const pack of readDay(ports.objects, account.name, dt))
      for (const record of recordsOf(pack, volatile)) {
        if (!record) continue;
        const kind = wanted.get(record.entry.key);
        if (gone.has(record.entry.key)) vanished.add(record.key);
        if (kind === undefined || kind === 'vanished') continue;
        const known = newest.get(record.key);
        if (known && (known.entry.content === record.entry.content || !isLater(record.entry, known.entry)))
          continue;
        const { raw: _, ...place } = record;
        newest.set(record.key, {
          ...place,
          object: pack.object,
          stamp: pack.stamp,
          keyedBy: pack.keyedBy,
          present: undefined,
        });
      }
  }
  const found = { unindexed: [] as Unindexed[], misindexed: [] as Unindexed[] };
  const quarantined =
    newest.size === 0 ? new Set<string>() : await quarantinedOf(ports.objects, account.name, dt, newest);
  let aside = 0;
  await inPieces([...newest.values()], async (piece) => {
    const calls = await ports.index.load(
      account.name,
      piece.map(({ key }) => key),
    );
    for (const record of piece) {
      const present = calls.get(record.key);
      if (present?.hash.slice(0, 16) === record.entry.content) continue;
      if (quarantined.has(record.key)) aside += 1;
      else found[present ? 'misindexed' : 'unindexed'].push({ ...record, present });
    }
  });
  return { ...found, vanished: [...vanished], aside };
};

/** What the index has and the archive lacked when it was read may have come since. */
const confirmExtra = async (proving: Proving, hashes: readonly string[]): Promise<string[]> => {
  if (hashes.length === 0) return [];
  const { ports, account, dt } = proving;
  const wanted = new Set(hashes);
  const extra = new Set<string>();
  const statuses = [...new Set(['answered', 'missed', 'unknown', ...runOf(proving).statuses])];
  for await (const { calls } of ports.dayIndex.pages(account.name, dt, statuses, undefined)) {
    const asked = calls.filter(({ key }) => wanted.has(keyHash(key)));
    const there = await lyingThere(ports, account.volatilePaths, asked);
    for (const { key } of asked) if (!there.has(key)) extra.add(key);
  }
  if (extra.size === 0) return [];
  // The secondary index lags: only what the table itself still holds is there.
  const there: string[] = [];
  await inPieces([...extra], async (piece) => {
    const calls = await ports.index.load(account.name, piece);
    there.push(...piece.filter((key) => calls.get(key)?.dt === dt));
  });
  return there;
};

/** Whether a stamp is later than what the index has seen of a record. */
export const isNewerThanIndex = ({ stamp, present }: Unindexed): boolean =>
  present === undefined ||
  (parseStamp(stamp) !== undefined && stamp.slice(0, 13) > present.seen.slice(0, 13));
