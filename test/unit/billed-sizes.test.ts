import { beforeAll, expect, test } from 'vitest';
import { ENTRY_BYTES, EVENT_BYTES } from '../../cli/cost/measured.ts';
import { createMemoryBus } from '../../shared/adapters/memory/bus.ts';
import { createMemoryCallIndex } from '../../shared/adapters/memory/call-index.ts';
import { createMemoryObjectStore } from '../../shared/adapters/memory/object-store.ts';
import { createMemoryTelemetry } from '../../shared/adapters/memory/telemetry.ts';
import { entryOf } from '../../shared/contract/index-table.ts';
import { HOUR, MINUTE, parseIstStamp } from '../../shared/core/time.ts';
import { consume } from '../support/consume.ts';
import { PolledAccount } from '../support/polled-account.ts';

const NOON = parseIstStamp('2026-03-10 12:00:00') ?? 0;
const index = createMemoryCallIndex();
const bus = createMemoryBus();

beforeAll(async () => {
  const polled = new PolledAccount(
    { seed: 1, startedAt: NOON, historyFrom: NOON - HOUR, knobs: { calls: { callsPerMinute: 5 } } },
    { fetchFrom: '2026-03-10 11:00:00' },
  );
  for (let minute = 0; minute < 15; minute += 1) await polled.tick(NOON + minute * MINUTE);
  const bodies = polled.queue.bodies.map((body, at) => ({ messageId: String(at), body }));
  const ports = { objects: createMemoryObjectStore(), telemetry: createMemoryTelemetry(), now: () => NOON };
  await consume({ ...ports, index, bus }, bodies);
});

/** What EventBridge adds to an event: its id, version, account, region and list of resources. */
const ENVELOPE = 150;

const mean = (sizes: readonly number[]) => sizes.reduce((sum, size) => sum + size, 0) / sizes.length;

/** As DynamoDB counts: names and values; a number takes a byte for two digits and one more, a list three and one an element. */
const sizeOf = (value: unknown): number => {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return Math.ceil(String(value).length / 2) + 1;
  if (Array.isArray(value)) return 3 + value.reduce<number>((sum, part) => sum + 1 + sizeOf(part), 0);
  return 1;
};
const entrySize = (entry: object): number =>
  Object.entries(entry)
    .filter(([, value]) => value !== undefined)
    .reduce((sum, [name, value]) => sum + name.length + sizeOf(value), 0);

test('the estimate takes entries to be as large as they are, within a tenth, and one write unit each', () => {
  const sizes = [...index.calls.values()].map((call) => entrySize(entryOf(call)));
  expect(sizes.length).toBeGreaterThan(100);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(1_024);
  expect(mean(sizes) / ENTRY_BYTES).toBeGreaterThan(0.9);
  expect(mean(sizes) / ENTRY_BYTES).toBeLessThan(1.1);
});

test('the estimate takes events to be as large as they are, within a tenth', () => {
  const sizes = bus.events.map((event) => Buffer.byteLength(JSON.stringify(event)) + ENVELOPE);
  expect(sizes.length).toBeGreaterThan(100);
  expect(mean(sizes) / EVENT_BYTES).toBeGreaterThan(0.9);
  expect(mean(sizes) / EVENT_BYTES).toBeLessThan(1.1);
});
