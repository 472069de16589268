import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Cut } from '../../functions/compactor/compact-day.ts';
import {
  CURATED_FILES,
  CURATED_LISTS,
  CURATED_PIECES,
  CURATED_SIGHTS,
  MASKED_LISTS,
  RAW,
  rawKey,
} from '../../shared/contract/bucket-layout.ts';
import { formatStamp } from '../../shared/core/stamp.ts';
import { MINUTE, type Ms, parseIstDate, SECOND } from '../../shared/core/time.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { CompactedArchive } from '../support/compacted.ts';

const RUN = '2026-03-14 02:00:00';
const DATE = '2026-03-10';
const EARLIER = '2026-03-09';

/** Every raw object is a piece of its own. */
const PIECES: Cut = { objects: 1, lines: 1, kilobytes: 1_000 };

const call = (id: string, notes = '', date = DATE) => ({ id, date, client_number: '910000099999', notes });

/** A day of so many pieces; the last one has an edit of the first record too. */
const dayOf = (pieces: number, date = DATE): CompactedArchive => {
  const archive = new CompactedArchive();
  archive.cut = PIECES;
  addDay(archive, pieces, date);
  return archive;
};

const addDay = (archive: CompactedArchive, pieces: number, date: string): void => {
  for (let piece = 1; piece < pieces; piece++) archive.folder.add([call(`r${piece}`, 'first', date)]);
  archive.folder.add([call(`r${pieces}`, 'first', date), call('r1', 'second', date)]);
};

const comesLate = (archive: CompactedArchive, records: readonly object[]): void => {
  archive.folder.add(records, { at: '2026-03-14 01:40:00' });
  archive.store.objects.set(`late/2026-03-14T01/account=main/dt=${DATE}`, new Uint8Array());
};

/** A bucket that takes so much of the run's time for every file of finished days: a piece has two. */
const slow = (archive: CompactedArchive, each: number): ObjectStore => ({
  ...archive.store,
  async createFrom(key, source) {
    archive.timeLeft -= each;
    return archive.store.createFrom(key, source);
  },
});

/** The records of all live files with their contents, as curated and as masked ones. */
const told = async (archive: CompactedArchive): Promise<string> => {
  const of = (rows: readonly { readonly key: string; readonly revisions: number }[]) =>
    rows
      .map(({ key, revisions }) => `${key}x${revisions}`)
      .sort()
      .join(' ');
  const curated = of(await archive.liveRows());
  expect(of(await archive.liveMaskedRows())).toBe(curated);
  return curated;
};

const goesOn = ({ telemetry }: CompactedArchive) =>
  telemetry.lines.flatMap(({ message, facts }) =>
    message === 'day goes on in the next run' ? [facts?.pieces] : [],
  );

test('what a run has no time for the next one makes, and it makes nothing twice', async () => {
  const archive = dayOf(5);
  archive.timeLeft = 5.5 * MINUTE;
  expect(await archive.run(RUN, slow(archive, MINUTE))).toEqual({
    days: 0,
    records: 0,
    owed: 1,
    rawFrom: DATE,
  });
  // Of files that are there nobody knows before the day is whole.
  expect([archive.keys(CURATED_LISTS), archive.keys(MASKED_LISTS)]).toEqual([[], []]);
  expect(goesOn(archive)).toEqual(['4 of 5']);
  const half = archive.keys(CURATED_FILES);
  expect(half).toHaveLength(3); // the first piece has no row: the newest line of its record is in the last one

  archive.timeLeft = 5.5 * MINUTE;
  expect(await archive.run(RUN, slow(archive, MINUTE))).toMatchObject({
    days: 1,
    records: 5,
    owed: 0,
    rawFrom: '2026-03-11',
  });
  expect(archive.timeLeft).toBe(3.5 * MINUTE);
  expect(await told(archive)).toBe('r1x2 r2x1 r3x1 r4x1 r5x1');
  expect(archive.keys(CURATED_FILES)).toEqual(expect.arrayContaining(half));
  expect(archive.live()).toHaveLength(4);
});

test('a piece whose time was thought to suffice and does not is given up, and no failure', async () => {
  const archive = new CompactedArchive();
  archive.folder.add([call('a')]).add([call('b')]);
  const store: ObjectStore = {
    ...archive.store,
    async read(key) {
      if (key.startsWith(RAW)) archive.timeLeft -= 40 * SECOND;
      return archive.store.read(key);
    },
  };
  for (const timeLeft of [100 * SECOND, 61 * SECOND]) {
    archive.timeLeft = timeLeft;
    expect(await archive.run(RUN, store)).toMatchObject({ days: 0, owed: 1 });
    expect(archive.keys(CURATED_FILES)).toEqual([]);
  }
  // What it read in the first run it has not read again in the second: it came as far as the piece.
  expect(archive.timeLeft).toBe(-19 * SECOND);
  archive.timeLeft = 15 * MINUTE;
  expect(await archive.run(RUN, store)).toMatchObject({ days: 1, owed: 0 });
  expect(await told(archive)).toBe('ax1 bx1');
});

/** A piece of so many lines, all of one record, so that it is made soon. */
const LONG = { packs: 8, lines: 25_000 };
/** What a line of a piece takes in a slow hour: half as much again as was measured (docs/performance.md). */
const LINE: Ms = 0.6;

test('a piece is begun only where the time suffices for all of its lines, in a slow hour too', async () => {
  const archive = new CompactedArchive();
  const lines = gzipSync(`${JSON.stringify(call('a'))}\n`.repeat(LONG.lines), { level: 1 });
  for (let pack = 1; pack <= LONG.packs; pack++) {
    const stamp = formatStamp(1, pack, (parseIstDate(DATE) ?? 0) + pack * MINUTE);
    archive.store.objects.set(
      rawKey({ account: 'main', dt: DATE, stamp, digest: 'd', keyedBy: 'id' }),
      lines,
    );
  }
  // What is seen of the day is kept, so all that is read from here on is read for the piece.
  archive.timeLeft = MINUTE;
  expect(await archive.run(RUN)).toMatchObject({ days: 0, owed: 1 });
  const store: ObjectStore = {
    ...archive.store,
    async read(key) {
      if (key.startsWith(RAW)) archive.timeLeft -= LONG.lines * LINE;
      return archive.store.read(key);
    },
  };
  const needed = LONG.packs * LONG.lines * LINE;
  for (const timeLeft of [MINUTE, needed - 10 * SECOND, needed]) {
    archive.timeLeft = timeLeft;
    expect(await archive.run(RUN, store), `${timeLeft} ms`).toMatchObject({ days: 0, owed: 1 });
    expect(archive.timeLeft).toBe(timeLeft);
  }
  archive.timeLeft = needed + 30 * SECOND;
  expect(await archive.run(RUN, store)).toMatchObject({ days: 1, owed: 0 });
  expect(archive.timeLeft).toBe(30 * SECOND);
  expect(await told(archive)).toBe('ax1');
});

test('a day that is too large for a run lets the days behind it go first', async () => {
  const archive = dayOf(5, EARLIER);
  addDay(archive, 1, DATE);
  archive.timeLeft = 5.5 * MINUTE;
  expect(await archive.run(RUN, slow(archive, MINUTE))).toMatchObject({ days: 1, owed: 1, rawFrom: EARLIER });
  expect(archive.live()).toEqual([expect.stringContaining(DATE)]);
  archive.timeLeft = 7.5 * MINUTE;
  expect(await archive.run(RUN, slow(archive, MINUTE))).toMatchObject({
    days: 1,
    owed: 0,
    rawFrom: '2026-03-11',
  });
});

test('what comes late between two runs is in the day, and only the pieces it concerns are made again', async () => {
  const archive = dayOf(5);
  archive.timeLeft = 5.5 * MINUTE;
  await archive.run(RUN, slow(archive, MINUTE));
  const half = archive.keys(CURATED_FILES);
  comesLate(archive, [call('r2', 'edited'), call('new')]);
  archive.timeLeft = 30 * SECOND;
  expect(await archive.run(RUN)).toMatchObject({ owed: 1 });
  archive.timeLeft = 15 * MINUTE;
  await archive.run(RUN, slow(archive, MINUTE));
  expect(await told(archive)).toBe('newx1 r1x2 r2x2 r3x1 r4x1 r5x1');
  // Two pieces were owed. Of the three that were there one has no row any more, as its record was edited.
  expect(archive.timeLeft).toBe(11 * MINUTE);
  expect(archive.live().filter((address) => half.some((key) => address.endsWith(key)))).toHaveLength(2);
  expect(await archive.run(RUN)).toMatchObject({ days: 0, owed: 0 });

  // What calls reads from files already it goes on to read there, though one more has come.
  comesLate(archive, [call('newer')]);
  archive.timeLeft = 30 * SECOND;
  expect(await archive.run(RUN)).toMatchObject({ owed: 1, rawFrom: '2026-03-11' });
});

test('what comes while a day is made is in it after the next run, and until then the day is as it was listed', async () => {
  const archive = dayOf(3);
  const store: ObjectStore = {
    ...archive.store,
    async createFrom(key, source) {
      if (goesIn) comesLate(archive, [call('r2', 'edited'), call('new')]);
      if (goesIn) archive.upload();
      goesIn = false;
      return archive.store.createFrom(key, source);
    },
  };
  let goesIn = true;
  await archive.run(RUN, store);
  expect(await told(archive)).toBe('r1x2 r2x1 r3x1');
  await archive.run('2026-03-14 02:30:00', store);
  expect(await told(archive)).toBe('newx1 r1x2 r2x2 r3x1');
});

test('two runs that make the same day at once come to the same, and neither fails', async () => {
  const archive = dayOf(4);
  let other: Promise<unknown> | undefined;
  let files = 0;
  const store: ObjectStore = {
    ...archive.store,
    async createFrom(key, source) {
      files += 1;
      if (files === 3) await (other ??= archive.run(RUN));
      return archive.store.createFrom(key, source);
    },
  };
  expect(await archive.run(RUN, store)).toMatchObject({ owed: 0, rawFrom: '2026-03-11' });
  expect(files).toBe(4); // the last piece was found made
  expect(await told(archive)).toBe('r1x2 r2x1 r3x1 r4x1');
  expect(archive.live()).toHaveLength(3);
  expect(archive.telemetry.lines.filter(({ level }) => level === 'error')).toEqual([]);
});

test('files that somebody took away are made again, and so is what is only there to save work', async () => {
  const archive = dayOf(3);
  await archive.run(RUN);
  const live = archive.live();
  const [gone = ''] = archive.keys(CURATED_FILES);
  for (const key of [gone, ...archive.keys(CURATED_LISTS), ...archive.keys(CURATED_SIGHTS)])
    archive.store.objects.delete(key);
  comesLate(archive, [call('new')]);
  await archive.run(RUN);
  expect(archive.store.objects.has(gone)).toBe(true);
  expect(archive.live()).toEqual([live[0], expect.anything(), expect.anything()]);
  expect(await told(archive)).toBe('newx1 r1x2 r2x1 r3x1');
  for (const key of archive.keys(CURATED_PIECES)) archive.store.objects.delete(key);
  comesLate(archive, [call('newer')]);
  await archive.run(RUN);
  expect(await told(archive)).toBe('newerx1 newx1 r1x2 r2x1 r3x1');
});

test('damaged sights make no rows: the log tells which object to delete', async () => {
  const archive = dayOf(3);
  archive.timeLeft = 61 * SECOND;
  await archive.run(RUN, slow(archive, MINUTE));
  const [sights = ''] = archive.keys(CURATED_SIGHTS);
  archive.store.objects.set(sights, archive.store.objects.get(sights)?.subarray(0, -4) ?? new Uint8Array());
  archive.timeLeft = 15 * MINUTE;
  await expect(archive.run(RUN)).rejects.toThrow('curated: 1');
  expect(archive.telemetry.lines.find(({ level }) => level === 'error')?.facts).toMatchObject({
    reason: `${sights} is damaged: delete it, it is made again`,
  });
  archive.store.objects.delete(sights);
  expect(await archive.run(RUN)).toMatchObject({ days: 1, owed: 0 });
});
