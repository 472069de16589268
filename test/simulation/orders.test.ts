import { expect, test } from 'vitest';
import { cancelOrders, placeOrders, readOrders } from '../../shared/steps/place-order.ts';
import { decodeSlice, parseSliceKey } from '../../shared/contract/source-slice.ts';
import { SLICES } from '../../shared/contract/bucket-layout.ts';
import { type OrderKind, isDone } from '../../shared/core/orders.ts';
import { DAY, HOUR, MINUTE, parseIstDate } from '../../shared/core/time.ts';
import { NO_DIFFERENCE } from '../support/contents.ts';
import { Pipeline } from '../support/pipeline.ts';

const NOON = (parseIstDate('2026-03-10') ?? 0) + 12 * HOUR;

const pipelineOf = (calls: object = {}) =>
  new Pipeline(
    {
      seed: 11,
      startedAt: NOON,
      historyFrom: NOON - 10 * DAY,
      knobs: { calls: { callsPerMinute: 1, ...calls }, listing: { rotatingTokens: true } },
    },
    { fetchFrom: '2026-03-10 06:00:00' },
  );

const order = (kind: OrderKind, from: number, to: number, publish = false) => ({
  kind,
  from,
  to,
  publish,
  orderedAt: NOON,
});

test('a backfill that was ordered is fetched beside the live looks, is not published, and ends', async () => {
  const pipeline = pipelineOf();
  await pipeline.tick(NOON);
  await pipeline.drain();
  const published = pipeline.bus.events.length;
  const days = { from: NOON - 9 * DAY, to: NOON - 8 * DAY };
  const [id = 0] = await placeOrders('main', [order('backfill', days.from, days.to)], pipeline);
  for (let at = NOON + MINUTE; at < NOON + 20 * MINUTE; at += MINUTE) await pipeline.tick(at);
  await pipeline.drain();
  const { progress } = await readOrders('main', pipeline);
  expect(isDone(progress, id)).toBe(true);
  const { archive, index } = await pipeline.differences(days);
  expect(pipeline.truth(days).size).toBeGreaterThan(1000);
  expect({ missing: archive.missing, stale: archive.stale }).toEqual({ missing: [], stale: [] });
  expect({ missing: index.missing, stale: index.stale }).toEqual({ missing: [], stale: [] });
  const old = pipeline.bus.events.slice(published).filter(({ detail }) => detail.origin === 'backfill');
  expect(old.filter(({ detail }) => Date.parse(detail.summary.startAt ?? '') < days.to)).toEqual([]);
});

test('a backfill with --publish sends its events, and a cancelled one stops', async () => {
  const pipeline = pipelineOf();
  await pipeline.tick(NOON);
  const days = { from: NOON - 9 * DAY, to: NOON - 8 * DAY };
  const [id = 0] = await placeOrders('main', [order('backfill', days.from, days.to, true)], pipeline);
  await pipeline.tick(NOON + MINUTE);
  await pipeline.drain();
  const before = pipeline.bus.events.filter(({ detail }) => detail.origin === 'backfill').length;
  expect(before).toBeGreaterThan(100);
  await cancelOrders('main', [id], pipeline);
  for (let at = NOON + 2 * MINUTE; at < NOON + 10 * MINUTE; at += MINUTE) await pipeline.tick(at);
  await pipeline.drain();
  const after = pipeline.bus.events.filter(({ detail }) => detail.origin === 'backfill').length;
  expect(after).toBe(before);
  expect((await readOrders('main', pipeline)).progress.open).toEqual([]);
});

test('a repair sends again what the sent list holds for sent, and a lost archive is whole again', async () => {
  const pipeline = pipelineOf();
  const window = { from: NOON - 6 * HOUR, to: NOON };
  for (let at = NOON; at < NOON + 4 * HOUR; at += 10 * MINUTE) await pipeline.tick(at);
  await pipeline.drain();
  expect((await pipeline.differences(window)).archive.missing).toEqual([]);
  const events = pipeline.bus.events.length;
  const raw = [...pipeline.objects.objects.keys()].filter((key) => key.startsWith('raw/'));
  for (const key of raw) pipeline.objects.objects.delete(key);
  await pipeline.tick(NOON + 4 * HOUR);
  await pipeline.drain();
  expect((await pipeline.differences(window)).archive.missing.length).toBeGreaterThan(100);

  await placeOrders('main', [order('repair', window.from, window.to)], pipeline);
  for (let at = NOON + 4 * HOUR + MINUTE; at < NOON + 4 * HOUR + 20 * MINUTE; at += MINUTE)
    await pipeline.tick(at);
  await pipeline.drain();
  const { archive, index } = await pipeline.differences(window);
  expect([archive.missing, archive.stale, index]).toEqual([[], [], { ...NO_DIFFERENCE, extra: index.extra }]);
  // What nobody had missed is not announced again.
  const again = pipeline.bus.events.slice(events).filter(({ detail }) => detail.origin === 'repair');
  expect(again).toEqual([]);
});

test('full reads at 26 h and later keep what they showed, second by second, for the proof', async () => {
  const pipeline = pipelineOf();
  for (let at = NOON; at < NOON + 2 * DAY; at += 10 * MINUTE) {
    await pipeline.tick(at);
    await pipeline.drain();
  }
  const slices = [];
  for await (const key of pipeline.objects.list(SLICES)) {
    expect(parseSliceKey(key)).toBeDefined();
    slices.push(decodeSlice((await pipeline.objects.read(key))?.body ?? new Uint8Array()));
  }
  for (const { to, readAt } of slices) expect(readAt).toBeGreaterThanOrEqual(to + 26 * HOUR);
  const afternoon = { from: NOON, to: NOON + 6 * HOUR };
  const shown = new Map(
    slices
      .flatMap(({ records }) => records)
      .filter(({ at }) => at >= afternoon.from && at < afternoon.to)
      .map(({ key, content }) => [key, content]),
  );
  const truth = new Map([...pipeline.truth(afternoon)].map(([key, hash]) => [key, hash.slice(0, 16)]));
  expect(shown).toEqual(truth);
});
