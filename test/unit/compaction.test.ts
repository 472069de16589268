import { expect, test } from 'vitest';
import { openArchiveDatabase } from '../../local/archive-database.ts';
import {
  CURATED_FILES,
  CURATED_LISTS,
  CUTOVER_KEY,
  lateKey,
  RAW,
} from '../../shared/contract/bucket-layout.ts';
import { isLate } from '../../shared/contract/compaction.ts';
import { DAY, istDate, parseIstDate, SECOND } from '../../shared/core/time.ts';
import { BUCKET, CompactedArchive } from '../support/compacted.ts';

const call = (id: string, date = '2026-03-10', more: object = {}) => ({
  id,
  call_id: `${id}.1`,
  direction: 'inbound',
  status: 'answered',
  date,
  time: '11:52:14',
  call_duration: 48,
  answered_seconds: 31,
  client_number: '910000099999',
  ...more,
});
const at = (ist: string) => Date.parse(`${ist.replace(' ', 'T')}+05:30`);
const COUNTS = 'SELECT account, dt, count(*) AS calls FROM calls GROUP BY 1, 2 ORDER BY 1, 2';

test('a finished day becomes one file of its newest contents, and calls reads it there', async () => {
  const archive = new CompactedArchive();
  archive.folder.add([call('a'), call('b')]).add([call('a', '2026-03-10', { notes: 'called back' })]);
  archive.folder.add([call('c', '2026-03-11')]);
  const before = await archive.folder.ask('SELECT * FROM calls ORDER BY key');

  expect(await archive.run('2026-03-14 02:00:00')).toEqual({
    days: 1,
    records: 2,
    owed: 0,
    rawFrom: '2026-03-11',
  });
  expect(archive.live()).toHaveLength(1);
  expect(archive.live()[0]).toMatch(
    new RegExp(
      `^s3://${BUCKET}/${CURATED_FILES}account=main/dt=2026-03-10/[0-9a-f]{24}-0-[0-9a-f]{16}[.]parquet$`,
    ),
  );
  expect(await archive.ask('SELECT * FROM calls ORDER BY key')).toEqual(before);
  const [a] = await archive.ask("SELECT revisions, record FROM calls WHERE key = 'a'");
  expect(a).toMatchObject({ revisions: 2, record: expect.stringContaining('called back') });
});

test('a day is finished three days after its end and one hour, India time', async () => {
  const archive = new CompactedArchive();
  archive.folder.add([call('a', '2026-03-10', { time: '23:59:59' })]);
  expect((await archive.run('2026-03-14 00:59:59')).rawFrom).toBe('2026-03-10');
  expect(archive.live()).toEqual([]);
  expect((await archive.run('2026-03-14 01:00:00')).rawFrom).toBe('2026-03-11');
  expect(archive.live()).toHaveLength(1);
});

test('days without calls, and calls without a day, hold nothing up', async () => {
  const archive = new CompactedArchive();
  expect(await archive.run('2026-03-14 02:00:00')).toMatchObject({ days: 0, owed: 0, rawFrom: '2026-03-11' });
  archive.folder.add([call('a', '2026-03-12'), call('b', 'soon')]);
  expect(await archive.run('2026-03-17 02:00:00')).toMatchObject({ days: 1, owed: 0, rawFrom: '2026-03-14' });
  expect(await archive.ask(COUNTS)).toEqual([
    { account: 'main', dt: '2026-03-12', calls: '1' },
    { account: 'main', dt: 'unknown', calls: '1' },
  ]);
});

test('a second run makes nothing', async () => {
  const archive = new CompactedArchive();
  archive.folder.add([call('a'), call('b')]);
  await archive.run('2026-03-14 02:00:00');
  const objects = new Map(archive.store.objects);
  archive.store.objects.set(lateKey(at('2026-03-14 02:30:00'), 'main', '2026-03-10'), new Uint8Array());
  expect(await archive.run('2026-03-14 03:00:00')).toMatchObject({ days: 0, owed: 0 });
  expect(archive.keys(CURATED_FILES)).toEqual(
    [...objects.keys()].filter((key) => key.startsWith(CURATED_FILES)),
  );
  expect(archive.text(CUTOVER_KEY)).not.toBe('');
});

test('what comes late for a curated day is in calls after the next run, and in calls_raw at once', async () => {
  const archive = new CompactedArchive();
  archive.folder.add([call('a'), call('b')]);
  await archive.run('2026-03-14 02:00:00');

  archive.folder.add([call('a', '2026-03-10', { notes: 'changed' }), call('z')], {
    at: '2026-03-18 09:10:00',
  });
  archive.store.objects.set(lateKey(at('2026-03-18 09:10:00'), 'main', '2026-03-10'), new Uint8Array());
  expect(await archive.ask('SELECT count(*) AS lines FROM calls_raw')).toEqual([{ lines: '4' }]);
  expect(await archive.ask(COUNTS)).toEqual([{ account: 'main', dt: '2026-03-10', calls: '2' }]);

  expect(await archive.run('2026-03-18 10:00:00')).toMatchObject({ days: 1, records: 3, owed: 0 });
  expect(archive.live()).toHaveLength(1);
  expect(await archive.ask('SELECT key, revisions FROM calls ORDER BY key')).toEqual([
    { key: 'a', revisions: 2 },
    { key: 'b', revisions: 1 },
    { key: 'z', revisions: 1 },
  ]);
});

test('a mark made while a run went on is seen by the next', async () => {
  const archive = new CompactedArchive();
  archive.folder.add([call('a')]);
  await archive.run('2026-03-14 02:00:00');
  await archive.run('2026-03-18 10:00:00');
  archive.folder.add([call('z')], { at: '2026-03-18 09:59:50' });
  archive.store.objects.set(lateKey(at('2026-03-18 09:59:50'), 'main', '2026-03-10'), new Uint8Array());
  expect(await archive.run('2026-03-18 10:30:00')).toMatchObject({ days: 1, records: 2 });
});

test('an object is late as long before its day is curated as a run may not see it', () => {
  const beforeMidnight = at('2026-03-13 23:59:59');
  expect(isLate('2026-03-10', beforeMidnight)).toBe(false);
  expect(isLate('2026-03-10', beforeMidnight + SECOND)).toBe(true);
  expect(isLate('unknown', beforeMidnight)).toBe(false);
});

test('accounts are kept apart, and one that is gone from the configuration is curated too', async () => {
  const archive = new CompactedArchive();
  archive.folder.add([call('a')]).add([call('a'), call('b')], { account: 'retired' });
  expect(await archive.run('2026-03-14 02:00:00')).toMatchObject({ days: 2, records: 3 });
  expect(await archive.ask(COUNTS)).toEqual([
    { account: 'main', dt: '2026-03-10', calls: '1' },
    { account: 'retired', dt: '2026-03-10', calls: '2' },
  ]);
});

test('a day that fails is told, holds the change-over, and keeps no other from being curated', async () => {
  const archive = new CompactedArchive();
  archive.folder
    .add([call('a', '2026-03-08')])
    .add([call('b', '2026-03-09')])
    .add([call('c', '2026-03-10')]);
  archive.upload();
  const [broken = ''] = archive.keys(`${RAW}account=main/dt=2026-03-09/`);
  archive.folder.write(broken, Buffer.from('no gzip'));
  await expect(archive.run('2026-03-14 02:00:00')).rejects.toThrow('curated: 1');
  expect(archive.live()).toHaveLength(2);
  expect(archive.rawFrom).toBe('2026-03-09');
  // Though two of the three days are files, nothing above the one that failed is read from them.
  expect(archive.moves).toEqual(['2026-03-09']);
  expect(archive.telemetry.metrics).toContainEqual({
    metric: 'DaysNotCurated',
    value: 1,
    account: undefined,
  });
  expect(archive.telemetry.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
});

test('a day that does not fit into what is left of the time is left to the next run', async () => {
  const archive = new CompactedArchive();
  archive.folder.add([call('a', '2026-03-09')]).add([call('c', '2026-03-10')]);
  archive.timeLeft = 30 * SECOND;
  expect(await archive.run('2026-03-14 02:00:00')).toMatchObject({ days: 0, owed: 2, rawFrom: '2026-03-09' });
  archive.timeLeft = 900 * SECOND;
  expect(await archive.run('2026-03-14 02:30:00')).toMatchObject({ days: 2, owed: 0, rawFrom: '2026-03-11' });
});

test('a file that does not come back as it was written is never asked', async () => {
  const archive = new CompactedArchive();
  archive.folder.add([call('a'), call('b')]);
  await archive.run('2026-03-14 02:00:00');
  const lists = archive.keys(CURATED_LISTS).map((key) => archive.text(key));
  archive.folder.add([call('c')]);
  const torn = {
    ...archive.store,
    async readRange(key: string, from: number, to: number) {
      const part = await archive.store.readRange(key, from, to);
      return part && part.map((byte, place) => (from + place === 200 ? byte ^ 1 : byte));
    },
  };
  archive.store.objects.set(lateKey(at('2026-03-14 02:30:00'), 'main', '2026-03-10'), new Uint8Array());
  await expect(archive.run('2026-03-14 03:00:00', torn)).rejects.toThrow('curated: 1');
  expect(archive.keys(CURATED_LISTS).map((key) => archive.text(key))).toEqual(lists);
  expect(await archive.run('2026-03-14 03:30:00')).toMatchObject({ days: 1, owed: 0 });
});

test('a longer curatedAfterDays takes nothing back, and late objects are still seen to', async () => {
  const archive = new CompactedArchive();
  archive.folder.add([call('a')]);
  await archive.run('2026-03-14 02:00:00');
  archive.folder.add([call('b')], { at: '2026-03-14 03:00:00' });
  archive.store.objects.set(lateKey(at('2026-03-14 03:00:00'), 'main', '2026-03-10'), new Uint8Array());
  // As if it were four days: the same days are due as a day before.
  expect(await archive.run('2026-03-13 03:30:00')).toMatchObject({
    days: 1,
    records: 2,
    rawFrom: '2026-03-11',
  });
});

test('a question about one day opens what that day has, and nothing else, on either side of the change-over', async () => {
  const archive = new CompactedArchive();
  const dates = Array.from({ length: 20 }, (_, day) =>
    istDate((parseIstDate('2026-03-01') ?? 0) + day * DAY),
  );
  for (const date of dates) for (const id of [`${date}a`, `${date}b`]) archive.folder.add([{ id, date }]);
  await archive.run('2026-03-15 02:00:00');
  expect(archive.rawFrom).toBe('2026-03-12');
  await archive.ask('SELECT 1'); // puts the files beside the packs
  const database = await openArchiveDatabase(archive.folder.path);
  const filesRead = async (view: string, where: string) => {
    await database.connection.runAndReadAll(`SELECT count(*), max(key) FROM ${view} WHERE ${where}`);
    return database.lastRead()?.files;
  };
  try {
    for (const view of ['calls', 'call_events', 'agent_legs']) {
      expect(await filesRead(view, "dt = '2026-03-05'")).toBe(1);
      expect(await filesRead(view, "dt = '2026-03-14'")).toBe(2);
      expect(await filesRead(view, "dt BETWEEN '2026-03-09' AND '2026-03-13'")).toBe(3 + 4);
      expect(await filesRead(view, "dt = '2026-04-01'")).toBe(0);
    }
    expect(await filesRead('calls_masked', "dt = '2026-03-05'")).toBe(1);
    expect(await filesRead('calls', 'true')).toBe(11 + 18);
    // Every raw object, every curated and every masked file.
    expect((await database.wouldRead('SELECT * FROM calls')).of).toBe(40 + 11 + 11);
  } finally {
    database.close();
  }
});

test('an archive that was copied in by hand is in calls once the date of the change-over is forgotten', async () => {
  const archive = new CompactedArchive();
  archive.folder.add([call('new', '2026-03-20')]);
  await archive.run('2026-03-26 02:00:00');
  archive.folder.add([call('old', '2026-01-05')]);
  archive.store.objects.delete(CUTOVER_KEY);
  await archive.run('2026-03-26 02:30:00');
  expect(await archive.ask('SELECT key FROM calls ORDER BY key')).toEqual([{ key: 'new' }, { key: 'old' }]);
});
