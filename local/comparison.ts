import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { createInterface } from 'node:readline';
import { count, counted } from '../cli/figures.ts';
import { parseRawKey, QUARANTINE, RAW } from '../shared/contract/bucket-layout.ts';
import { unzipLines } from '../shared/contract/pack-message.ts';
import { QuarantineNote } from '../shared/contract/quarantine.ts';
import { compileVolatilePaths, readContent } from '../shared/core/content-hash.ts';
import { recordKey } from '../shared/core/record-key.ts';
import { parseStamp, type Stamp } from '../shared/core/stamp.ts';
import type { EpochMs } from '../shared/core/time.ts';
import type { CallIndex } from '../shared/ports/call-index.ts';

/** What archive, index and bus hold of the same calls, and whether they agree. */
export interface Comparison {
  /** `everything`, or the IST date that was compared. */
  readonly of: string;
  readonly archive: { readonly objects: number; readonly lines: number; readonly records: number };
  /** Of the archived records, how many the index has at the archive's newest content. */
  readonly index: { readonly records: number };
  /** Of the indexed records, how many have an event of their current revision. */
  readonly events: { readonly records: number };
  /** Lines archived since `since`, to hold against what the poller says it sent. */
  readonly arrived: number;
  /** Things put aside since `since`. */
  readonly quarantined: number;
  readonly agrees: boolean;
  /** The same in words. */
  readonly verdict: string;
}

export interface ComparisonParts {
  /** The data folder. */
  readonly root: string;
  readonly index: Pick<CallIndex, 'load'>;
  readonly volatilePaths: readonly string[];
  /** Calls that started before it are not published. UTC epoch ms. */
  readonly eventsFrom: EpochMs;
  /** Start of this run. */
  readonly since: EpochMs;
}

/** The newest sight of one record in the archive. */
interface Newest {
  readonly stamp: Stamp;
  readonly hash: string;
}

/** Keys asked of the index at once. */
const LOADED_AT_ONCE = 100;

/**
 * Reads the archive back and holds it against the index and the bus, record by record.
 *
 * @param dt one IST date, or undefined for all of them
 * @param sent records that the poller of this run says it sent; they must all have arrived
 */
export const compare = async (
  parts: ComparisonParts,
  dt: string | undefined,
  sent = 0,
): Promise<Comparison> => {
  const archive = await readArchive(parts, dt);
  const published = await readPublished(parts.root, dt);
  let indexed = 0;
  let announced = 0;
  let wanted = 0;
  for (const [account, records] of archive.accounts) {
    const keys = [...records.keys()];
    for (let at = 0; at < keys.length; at += LOADED_AT_ONCE) {
      const found = await parts.index.load(account, keys.slice(at, at + LOADED_AT_ONCE));
      for (const [key, call] of found) {
        const newest = records.get(key);
        if (newest?.stamp === call.seen && newest.hash === call.hash) indexed += 1;
        if ((call.summary.startAt ?? parts.eventsFrom) < parts.eventsFrom) continue;
        wanted += 1;
        if (published.has(`${account}/${key}/${call.madeBy}`)) announced += 1;
      }
    }
  }
  const records = [...archive.accounts.values()].reduce((sum, { size }) => sum + size, 0);
  const quarantined = await countQuarantined(parts.root, parts.since);
  const differences = [
    ...(indexed < records
      ? [`${count(records - indexed)} of ${count(records)} archived records are not in the index as archived`]
      : []),
    ...(announced < wanted
      ? [`${count(wanted - announced)} of ${count(wanted)} indexed records have no event of their revision`]
      : []),
    ...(archive.arrived + quarantined < sent
      ? [
          `${count(sent - archive.arrived - quarantined)} of ${count(sent)} sent records are not in the archive`,
        ]
      : []),
    ...(quarantined > 0 ? [`${count(quarantined)} are in quarantine`] : []),
  ];
  return {
    of: dt ?? 'everything',
    archive: { objects: archive.objects, lines: archive.lines, records },
    index: { records: indexed },
    events: { records: announced },
    arrived: archive.arrived,
    quarantined,
    agrees: differences.length === 0,
    verdict:
      differences.length === 0
        ? `archive, index and bus agree on ${counted(records, 'record')}`
        : differences.join('; '),
  };
};

const readArchive = async ({ root, volatilePaths, since }: ComparisonParts, dt: string | undefined) => {
  const volatile = compileVolatilePaths(volatilePaths);
  const accounts = new Map<string, Map<string, Newest>>();
  let objects = 0;
  let lines = 0;
  let arrived = 0;
  for (const file of await filesUnder(join(root, RAW))) {
    const place = parseRawKey(relative(root, file).split(sep).join('/'));
    if (!place || (dt !== undefined && place.dt !== dt)) continue;
    const records = accounts.get(place.account) ?? new Map<string, Newest>();
    accounts.set(place.account, records);
    const raws = unzipLines(await readFile(file));
    for (const raw of raws) {
      const content = readContent(raw, volatile);
      const key = recordKey(content, { trustIds: place.keyedBy === 'id' });
      const known = records.get(key);
      if (!known || known.stamp < place.stamp) records.set(key, { stamp: place.stamp, hash: content.hash });
    }
    objects += 1;
    lines += raws.length;
    // A stamp is kept to the second.
    if ((parseStamp(place.stamp)?.sentAt ?? 0) >= Math.floor(since / 1000) * 1000) arrived += raws.length;
  }
  return { accounts, objects, lines, arrived };
};

const DEDUPE_KEY = /"dedupeKey":"((?:[^"\\]|\\.)*)"/;

/** The dedupe keys on the bus; for one date, of the files from that date on: no event comes before its call. */
const readPublished = async (root: string, dt: string | undefined): Promise<Set<string>> => {
  const keys = new Set<string>();
  for (const file of await filesUnder(join(root, 'events'))) {
    if (dt !== undefined && file < join(root, 'events', dt)) continue;
    for await (const line of createInterface({ input: createReadStream(file) })) {
      const key = DEDUPE_KEY.exec(line)?.[1];
      if (key !== undefined) keys.add(JSON.parse(`"${key}"`));
    }
  }
  return keys;
};

/** Things put aside since then, by their notes. */
export const countQuarantined = async (root: string, since: EpochMs): Promise<number> => {
  const notes = (await filesUnder(join(root, QUARANTINE))).filter((file) => file.endsWith('.json'));
  let count = 0;
  for (const file of notes) {
    const note = QuarantineNote.safeParse(JSON.parse(await readFile(file, 'utf8')));
    if (!note.success || Date.parse(note.data.quarantinedAt) >= since) count += 1;
  }
  return count;
};

const filesUnder = async (folder: string): Promise<string[]> => {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch {
    // Nothing has been written there yet.
    return [];
  }
};
