import { describe, expect, test } from 'vitest';
import { createMemoryBus } from '../../shared/adapters/memory/bus.ts';
import { createMemoryCallIndex } from '../../shared/adapters/memory/call-index.ts';
import { createMemoryObjectStore } from '../../shared/adapters/memory/object-store.ts';
import { createMemoryTelemetry } from '../../shared/adapters/memory/telemetry.ts';
import { parseRawKey, RAW } from '../../shared/contract/bucket-layout.ts';
import { entryOf } from '../../shared/contract/index-table.ts';
import type { PackMessage } from '../../shared/contract/pack-message.ts';
import { unzipLines } from '../../shared/contract/pack-message.ts';
import type { CallIndex } from '../../shared/ports/call-index.ts';
import { consume } from '../support/consume.ts';
import { packBody, rawRecord } from '../support/packs.ts';

const stampOf = (number: number) => `00000001-000${number}-69af8c00`;

const createPorts = () => ({
  objects: createMemoryObjectStore(),
  index: createMemoryCallIndex(),
  bus: createMemoryBus(),
  telemetry: createMemoryTelemetry(),
  now: () => Date.parse('2026-03-10T10:00:00Z'),
});
type Ports = ReturnType<typeof createPorts>;

const on = (date: string, id: string, content: number) => rawRecord({ id, content, date });
const pack = (number: number, dt: string, lines: readonly string[], header: Partial<PackMessage> = {}) => ({
  messageId: String(number),
  body: packBody(lines, { dt, stamp: stampOf(number), ...header }),
});

/** The lines of the archive by date, in the order in which they were observed. */
const archived = ({ objects }: Ports) =>
  [...objects.objects.keys()]
    .filter((key) => key.startsWith(RAW))
    .flatMap((key) =>
      unzipLines(objects.objects.get(key) ?? new Uint8Array()).map((line) => ({ ...parseRawKey(key), line })),
    )
    .sort((a, b) => ((a.stamp ?? '') < (b.stamp ?? '') ? -1 : 1))
    .map(({ dt, line }) => [dt, line]);

/** Every entry's pointer leads to its own record. */
const expectPointersHold = ({ objects, index }: Ports) => {
  for (const { object, line, key, dt } of index.calls.values()) {
    const raw = unzipLines(objects.objects.get(object) ?? new Uint8Array())[line] ?? '';
    expect([JSON.parse(raw).id, parseRawKey(object)?.dt]).toEqual([key, dt]);
  }
};

describe('a record whose date moves', () => {
  const first = on('2026-03-10', 'moved', 1);
  const later = on('2026-03-11', 'moved', 2);
  const other = on('2026-03-11', 'other', 3);

  test.each(['live', 'edit', 'repair'] as const)(
    'stays in its first partition, its neighbours go to theirs (%s)',
    async (origin) => {
      const ports = createPorts();
      await consume(ports, [pack(1, '2026-03-10', [first])]);
      await consume(ports, [pack(2, '2026-03-11', [later, other], { origin })]);
      expect(archived(ports)).toEqual([
        ['2026-03-10', first],
        ['2026-03-10', later],
        ['2026-03-11', other],
      ]);
      expectPointersHold(ports);
      const call = ports.index.calls.get('main#moved');
      expect(call).toMatchObject({ dt: '2026-03-10', madeBy: stampOf(2), summary: { answeredSeconds: 2 } });
      expect(call && entryOf(call).day).toMatch(/^main#2026-03-10T/);
      expect(ports.bus.events.find(({ detail }) => detail.revision === stampOf(2))?.detail.archive).toEqual(
        expect.objectContaining({ object: expect.stringContaining('dt=2026-03-10') }),
      );
    },
  );

  test('stays there when the message comes again, and nothing is written twice', async () => {
    const ports = createPorts();
    await consume(ports, [pack(1, '2026-03-10', [first])]);
    const again = pack(2, '2026-03-11', [other, later]);
    await consume(ports, [again]);
    const before = [...ports.objects.objects.keys()];
    await consume(ports, [{ ...again, receives: 2 }]);
    expect([...ports.objects.objects.keys()]).toEqual(before);
  });

  test('stays there whatever comes next, and an older sight of it too', async () => {
    const ports = createPorts();
    const back = on('2026-03-10', 'moved', 5);
    const unreadable = on('none', 'moved', 6);
    await consume(ports, [pack(2, '2026-03-10', [first])]);
    await consume(ports, [pack(3, 'unknown', [unreadable])]);
    await consume(ports, [pack(4, '2026-03-11', [later])]);
    await consume(ports, [pack(1, '2026-03-09', [on('2026-03-09', 'moved', 0)])]);
    await consume(ports, [pack(5, '2026-03-10', [back])]);
    expect(new Set(archived(ports).map(([dt]) => dt))).toEqual(new Set(['2026-03-10']));
    expect(archived(ports)).toHaveLength(5);
    expect(ports.index.calls.get('main#moved')).toMatchObject({
      dt: '2026-03-10',
      summary: { answeredSeconds: 5 },
    });
  });

  test('first seen without a readable date stays under unknown', async () => {
    const ports = createPorts();
    await consume(ports, [pack(1, 'unknown', [on('none', 'moved', 0)])]);
    await consume(ports, [pack(2, '2026-03-10', [first])]);
    expect(archived(ports).map(([dt]) => dt)).toEqual(['unknown', 'unknown']);
  });

  test('leaves odd lines where they can be found', async () => {
    const ports = createPorts();
    await consume(ports, [pack(1, '2026-03-10', [first])]);
    await consume(ports, [pack(2, '2026-03-11', [later, '[1]', other])]);
    const [note = ''] = [...ports.objects.objects.keys()].filter((key) => key.endsWith('.json'));
    const { from } = JSON.parse(Buffer.from(ports.objects.objects.get(note) ?? []).toString());
    expect(unzipLines(ports.objects.objects.get(from.object) ?? new Uint8Array())[from.line]).toBe('[1]');
    expect(from.dt).toBe('2026-03-11');
  });

  test('shown first by a message that was on its way at the same time: follows it, and the index has one date', async () => {
    const ports = createPorts();
    let isFirst = true;
    const index: CallIndex = {
      ...ports.index,
      load: async (...args) => {
        const found = await ports.index.load(...args);
        // Between the look and the write another message comes through.
        if (isFirst) {
          isFirst = false;
          await consume(ports, [pack(1, '2026-03-10', [first])]);
        }
        return found;
      },
    };
    expect(await consume({ ...ports, index }, [pack(2, '2026-03-11', [later, other])])).toEqual([]);
    expect(ports.index.calls.get('main#moved')).toMatchObject({ dt: '2026-03-10', madeBy: stampOf(2) });
    expectPointersHold(ports);
    expect(archived(ports)).toContainEqual(['2026-03-10', later]);
  });
});
