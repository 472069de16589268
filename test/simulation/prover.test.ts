import { expect, test } from 'vitest';
import { RAW } from '../../shared/contract/bucket-layout.ts';
import { DAYS_LOOKED_AT } from '../../shared/contract/metrics.ts';
import { PackMessage, unzipLines } from '../../shared/contract/pack-message.ts';
import { pick as draw } from '../../local/fake-smartflo/random.ts';
import { dayWindow } from '../../shared/core/proof-rounds.ts';
import { initialState } from '../../shared/core/account-state.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../shared/core/time.ts';
import { readOrders } from '../../shared/steps/place-order.ts';
import { createMemoryDayIndex } from '../../shared/adapters/memory/day-index.ts';
import { createHandler } from '../../functions/prover/handler.ts';
import { proveDay } from '../../functions/prover/prove-day.ts';
import { keyHash } from '../../shared/core/proof-entries.ts';
import { ProofWorld, thinRecord } from '../support/proof-world.ts';

const DT = '2026-03-10';
/** In CI; all 200 by SEEDS=200. */
const SEEDS = Number(process.env['SEEDS'] ?? 50);

const cleanDay = (records = 1_000, dt = DT) => {
  const world = new ProofWorld(dt, records);
  world.deliver();
  world.show();
  return world;
};

const NONE = { missing: 0, stale: 0, unindexed: 0, misindexed: 0, extra: 0 };
test('a clean day is proven once, and again only when something has come', async () => {
  const world = cleanDay();
  const report = await world.prove();
  expect(report).toMatchObject({ verdict: 'proven', fresh: true });
  const { manifest } = report;
  expect(manifest).toMatchObject({
    source: { records: 1_000 },
    archive: { records: 1_000, objects: 4, lines: 1_000 },
    index: { records: 1_000 },
    roundHours: 26,
    counts: NONE,
  });
  expect(manifest?.source.fingerprint).toBe(manifest?.archive.fingerprint);
  expect(manifest?.source.fingerprint).toBe(manifest?.index.fingerprint);
  expect(world.bus.events.map((event) => event['detail-type'])).toEqual(['DayProven']);

  const again = await world.prove();
  expect(again).toMatchObject({ verdict: 'proven', fresh: false, manifest });
  expect(world.bus.events).toHaveLength(1);

  // An edit that the look at three days has found.
  world.now += 2 * DAY;
  const [id = ''] = world.records.keys();
  world.records.set(id, {
    raw: thinRecord(id, world.records.get(id)?.at ?? 0, 'sold'),
    at: world.records.get(id)?.at ?? 0,
  });
  world.deliver([id], world.now);
  expect(await world.prove()).toMatchObject({ verdict: 'proven', fresh: true, manifest: { counts: NONE } });
  world.now += SECOND;
  world.show();
  expect(await world.prove()).toMatchObject({ verdict: 'proven', fresh: true, manifest: { roundHours: 72 } });
  expect(await world.prove()).toMatchObject({ fresh: false });
});

test('200 clean days give no false alarm', async () => {
  for (let day = 0; day < 200; day += 1) {
    const dt = new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10);
    const world = cleanDay(40 + day, dt);
    expect((await world.prove()).manifest).toMatchObject({ verdict: 'proven', dt, counts: NONE });
  }
});

test('one missing, one stale and one extra in 10,000 are found and named, at every seed', async () => {
  const world = cleanDay(10_000);
  const ids = [...world.records.keys()];
  const start = dayWindow(DT).from;
  const objects = new Map(world.objects.objects);
  const calls = new Map(world.index.calls);
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const pick = (salt: number) => ids[draw(seed, salt, ids.length)] ?? '';
    const [gone, changed, extra] = [pick(1), pick(2), `x${seed}`];
    if (gone === changed) continue;
    world.objects.objects.clear();
    for (const [key, body] of objects) world.objects.objects.set(key, body);
    world.index.calls.clear();
    for (const [key, call] of calls) world.index.calls.set(key, call);

    // A line of the archive and its item are lost; a later content never arrived; an item is there that nobody sent.
    for (const [key, body] of objects) {
      if (!key.startsWith(RAW)) continue;
      const lines = unzipLines(body);
      const left = lines.filter((line) => !line.includes(`"${gone}"`));
      if (left.length === lines.length) continue;
      world.objects.objects.delete(key);
      world.archive(left, key.slice(key.lastIndexOf('/') + 1).slice(0, 22));
    }
    world.index.calls.delete(`main#${gone}`);
    const record = world.records.get(changed);
    world.records.set(changed, {
      raw: thinRecord(changed, record?.at ?? 0, `seed ${seed}`),
      at: record?.at ?? 0,
    });
    world.now += SECOND;
    const hour = Math.floor(((record?.at ?? 0) - start) / HOUR);
    world.showWindow({ from: start + hour * HOUR, to: start + (hour + 1) * HOUR });
    const sample = calls.get(`main#${pick(3)}`);
    if (sample) world.index.calls.set(`main#${extra}`, { ...sample, key: extra, object: 'raw/nowhere' });

    const { manifest } = await world.prove({ anew: true });
    if (record) world.records.set(changed, record);
    expect({ seed, ...manifest?.named }).toEqual({
      seed,
      missing: [gone],
      stale: [changed],
      unindexed: [],
      misindexed: [],
      extra: [extra],
      vanished: [],
    });
    expect(manifest?.verdict).toBe('differs');
  }
});

test('what the archive lacks is ordered of the poller at its second, what the index lacks goes to the queue', async () => {
  const world = cleanDay();
  const [first = '', second = '', third = ''] = [...world.records.keys()].slice(100);
  const [object = ''] = [...world.objects.objects.keys()].filter((key) => key.startsWith(RAW));
  const lost = unzipLines(world.objects.objects.get(object) ?? new Uint8Array());
  world.objects.objects.delete(object);
  world.index.calls.delete('main#r000900');
  const report = await world.prove();
  expect(report).toMatchObject({
    verdict: 'differs',
    manifest: { counts: { ...NONE, missing: lost.length, unindexed: 1, extra: lost.length } },
  });
  expect([first, second, third].every((id) => id !== '')).toBe(true);
  const { book } = await readOrders('main', world);
  expect(book.orders.length).toBeGreaterThan(0);
  expect(book.orders.length).toBeLessThanOrEqual(50);
  for (const { kind, publish } of book.orders)
    expect({ kind, publish }).toEqual({ kind: 'repair', publish: false });
  const seconds = lost.map((line) => world.records.get(String(JSON.parse(line).id))?.at ?? 0);
  for (const at of seconds) expect(book.orders.some(({ from, to }) => from <= at && at < to)).toBe(true);
  const packs = world.queue.bodies.map((body) => PackMessage.parse(JSON.parse(body)));
  expect(packs).toMatchObject([{ origin: 'repair', records: 1, dt: DT }]);
  expect(world.bus.events.map((event) => event['detail-type'])).toEqual(['DayDiffers']);
});

test('what is indexed again is published only where the account wants calls of then, and what is owed is ordered once', async () => {
  const world = cleanDay();
  const [object = ''] = [...world.objects.objects.keys()].filter((key) => key.startsWith(RAW));
  world.objects.objects.delete(object);
  world.index.calls.delete('main#r000900');
  const firstTickAt = dayWindow(DT).to + 9 * DAY;
  await world.ledger.save('main', initialState(firstTickAt), 0);
  await world.prove();
  const [body = '{}'] = world.queue.bodies;
  expect(PackMessage.parse(JSON.parse(body)).eventsFrom).toBe(firstTickAt - 3 * DAY);
  const { book } = await readOrders('main', world);
  expect(await world.prove({ anew: true })).toMatchObject({
    manifest: { healing: { ordered: book.orders.length } },
  });
  expect((await readOrders('main', world)).book.orders).toEqual(book.orders);
});

test('a stale item of the index is sent again under the stamp of the archive; one with a later stamp is asked anew', async () => {
  const world = cleanDay();
  const stale = world.index.calls.get('main#r000010');
  const tampered = world.index.calls.get('main#r000020');
  if (!stale || !tampered) throw new Error('the world has no such calls');
  world.index.calls.set('main#r000010', { ...stale, hash: 'f'.repeat(64), seen: '00000000-0001-00000000' });
  world.index.calls.set('main#r000020', { ...tampered, hash: 'e'.repeat(64) });
  const { manifest } = await world.prove();
  expect(manifest?.named.misindexed).toEqual(['r000010', 'r000020']);
  const lines = world.queue.bodies.flatMap((body) => {
    const pack = PackMessage.parse(JSON.parse(body));
    return pack.body === 'inline' ? unzipLines(Buffer.from(pack.ndjson, 'base64')) : [];
  });
  expect(lines.map((line) => JSON.parse(line).id)).toEqual(['r000010']);
  expect((await readOrders('main', world)).book.orders).toHaveLength(1);
});

test('could not ask is neither proven nor different', async () => {
  const world = new ProofWorld(DT, 500);
  world.deliver();
  const late = world.now;
  world.now -= 10 * HOUR;
  world.show({ hours: 20 });
  expect(await world.prove()).toMatchObject({
    verdict: 'settling',
    reason: 'not-due',
    unreadSeconds: 4 * 3600,
  });
  world.now = late;
  expect(await world.prove()).toMatchObject({ verdict: 'open', reason: 'not-read' });
  world.now -= 3 * DAY;
  expect(await world.prove()).toMatchObject({ verdict: 'open', reason: 'not-over' });
  expect(world.bus.events).toEqual([]);
});

test('what is in the queue may be what is missing: nobody can tell yet, and nothing is healed', async () => {
  const world = cleanDay();
  world.index.calls.delete('main#r000100');
  world.waiting = 3;
  expect(await world.prove()).toMatchObject({ verdict: 'settling', reason: 'queue-not-empty' });
  expect(world.queue.bodies).toEqual([]);
  world.waiting = 0;
  expect(await world.prove()).toMatchObject({ verdict: 'differs' });
});

test('records that the source counts and never shows keep a day from being proven', async () => {
  const world = new ProofWorld(DT, 500);
  world.deliver();
  world.show({ missing: 2 });
  expect(await world.prove()).toMatchObject({ verdict: 'differs', manifest: { unshown: 2, counts: NONE } });
});

test('a record that the source has dropped is listed as vanished, and the day is proven', async () => {
  const world = new ProofWorld(DT, 500);
  world.deliver();
  world.show({ hidden: new Set(['r000007']) });
  const { manifest } = await world.prove();
  expect(manifest).toMatchObject({ verdict: 'proven', vanished: 1, named: { vanished: ['r000007'] } });
});

test('a record that has moved to this day lies under its first date, and counts as there', async () => {
  const world = cleanDay(500);
  const raw = world.records.get('r000003')?.raw ?? '';
  world.records.set('moved', {
    raw: raw.replace('r000003', 'moved'),
    at: world.records.get('r000003')?.at ?? 0,
  });
  world.archive([world.records.get('moved')?.raw ?? ''], world.stamp(), '2026-03-09');
  world.show();
  const { manifest } = await world.prove();
  expect(manifest).toMatchObject({ verdict: 'proven', moved: 1, counts: NONE });
});

test('where records moved to or were lost from is read object by object, not record by record', async () => {
  const day = cleanDay(500);
  const before = new ProofWorld(DT, 500);
  const moved = [...before.records.values()].map(({ raw, at }) => {
    const there = { raw: raw.replace('"r000', '"m000'), at };
    day.records.set(`m${there.raw.slice(8, 14)}`, there);
    return there.raw;
  });
  day.archive(moved.slice(0, 250), day.stamp(), '2026-03-09');
  day.archive(moved.slice(250), day.stamp(), '2026-03-09');
  day.show();
  // The day's own two; then keys are looked up by the hundred, and the third hundred lies in two objects.
  expect(await readsOfPacks(day)).toEqual({ moved: 500, counts: NONE, reads: 2 + 6 });

  const bare = cleanDay(500);
  for (const key of bare.objects.objects.keys()) if (key.startsWith(RAW)) bare.objects.objects.delete(key);
  const { counts, reads } = await readsOfPacks(bare);
  expect(counts).toEqual({ ...NONE, missing: 500, extra: 500 });
  // A page of the index is an hour and a status, which lie in one object here, or in two.
  expect(reads).toBeLessThanOrEqual(24 * 2 * 2);
});

const readsOfPacks = async (world: ProofWorld) => {
  let reads = 0;
  const read = (key: string) => {
    if (key.startsWith(RAW)) reads += 1;
    return world.objects.read(key);
  };
  const ports = { ...world.ports, objects: { ...world.objects, read } };
  const order = { account: world.account, dt: DT, now: world.now, anew: true, left: () => HOUR };
  const { manifest } = await proveDay(order, ports);
  return { moved: manifest?.moved, counts: manifest?.counts, reads };
};

test('two proofs that end in one second are stored and told, each as what it found', async () => {
  const world = cleanDay(500);
  await world.prove();
  world.index.calls.delete('main#r000100');
  expect(await world.prove({ anew: true })).toMatchObject({ verdict: 'differs' });
  const told = world.bus.events.map((event) => event['detail-type']);
  expect(told).toEqual(['DayProven', 'DayDiffers']);
  const stored = await Array.fromAsync(world.objects.list('days/'), async (key) => {
    const { verdict } = JSON.parse(String(Buffer.from((await world.objects.read(key))?.body ?? '')));
    return { key, verdict };
  });
  expect(stored).toEqual(
    world.bus.events.map(({ detail }, place) => ({
      key: (detail as { manifest: string }).manifest,
      verdict: ['proven', 'differs'][place],
    })),
  );
});

test('a proof that runs out of time goes on where it was, and finds the same', async () => {
  const world = cleanDay(5_000);
  world.index.calls.delete('main#r004321');
  const whole = await cleanDayLike(world).prove();
  let reads = 0;
  let proofs = 0;
  for (;;) {
    proofs += 1;
    let budget = 7;
    const report = await world.prove({ left: () => (budget-- > 0 ? HOUR : 0) });
    reads += 1;
    if (report.reason !== 'out-of-time') {
      expect(report.manifest?.counts).toEqual(whole.manifest?.counts);
      expect(report.manifest?.archive).toEqual(whole.manifest?.archive);
      break;
    }
    world.now += MINUTE;
    expect(reads).toBeLessThan(50);
  }
  expect(proofs).toBeGreaterThan(2);
});

/** The same objects and calls, proven in one go. */
const cleanDayLike = (world: ProofWorld): ProofWorld => {
  const other = new ProofWorld(world.dt, world.records.size);
  for (const [key, body] of world.objects.objects) other.objects.objects.set(key, body);
  for (const [key, call] of world.index.calls) other.index.calls.set(key, call);
  other.now = world.now;
  return other;
};

test('a damaged object of the archive ends the proof with its name, and proves nothing', async () => {
  const world = cleanDay(500);
  const [object = ''] = [...world.objects.objects.keys()].filter((key) => key.startsWith(RAW));
  world.objects.objects.set(object, Buffer.from('no gzip'));
  await expect(world.prove()).rejects.toThrow(object);
  expect(world.bus.events).toEqual([]);
});

test('a day that can not be proven keeps neither other days nor other accounts from it, and the run ends as failed', async () => {
  const world = cleanDay(500);
  const [object = ''] = [...world.objects.objects.keys()].filter((key) => key.startsWith(RAW));
  const damaged = object.replace('account=main', 'account=first');
  for (const [key, body] of world.objects.objects)
    world.objects.objects.set(key.replace('account=main', 'account=first'), body);
  world.objects.objects.set(damaged, Buffer.from('no gzip'));
  const logged: unknown[] = [];
  const telemetry = { ...world.telemetry, log: (...line: unknown[]) => void logged.push(line) };
  const handler = createHandler({ ...world.ports, telemetry });
  const order = {
    scheduledAt: new Date(world.now).toISOString(),
    accounts: [{ ...world.account, name: 'first' }, world.account],
  };
  await expect(handler(order, {})).rejects.toThrow(damaged);
  expect(logged).toContainEqual([
    'error',
    'a day could not be proven',
    { account: 'first', dt: DT, reason: 'ArchiveUnreadable', object: damaged },
  ]);
  expect((await world.proofs.load('main', DT))?.value).toMatchObject({ verdict: 'proven' });
  expect(logged).toContainEqual(['info', DAYS_LOOKED_AT, { account: 'first', incomplete: 0 }]);
  expect(logged).toContainEqual(['info', DAYS_LOOKED_AT, { account: 'main', incomplete: 0 }]);
});

test('a day of which all is amiss is counted whole, and of a lagging index only what is lost is amiss', async () => {
  const world = cleanDay(21_000);
  // The one that the comparison finds last, behind as many as are looked into at once.
  const [lost = ''] = [...world.records.keys()].sort((a, b) => (keyHash(a) < keyHash(b) ? 1 : -1));
  world.index.calls.delete(`main#${lost}`);
  const lagging = { ...world.ports, dayIndex: createMemoryDayIndex(new Map()) };
  const order = { account: world.account, dt: DT, now: world.now, anew: true, left: () => HOUR };
  const { manifest } = await proveDay(order, lagging);
  expect(manifest).toMatchObject({
    verdict: 'differs',
    counts: { ...NONE, unindexed: 1 },
    named: { unindexed: [lost] },
    healing: { resent: 1 },
  });

  world.now += SECOND;
  world.index.calls.clear();
  const { manifest: bare } = await world.prove({ anew: true });
  expect(bare).toMatchObject({
    verdict: 'differs',
    counts: { ...NONE, unindexed: 21_000 },
    healing: { ordered: 0, resent: 5_000 },
  });
  expect(bare?.named.unindexed).toHaveLength(100);
});
