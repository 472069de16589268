import { parseRawKey, RAW } from '../contract/bucket-layout.ts';
import { splitLines, unzip } from '../contract/pack-message.ts';
import type { Stamp } from '../core/stamp.ts';
import type { ObjectStore, StoredObject } from '../ports/object-store.ts';

/** One object of the archive, read back: what one pack held. */
export interface ArchivedPack {
  readonly object: string;
  readonly account: string;
  readonly dt: string;
  readonly stamp: Stamp;
  readonly keyedBy: 'id' | 'content';
  /** One raw record each, one char a byte. */
  readonly lines: readonly string[];
}

/** The same with its bytes, for who takes one line after the other: `lines` are cut when they are asked for. */
export interface ReadPack extends ArchivedPack {
  readonly ndjson: Buffer;
}

/** An object of the archive that does not unpack: it was not written by this system, or the store has damaged it. */
export class ArchiveUnreadable extends Error {
  override readonly name = 'ArchiveUnreadable';
  readonly object: string;
  constructor(object: string, cause: unknown) {
    super(`the archive object ${object} does not unpack`, { cause });
    this.object = object;
  }
}

/** Objects read ahead of the one that is worked on: the store answers in tens of milliseconds. */
const AHEAD = 16;

export const dayPrefix = (account: string, dt: string): string => `${RAW}account=${account}/dt=${dt}/`;

/** Runs `work` over items with some in flight, and yields what came of each, in order. */
export async function* inOrder<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  ahead: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const flying: Promise<R>[] = [];
  for await (const item of items) {
    const promise = work(item);
    // Its rejection is thrown where it is awaited, in its turn.
    promise.catch(() => {});
    flying.push(promise);
    if (flying.length > ahead) yield await (flying.shift() as Promise<R>);
  }
  for (const promise of flying) yield await promise;
}

/** Undefined where nothing is stored, or under a name that is no pack's. */
const unpack = (object: string, stored: StoredObject | undefined): ReadPack | undefined => {
  const place = parseRawKey(object);
  if (!place || !stored) return undefined;
  const { account, dt, stamp, keyedBy } = place;
  try {
    const ndjson = unzip(stored.body);
    return {
      object,
      account,
      dt,
      stamp,
      keyedBy,
      ndjson,
      get lines() {
        return splitLines(ndjson);
      },
    };
  } catch (cause) {
    throw new ArchiveUnreadable(object, cause);
  }
};

/** Reads one object of the archive; undefined where it is none, or is not there. */
export const readPack = async (
  objects: Pick<ObjectStore, 'read'>,
  object: string,
): Promise<ReadPack | undefined> =>
  parseRawKey(object) ? unpack(object, await objects.read(object)) : undefined;

/**
 * One account's day as the archive holds it, pack by pack in the order of their stamps.
 * @param dt an IST date, or `unknown`
 * @param after objects up to and including this one are left out
 * @throws {ArchiveUnreadable}
 */
export const readDay = (
  objects: Pick<ObjectStore, 'read' | 'list'>,
  account: string,
  dt: string,
  after?: string,
): AsyncGenerator<ReadPack> => readPacks(objects, objects.list(dayPrefix(account, dt), after));

/**
 * Reads objects of the archive in their order, and leaves out what is none, or is not there. What is read ahead stays
 * packed until its turn: memory holds one pack of a megabyte, and a few of tens of kilobytes.
 * @throws {ArchiveUnreadable}
 */
export async function* readPacks(
  objects: Pick<ObjectStore, 'read'>,
  keys: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<ReadPack> {
  const stored = inOrder(keys, AHEAD, async (object) => ({
    object,
    stored: parseRawKey(object) ? await objects.read(object) : undefined,
  }));
  for await (const { object, stored: packed } of stored) {
    const pack = unpack(object, packed);
    if (pack) yield pack;
  }
}
