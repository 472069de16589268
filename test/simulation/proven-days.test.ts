import { expect, test } from 'vitest';
import type { ProverPorts } from '../../functions/prover/ports.ts';
import { proveDay } from '../../functions/prover/prove-day.ts';
import { createMemoryBus } from '../../shared/adapters/memory/bus.ts';
import { createMemoryDayIndex } from '../../shared/adapters/memory/day-index.ts';
import { createMemoryProofs } from '../../shared/adapters/memory/ledger.ts';
import { RAW } from '../../shared/contract/bucket-layout.ts';
import type { DayEvent } from '../../shared/contract/day-proof.ts';
import { PackMessage, unzipLines } from '../../shared/contract/pack-message.ts';
import { dayWindow } from '../../shared/core/proof-rounds.ts';
import { DAY, HOUR, MINUTE } from '../../shared/core/time.ts';
import { Pipeline } from '../support/pipeline.ts';

const DT = '2026-03-10';
const SPAN = dayWindow(DT);

const idsIn = (zipped: Uint8Array): string[] => unzipLines(zipped).map((line) => JSON.parse(line).id);

test('a lost item, a lost object, a lost message and a record that was hidden: found, named and healed by the next proof', async () => {
  const pipeline = new Pipeline(
    {
      seed: 6,
      startedAt: SPAN.from,
      historyFrom: SPAN.from,
      historyTo: SPAN.to,
      knobs: { calls: { callsPerMinute: 0.5 }, edits: { share: 0 } },
    },
    { fetchFrom: `${DT} 00:00:00` },
  );
  const { fake, index, objects, queue, ledger, orders, telemetry, clock } = pipeline;
  const bus = createMemoryBus<DayEvent>();
  const ports: ProverPorts = {
    objects,
    proofs: createMemoryProofs(),
    orders,
    ledger,
    index,
    dayIndex: createMemoryDayIndex(index.calls),
    queue: { ...queue, waiting: async () => queue.bodies.length },
    bus,
    telemetry,
    now: () => clock.at,
  };
  const prove = () =>
    proveDay({ account: pipeline.account, dt: DT, now: clock.at, anew: false, left: () => HOUR }, ports);
  const ticksTo = async (end: number, onTick = (): void => {}) => {
    for (let at = clock.at; at <= end; at += 10 * MINUTE) {
      await pipeline.tick(at);
      onTick();
      await pipeline.drain();
    }
  };
  const calls = [...fake.world.truth(SPAN.to + 3 * HOUR, SPAN)];
  const hidden = calls[Math.floor(calls.length / 2)]?.id;
  fake.knobs.listing.hidden = ({ id }) => id === hidden;

  // One message never arrives: what the poller sent, and counts as sent.
  const lost: string[] = [];
  await ticksTo(SPAN.to + 20 * HOUR, () => {
    if (lost.length > 0 || clock.at < SPAN.from + 8 * HOUR) return;
    const [body] = queue.bodies.splice(0, 1);
    const pack = body === undefined ? undefined : PackMessage.parse(JSON.parse(body));
    if (pack?.body === 'inline') lost.push(...idsIn(Buffer.from(pack.ndjson, 'base64')));
  });
  expect(lost.length).toBeGreaterThan(0);
  const object = [...objects.objects.keys()].findLast((key) => key.startsWith(RAW)) ?? '';
  const unarchived = idsIn(objects.objects.get(object) ?? new Uint8Array());
  objects.objects.delete(object);
  const item = [...index.calls.values()].find((call) => call.object !== object)?.key ?? '';
  index.calls.delete(`main#${item}`);

  await ticksTo(SPAN.to + 27 * HOUR);
  const found = await prove();
  const shown = calls.length - 1;
  expect(found).toMatchObject({ verdict: 'differs', manifest: { source: { records: shown }, vanished: 0 } });
  expect(found.manifest?.named).toMatchObject({
    missing: [...lost, ...unarchived].sort(),
    unindexed: [item],
    stale: [],
  });

  await ticksTo(SPAN.to + 28 * HOUR);
  expect(await prove()).toMatchObject({
    verdict: 'proven',
    manifest: { source: { records: shown }, archive: { records: shown }, index: { records: shown } },
  });
  // What nobody was shown can't be missed; the look at three days is shown it, and the day is proven again.
  fake.knobs.listing.hidden = undefined;
  await ticksTo(SPAN.to + 3 * DAY + 2 * HOUR);
  const whole = { records: calls.length };
  expect(await prove()).toMatchObject({
    verdict: 'proven',
    fresh: true,
    manifest: { roundHours: 72, source: whole, archive: whole, index: whole },
  });
  expect(index.calls.has(`main#${hidden}`)).toBe(true);
  expect(bus.events.map((event) => event['detail-type'])).toEqual(['DayDiffers', 'DayProven', 'DayProven']);
});
