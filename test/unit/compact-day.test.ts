import { expect, test } from 'vitest';
import officialPage from '../fixtures/official-page.json' with { type: 'json' };
import { FakeSmartflo } from '../../local/fake-smartflo/api.ts';
import { SCENES } from '../../local/fake-smartflo/scenes.ts';
import { cutRecord, joinRecord } from '../../shared/contract/analytics/stored-columns.ts';
import { DAY, HOUR, parseIstDate } from '../../shared/core/time.ts';
import type { Cut } from '../../functions/compactor/compact-day.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { CompactedArchive } from '../support/compacted.ts';

const day = parseIstDate('2026-03-10') ?? 0;
const RUN = '2026-03-14 02:00:00';
const FIRST = '2026-03-10 23:00:00';
const LAST = '2026-03-12 01:00:00';

/** Everything the hostile scene sends of some hours of a day, as it was at one instant. */
const sights = (at: number): string[] => {
  const fake = new FakeSmartflo({
    seed: 7,
    clock: { real: () => at },
    startedAt: day,
    historyFrom: day,
    historyTo: day + 2 * HOUR,
    // An id given twice in one answer is settled before packs are made.
    knobs: {
      ...SCENES.hostile,
      identity: { ...SCENES.hostile.identity, repeatedShare: 0 },
      drift: { share: 0.6, hugeShare: 0.002, hugeBytes: 100_000 },
    },
  });
  return (
    [...fake.world.truth(at, { from: day, to: day + 2 * HOUR })]
      .map(({ raw }) => Buffer.from(raw, 'latin1').toString())
      // A name given twice: JSON.parse, and so the index and the files, take the last value, SQL takes the first.
      .filter((record) => !/"hangup_cause":[^]*"hangup_cause":"/.test(record))
  );
};

const SHAPES: readonly unknown[] = [
  null,
  '',
  'N.A.',
  [],
  {},
  0,
  '0',
  48.9,
  '12.5',
  '1e2',
  -3,
  true,
  'Extension-00000000007',
  '00919000099999',
  '+91 (0)90000-99999',
  '09000099999',
  ' 919000099999 ',
  'ünï ☎ 𝄞',
  '\\ud800',
  '31/02/2026',
  '2026-02-31 10:00:00',
  '2026-03-10T10:00:00',
  [{ type: 'Agent', dialst: 'Answered', id: 7, name: null, time: '1773086883.25' }],
  { 2: { type: 'Queue', name: 'sales', time: 5 }, 0: { type: 'Agent', dialst: 'Answered', time: 1e12 } },
  { circle: 'Delhi', operator: null, call_wait_time: '7', agent_talk_time: 3.7, inbound_queue: 'help' },
];

/** The vendor's sample with every field of it in every shape, one at a time. */
const drifted = (): object[] => {
  const [official = {}] = officialPage.results;
  const names = [
    ...Object.keys(official),
    'total_call_duration',
    'destination',
    'destination_2',
    'from_number',
  ];
  return names.flatMap((name, at) =>
    SHAPES.map((value, shape) => ({
      ...official,
      id: `${at}-${shape}`,
      ...(name !== 'id' && { [name]: value }),
      ...(shape % 3 === 0 && { direction: 'outbound' }),
      date: '2026-03-10',
    })),
  );
};

/** The rows of `calls` from the archive and from the files, by what came. */
const bothWays = async (archive: CompactedArchive) => {
  const sql = 'SELECT * FROM calls ORDER BY record, first_seen_at';
  // A record without a plain id is named by a digest, which SQL and the index spell differently.
  const shown = (rows: Record<string, unknown>[]) =>
    rows.map(({ key, ...row }) => ({ ...row, key: String(key).startsWith('~') ? '~' : key }));
  return {
    fromArchive: shown(await archive.ask(sql, { curated: 'none' })),
    fromFiles: shown(await archive.ask(sql)),
  };
};

test('every shape gives the row in a file that the archive itself gives', async () => {
  const archive = new CompactedArchive();
  archive.folder.add(drifted(), { at: FIRST });
  for (const [shape, id] of SHAPES.entries()) archive.folder.add([{ id, date: '2026-03-10', shape }]);
  await archive.run(RUN);
  const { fromArchive, fromFiles } = await bothWays(archive);
  expect(fromFiles.length).toBeGreaterThan(500);
  for (const [at, row] of fromArchive.entries()) expect(fromFiles[at]).toEqual(row);
  expect(fromFiles).toHaveLength(fromArchive.length);
});

test('a hostile day gives the rows that the archive itself gives, its records whole', async () => {
  const archive = new CompactedArchive();
  const first = sights(day + 3 * HOUR);
  const last = sights(day + DAY);
  archive.folder.add(first, { at: FIRST });
  archive.folder.add(
    last.filter((record) => !first.includes(record)),
    { at: LAST },
  );
  await archive.run(RUN);
  const { fromArchive, fromFiles } = await bothWays(archive);
  expect(fromFiles.length).toBeGreaterThan(500);
  for (const [at, row] of fromArchive.entries()) expect(fromFiles[at]).toEqual(row);
  expect(fromFiles).toHaveLength(fromArchive.length);
});

test('any text comes back whole out of its parts', () => {
  const [official] = officialPage.results;
  const texts = [
    JSON.stringify(official),
    '{}',
    '',
    '"service":"recording_url":"call_flow":"service":',
    '{"call_flow":[]}',
  ];
  for (const text of texts) expect(joinRecord(cutRecord(text))).toBe(text);
  expect(Object.values(cutRecord(texts[0] ?? '')).every((part) => part !== '')).toBe(true);
});

/** Each record with its number of contents. */
const told = (rows: readonly { readonly key: string; readonly revisions: number }[]): string =>
  rows
    .map(({ key, revisions }) => `${key}${revisions}`)
    .sort()
    .join(' ');

/** What the live files hold. */
const summary = async (archive: CompactedArchive) => told(await archive.liveRows());
const maskedSummary = async (archive: CompactedArchive) => told(await archive.liveMaskedRows());

const EFFECTS = ['create', 'createFrom', 'replace', 'read', 'readRange'] as const;

/** A store that dies before its n-th effect, and so after the one before and its reply, which nobody has acted on. */
const dyingAt = (store: ObjectStore, nth: number): ObjectStore & { died(): boolean } => {
  let count = 0;
  const wrap =
    <Args extends unknown[], Result>(effect: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      if (count++ >= nth) throw new Error('made up');
      return effect(...args);
    };
  const wrapped = Object.fromEntries(
    EFFECTS.map((name) => [name, wrap(store[name] as () => Promise<unknown>)]),
  );
  return { ...store, ...wrapped, died: () => count > nth };
};

/** Every raw object is a piece of its own. */
const PIECES: Cut = { objects: 1, lines: 1, kilobytes: 1_000 };

test('a death at any effect leaves the old day or the new one whole, and the next run puts it right', async () => {
  const records = (note: string) => ['a', 'b', 'c'].map((id) => ({ id, date: '2026-03-10', note }));
  const before = new CompactedArchive();
  before.cut = PIECES;
  before.folder.add(records('first'));
  await before.run(RUN);
  before.folder.add([...records('second').slice(0, 2), { id: 'd', date: '2026-03-10' }]);
  before.store.objects.set('late/2026-03-14T02/account=main/dt=2026-03-10', new Uint8Array());
  before.upload();
  let deaths = 0;
  for (; ; deaths++) {
    const archive = new CompactedArchive();
    archive.cut = PIECES;
    for (const [key, body] of before.store.objects) archive.store.objects.set(key, body);
    const store = dyingAt(archive.store, deaths);
    await archive.run(RUN, store).catch(() => {});
    expect(['a1 b1 c1', 'a2 b2 c1 d1']).toContain(await summary(archive));
    expect(['a1 b1 c1', 'a2 b2 c1 d1']).toContain(await maskedSummary(archive));
    await archive.run(RUN);
    expect(await summary(archive)).toBe('a2 b2 c1 d1');
    expect(await maskedSummary(archive)).toBe('a2 b2 c1 d1');
    expect(archive.live()).toHaveLength(2);
    if (!store.died()) break;
  }
  expect(deaths).toBeGreaterThan(30);
});

test('of two runs at once the slower one does not take back what the quicker one has named', async () => {
  const archive = new CompactedArchive();
  archive.folder.add([{ id: 'a', date: '2026-03-10' }]);
  archive.upload();
  let quicker: Promise<unknown> | undefined;
  const slow: ObjectStore = {
    ...archive.store,
    async createFrom(key, source) {
      const created = await archive.store.createFrom(key, source);
      archive.folder.add([{ id: 'b', date: '2026-03-10' }]);
      quicker ??= archive.run(RUN);
      await quicker;
      return created;
    },
  };
  await expect(archive.run(RUN, slow)).rejects.toThrow('curated: 1');
  expect(await summary(archive)).toBe('a1 b1');
  expect(await maskedSummary(archive)).toBe('a1 b1');
});
