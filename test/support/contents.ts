import { parseRawKey, RAW } from '../../shared/contract/bucket-layout.ts';
import type { CallEvent } from '../../shared/contract/call-event.ts';
import type { IndexedCall } from '../../shared/contract/indexed-call.ts';
import { unzipLines } from '../../shared/contract/pack-message.ts';
import { readContent, type VolatilePaths } from '../../shared/core/content-hash.ts';
import { recordKey } from '../../shared/core/record-key.ts';
import type { EpochMs } from '../../shared/core/time.ts';
import type { Window } from '../../shared/core/window.ts';
import type { World } from '../../local/fake-smartflo/world.ts';

/** Key and content hash of every record, as one place has it. */
export type Contents = ReadonlyMap<string, string>;

/** What one place has otherwise than the source. */
export interface Difference {
  readonly missing: string[];
  readonly stale: string[];
  readonly extra: string[];
}

export const NO_DIFFERENCE: Difference = { missing: [], stale: [], extra: [] };

export const compare = (truth: Contents, place: Contents): Difference => ({
  missing: [...truth.keys()].filter((key) => !place.has(key)),
  stale: [...truth].filter(([key, hash]) => place.has(key) && place.get(key) !== hash).map(([key]) => key),
  extra: [...place.keys()].filter((key) => !truth.has(key)),
});

/** What the source has of calls that started in a window. Records without an id of their own go by content. */
export const contentsAt = (world: World, at: EpochMs, window: Window, volatile: VolatilePaths): Contents =>
  new Map(
    [...world.truth(at, window)].map(({ raw }) => {
      const content = readContent(raw, volatile);
      return [recordKey(content, { trustIds: true }), content.hash];
    }),
  );

/** The newest content of each record in the archive, read back and unpacked. */
export const archivedContents = (
  objects: ReadonlyMap<string, Uint8Array>,
  volatile: VolatilePaths,
): Contents => {
  const newest = new Map<string, { stamp: string; hash: string }>();
  for (const [key, body] of objects) {
    if (!key.startsWith(RAW)) continue;
    const name = parseRawKey(key);
    if (!name) throw new Error(`${key} is no archive object`);
    for (const line of unzipLines(body)) {
      const content = readContent(line, volatile);
      const record = recordKey(content, { trustIds: name.keyedBy === 'id' });
      if ((newest.get(record)?.stamp ?? '') <= name.stamp)
        newest.set(record, { stamp: name.stamp, hash: content.hash });
    }
  }
  return new Map([...newest].map(([key, { hash }]) => [key, hash]));
};

export const indexedContents = (calls: ReadonlyMap<string, IndexedCall>): Contents =>
  new Map([...calls.values()].map(({ key, hash }) => [key, hash]));

/** The newest event of each record, as a consumer keeps it that drops what is not newer. */
export const newestEvents = (events: readonly CallEvent[]): ReadonlyMap<string, CallEvent['detail']> => {
  const newest = new Map<string, CallEvent['detail']>();
  for (const { detail } of events) {
    if ((newest.get(detail.id)?.revision ?? '') < detail.revision) newest.set(detail.id, detail);
  }
  return newest;
};

/** Records of the index whose newest revision the bus did not get. */
export const unpublished = (
  calls: ReadonlyMap<string, IndexedCall>,
  events: readonly CallEvent[],
): string[] => {
  const published = newestEvents(events);
  return [...calls.values()]
    .filter(({ key, madeBy }) => published.get(key)?.revision !== madeBy)
    .map(({ key }) => key);
};
