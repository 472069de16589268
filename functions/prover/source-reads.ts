import {
  decodeSlice,
  parseSliceKey,
  type SliceRecord,
  slicePrefixes,
} from '../../shared/contract/source-slice.ts';
import type { FilterTime } from '../../shared/core/account-state.ts';
import { UNKNOWN_DATE } from '../../shared/core/call-date.ts';
import { type ChosenRead, chooseReads, dayWindow, type ReadOf } from '../../shared/core/proof-rounds.ts';
import type { EpochMs, Ms } from '../../shared/core/time.ts';
import { contains, type Window } from '../../shared/core/window.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { inOrder } from '../../shared/steps/archive-reader.ts';

interface SliceName extends ReadOf {
  readonly key: string;
}

/** What old enough full reads showed of one day. */
export interface SourceReads {
  readonly chosen: readonly ChosenRead<SliceName>[];
  /** Parts of the day that no such read holds. */
  readonly unread: readonly Window[];
  /** The newest stamp among them. */
  readonly newest: string;
  readonly readAts: readonly EpochMs[];
}

/** Slices read ahead of the one that is worked on; they stay packed until their turn. */
const AHEAD = 4;

/**
 * The span of call time in which the source shows a day's calls: a source that filters by end or insert time shows
 * those that began before midnight after it.
 */
const spanOf = (dt: string, filterOn: FilterTime, longestCall: Ms): Window => {
  const day = dayWindow(dt);
  return filterOn === 'start' ? day : { from: day.from, to: day.to + longestCall };
};

/** @param until the newest stamp that counts, so that a proof that goes on rests on what it began with */
export const findReads = async (
  { objects }: { objects: Pick<ObjectStore, 'list'> },
  day: { account: string; dt: string; filterOn: FilterTime; longestCall: Ms },
  until: string | undefined,
): Promise<SourceReads> => {
  const span = spanOf(day.dt, day.filterOn, day.longestCall);
  const reads: SliceName[] = [];
  for (const prefix of slicePrefixes(day.account, span))
    for await (const key of objects.list(prefix)) {
      const name = parseSliceKey(key);
      if (name && (until === undefined || name.stamp <= until)) reads.push(name);
    }
  const { chosen, unread } = chooseReads(reads, span);
  const newest = chosen.reduce((most, { read }) => (read.stamp > most ? read.stamp : most), '');
  return { chosen, unread, newest, readAts: chosen.map(({ read }) => read.readAt) };
};

/** What one chosen read shows of the day. */
export interface ShownSlice {
  readonly stamp: string;
  readonly records: readonly SliceRecord[];
  /** Records that the source counted in its window and did not show. */
  readonly unshown: number;
}

/** The chosen reads, one after the other; a window of which two parts were chosen comes twice. */
export async function* shownSlices(
  objects: Pick<ObjectStore, 'read'>,
  { chosen }: Pick<SourceReads, 'chosen'>,
  dt: string,
): AsyncGenerator<ShownSlice> {
  const slices = inOrder(chosen, AHEAD, async ({ read, part }) => {
    const stored = await objects.read(read.key);
    if (!stored) throw new Error(`the slice ${read.key} is not there any more`);
    return { stored: stored.body, part };
  });
  const counted = new Set<string>();
  for await (const { stored, part } of slices) {
    const slice = decodeSlice(stored);
    const name = `${slice.from} ${slice.stamp}`;
    const unshown = counted.has(name) ? 0 : slice.missing;
    counted.add(name);
    const records = slice.records.filter(
      (record) => contains(part, record.at) && (record.dt === dt || record.dt === UNKNOWN_DATE),
    );
    yield { stamp: slice.stamp, records, unshown };
  }
}
