import {
  encodeSlice,
  type SliceRecord,
  type SourceSlice,
  sliceKey,
} from '../../shared/contract/source-slice.ts';
import type { FilterTime } from '../../shared/core/account-state.ts';
import { placeIn } from '../../shared/core/page-trust.ts';
import { PROOF_AGE } from '../../shared/core/policy.ts';
import { recordKey } from '../../shared/core/record-key.ts';
import type { EpochMs } from '../../shared/core/time.ts';
import { contains, type Window } from '../../shared/core/window.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import type { WindowReading } from './read-window.ts';

/**
 * Keeps what full reads of old enough windows showed: the source's side of the proof of a day. Such reads happen
 * anyway, for edits, so a proof costs the source nothing more.
 */
export class Evidence {
  readonly #account: string;
  readonly #objects: ObjectStore;

  constructor(account: string, objects: ObjectStore) {
    this.#account = account;
    this.#objects = objects;
  }

  /** Rejects when the store could not be asked: the window must not be covered then, or its day could not be proven. */
  async keep(
    window: Window,
    { pages, count, repeated }: WindowReading,
    { missing, readAt, filterOn }: { missing: number; readAt: EpochMs; filterOn: FilterTime },
  ): Promise<void> {
    const stamp = pages[0]?.stamp;
    if (window.to + PROOF_AGE > readAt || stamp === undefined) return;
    const records = new Map<string, SliceRecord>();
    for (const { sightings } of pages)
      for (const sighting of sightings) {
        const at = placeIn(sighting, filterOn, window);
        if (!contains(window, at)) continue;
        const key = repeated.has(sighting.key)
          ? recordKey(sighting.content, { trustIds: false })
          : sighting.key;
        records.set(key, { key, content: sighting.content.hash.slice(0, 16), at, dt: sighting.dt });
      }
    const slice: SourceSlice = {
      account: this.#account,
      ...window,
      stamp,
      readAt,
      filterOn,
      count,
      missing,
      records: [...records.values()],
    };
    await this.#objects.create(sliceKey(slice), encodeSlice(slice));
  }
}
