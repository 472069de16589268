import { expect, test } from 'vitest';
import { createMemoryBus } from '../../shared/adapters/memory/bus.ts';
import { createMemoryCallIndex } from '../../shared/adapters/memory/call-index.ts';
import { createMemoryObjectStore } from '../../shared/adapters/memory/object-store.ts';
import { createMemoryTelemetry } from '../../shared/adapters/memory/telemetry.ts';
import { QUARANTINE, RAW } from '../../shared/contract/bucket-layout.ts';
import { unzipLines } from '../../shared/contract/pack-message.ts';
import { consume } from '../support/consume.ts';
import { packBody, rawRecord } from '../support/packs.ts';

const createPorts = () => ({
  objects: createMemoryObjectStore(),
  index: createMemoryCallIndex(),
  bus: createMemoryBus(),
  telemetry: createMemoryTelemetry(),
  now: () => 0,
});
type Ports = ReturnType<typeof createPorts>;

const under = ({ objects }: Ports, prefix: string) =>
  [...objects.objects.keys()].filter((key) => key.startsWith(prefix));

const stampOf = (request: number) => `00000001-000${request}-69af8c00`;

/** One record over five requests: A, B, A again, A once more, C. */
const CONTENTS = [1, 2, 1, 1, 3];
const MESSAGES = CONTENTS.map((content, place) => ({
  messageId: `m${place}`,
  body: packBody([rawRecord({ id: 'a', content })], { stamp: stampOf(place) }),
}));

const permutations = <T>(all: readonly T[]): T[][] =>
  all.length === 0
    ? [[]]
    : all.flatMap((first, place) =>
        permutations(all.filter((_, other) => other !== place)).map((rest) => [first, ...rest]),
      );

/** What a subscriber has that drops what is not newer. */
const keptOf = ({ bus }: Ports) =>
  bus.events
    .map(({ detail }) => detail)
    .reduce<(typeof bus.events)[number]['detail'] | undefined>(
      (kept, detail) => (kept && kept.revision >= detail.revision ? kept : detail),
      undefined,
    );

test('dead letters sent back in any order, after the newer ones were done: nothing newer is overwritten', async () => {
  for (const order of permutations(MESSAGES)) {
    for (let late = 0; late <= order.length; late += 1) {
      const ports = createPorts();
      // The first ones are done in time, the others come back days later, as new: a redrive begins its count anew.
      for (const message of order.slice(0, late)) await consume(ports, [message]);
      const before = ports.index.calls.get('main#a');
      await consume(ports, order.slice(late));
      const call = ports.index.calls.get('main#a');
      expect(call).toMatchObject({ seen: stampOf(4), madeBy: stampOf(4), summary: { answeredSeconds: 3 } });
      if (order.slice(0, late).includes(MESSAGES[4] ?? order[0] ?? { messageId: '', body: '' }))
        expect(call).toEqual(before);
      expect(keptOf(ports)).toMatchObject({ revision: stampOf(4), summary: { answeredSeconds: 3 } });
      expect(under(ports, RAW)).toHaveLength(5);
      expect(under(ports, QUARANTINE)).toEqual([]);
    }
  }
});

test('everything redriven once more, in any order: not one byte differs, and no key is told with another content', async () => {
  const ports = createPorts();
  for (const message of MESSAGES) await consume(ports, [message]);
  const objects = new Map(ports.objects.objects);
  const calls = new Map(ports.index.calls);
  const told = new Map(ports.bus.events.map(({ detail }) => [detail.dedupeKey, detail.summary]));
  for (const order of permutations(MESSAGES)) {
    ports.bus.events.length = 0;
    for (const message of order) expect(await consume(ports, [message])).toEqual([]);
    expect(ports.objects.objects).toEqual(objects);
    expect(ports.index.calls).toEqual(calls);
    for (const { detail } of ports.bus.events) expect(told.get(detail.dedupeKey)).toEqual(detail.summary);
  }
});

const { ndjson: _kept, ...header } = JSON.parse(packBody(['{}']));
const CLAIM = JSON.stringify({ ...header, body: 'claim', key: 'claims/gone' });

/** What no retry cures. */
const POISON: readonly (readonly [string, string])[] = [
  ['no JSON', '{"v":1'],
  ['no message', '{"v":2}'],
  ['no gzip', packBody(['{}'], { ndjson: Buffer.from('not zipped').toString('base64') })],
  ['fewer records than it says', packBody([rawRecord({ id: 'p', content: 1 })], { records: 2 })],
  ['a claim that is gone', CLAIM],
  ['a record that is none', packBody(['not a record'])],
];

test.each(POISON)(
  '%s, at any place among nine good messages: put aside, and the others are done',
  async (_what, poison) => {
    for (let place = 0; place < 10; place += 1) {
      const ports = createPorts();
      const good = Array.from({ length: 9 }, (_, at) => ({
        messageId: `good ${at}`,
        body: packBody([rawRecord({ id: `g${at}`, content: at })], { stamp: stampOf(at) }),
      }));
      const batch = good.toSpliced(place, 0, { messageId: 'poison', body: poison });
      expect(await consume(ports, batch)).toEqual([]);
      expect(ports.index.calls.size).toBe(9);
      expect(ports.bus.events.map(({ detail }) => detail.id).sort()).toEqual(good.map((_, at) => `g${at}`));
      expect(under(ports, QUARANTINE).filter((key) => key.endsWith('.bin'))).toHaveLength(1);
    }
  },
);

test('a message whose object is refused again and again goes back alone, at any place', async () => {
  for (let place = 0; place < 10; place += 1) {
    const ports = createPorts();
    const batch = Array.from({ length: 10 }, (_, at) => ({
      messageId: `${at}`,
      body: packBody([rawRecord({ id: `g${at}`, content: at })], { stamp: stampOf(at) }),
    }));
    const { create } = ports.objects;
    const refusing = {
      ...ports.objects,
      create: async (key: string, body: Uint8Array) => {
        if (key.startsWith(RAW) && key.includes(stampOf(place))) throw new Error('made up');
        return create(key, body);
      },
    };
    expect(await consume({ ...ports, objects: refusing }, batch)).toEqual([`${place}`]);
    expect(ports.index.calls.size).toBe(9);
    const lines = under(ports, RAW).flatMap((key) =>
      unzipLines(ports.objects.objects.get(key) ?? new Uint8Array()),
    );
    expect(lines).toHaveLength(9);
  }
});
