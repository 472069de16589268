import { describe, expect, test } from 'vitest';
import { createMemoryBus } from '../../shared/adapters/memory/bus.ts';
import { createMemoryCallIndex } from '../../shared/adapters/memory/call-index.ts';
import { createMemoryObjectStore } from '../../shared/adapters/memory/object-store.ts';
import { createMemoryTelemetry } from '../../shared/adapters/memory/telemetry.ts';
import { claimKey, parseRawKey, QUARANTINE, RAW } from '../../shared/contract/bucket-layout.ts';
import { unzipLines, zipLines } from '../../shared/contract/pack-message.ts';
import { QuarantineNote } from '../../shared/contract/quarantine.ts';
import { compileVolatilePaths, readContent } from '../../shared/core/content-hash.ts';
import type { CallIndex } from '../../shared/ports/call-index.ts';
import { consume } from '../support/consume.ts';
import { packBody, rawRecord } from '../support/packs.ts';

const NOW = Date.parse('2026-03-10T10:00:00Z');

const createPorts = () => ({
  objects: createMemoryObjectStore(),
  index: createMemoryCallIndex(),
  bus: createMemoryBus(),
  telemetry: createMemoryTelemetry(),
  now: () => NOW,
});
type Ports = ReturnType<typeof createPorts>;

const under = ({ objects }: Ports, prefix: string) =>
  [...objects.objects.keys()].filter((key) => key.startsWith(prefix)).sort();

/** The quarantined things: note and bytes. */
const quarantined = (ports: Ports) =>
  under(ports, QUARANTINE)
    .filter((key) => key.endsWith('.json'))
    .map((key) => ({
      note: QuarantineNote.parse(JSON.parse(Buffer.from(ports.objects.objects.get(key) ?? []).toString())),
      bytes: Buffer.from(ports.objects.objects.get(key.replace(/json$/, 'bin')) ?? []).toString('latin1'),
    }));

const total = ({ telemetry }: Ports, metric: string) =>
  telemetry.metrics.filter((entry) => entry.metric === metric).reduce((sum, { value }) => sum + value, 0);

const a = rawRecord({ id: 'a', content: 1, name: 'Zoë' });
const b = rawRecord({ id: 'b', content: 2 });

describe('a pack', () => {
  test('leaves a mark where its day may be files already, each time that it is received, and else none', async () => {
    const ports = createPorts();
    const late = { messageId: '1', body: packBody([a], { dt: '2026-03-06' }) };
    const marks = ['late/2026-03-10T15/account=main/dt=2026-03-06'];
    await consume(ports, [late, { messageId: '2', body: packBody([b], { dt: '2026-03-07' }) }]);
    expect(under(ports, 'late/')).toEqual(marks);
    // A death between the object and its mark: the message comes again.
    ports.objects.objects.delete(marks[0] ?? '');
    await consume(ports, [late]);
    expect(under(ports, 'late/')).toEqual(marks);
    await consume(ports, [{ messageId: '3', body: packBody([b], { dt: 'unknown' }) }]);
    expect(under(ports, 'late/')).toEqual(marks);
  });

  test('is archived as it came, indexed with a pointer to its line, and published', async () => {
    const ports = createPorts();
    expect(await consume(ports, [{ messageId: '1', body: packBody([a, b]) }])).toEqual([]);
    const [object = ''] = under(ports, RAW);
    expect(parseRawKey(object)).toMatchObject({
      account: 'main',
      dt: '2026-03-10',
      stamp: '00000001-0001-69af8c00',
    });
    expect(unzipLines(ports.objects.objects.get(object) ?? new Uint8Array())).toEqual([a, b]);
    expect([...ports.index.calls.values()].map(({ key, line, object: at }) => [key, line, at])).toEqual([
      ['a', 0, object],
      ['b', 1, object],
    ]);
    expect(ports.bus.events.map(({ detail }) => detail.archive)).toEqual([
      { object, line: 0 },
      { object, line: 1 },
    ]);
    expect([total(ports, 'RecordsIngested'), total(ports, 'EventsPublished')]).toEqual([2, 2]);
  });

  test('that comes twice is one object, one entry, and no second event', async () => {
    const ports = createPorts();
    const message = { messageId: '1', body: packBody([a]) };
    await consume(ports, [message]);
    const after = structuredClone([ports.objects.objects, ports.index.calls]);
    await consume(ports, [{ ...message, body: packBody([a], { stamp: '00000001-0000-69af8c00' }) }]);
    expect(ports.bus.events).toHaveLength(1);
    await consume(ports, [{ ...message, receives: 2 }]);
    expect(under(ports, RAW)).toHaveLength(2);
    expect([...ports.index.calls]).toEqual([...(after[1] as Ports['index']['calls'])]);
    // The revision is this message's, and nobody knows whether its event went out: told again, under the same key.
    expect(new Set(ports.bus.events.map(({ detail }) => detail.dedupeKey)).size).toBe(1);
  });

  test('by claim is read from the bucket', async () => {
    const ports = createPorts();
    const key = claimKey('main', '00000001-0001-69af8c00', 'digest');
    const { ndjson: _, ...header } = JSON.parse(packBody([a]));
    ports.objects.objects.set(key, zipLines([a]));
    const body = JSON.stringify({ ...header, body: 'claim', key });
    expect(await consume(ports, [{ messageId: '1', body }])).toEqual([]);
    expect(ports.index.calls.size).toBe(1);
  });

  test('keyed by content has an entry for each content', async () => {
    const ports = createPorts();
    const other = rawRecord({ id: 'a', content: 9 });
    await consume(ports, [{ messageId: '1', body: packBody([a, other], { keyedBy: 'content' }) }]);
    const hashOf = (raw: string) => `main#~${readContent(raw, compileVolatilePaths([])).hash}`;
    expect([...ports.index.calls.keys()].sort()).toEqual([hashOf(a), hashOf(other)].sort());
    expect(under(ports, RAW)[0]).toMatch(/-c\.ndjson\.gz$/);
    expect(ports.bus.events).toHaveLength(2);
  });

  test('with a recording token that differs makes no revision', async () => {
    const ports = createPorts();
    const withToken = (token: string) =>
      rawRecord({ id: 'a', content: 1, recording_url: `https://r.invalid/?token=${token}` });
    await consume(ports, [{ messageId: '1', body: packBody([withToken('x')]) }]);
    await consume(ports, [
      { messageId: '2', body: packBody([withToken('y')], { stamp: '00000001-0002-69af8c00' }) },
    ]);
    expect(ports.bus.events).toHaveLength(1);
    expect(ports.index.calls.get('main#a')).toMatchObject({
      seen: '00000001-0002-69af8c00',
      madeBy: '00000001-0001-69af8c00',
    });
    expect(JSON.stringify(ports.bus.events)).not.toContain('r.invalid');
  });
});

describe('what is published', () => {
  const eventsFrom = Date.parse('2026-03-10T09:30:00+05:30');
  test.each([
    ['a call that started then', { time: '09:30:00' }, 1],
    ['not one a second before', { time: '09:29:59' }, 0],
    ['by its end where the start is unreadable', { time: null, end_stamp: '2026-03-10 09:29:59' }, 0],
    ['by its insert time where both are', { id: '65f0000000000000000000aa', time: null }, 0],
    ['one whose time can not be told', { date: null }, 1],
  ])('is %s', async (_, fields, events) => {
    const ports = createPorts();
    const body = packBody([rawRecord({ id: 'a', content: 1, ...fields })], { eventsFrom });
    await consume(ports, [{ messageId: '1', body }]);
    expect(ports.index.calls.size).toBe(1);
    expect(ports.bus.events).toHaveLength(events);
  });

  test('has the origin of its pack, and full numbers where the account wants them', async () => {
    const ports = createPorts();
    const record = rawRecord({ id: 'a', content: 1, client_number: '910000012345' });
    await consume(ports, [
      { messageId: '1', body: packBody([record], { origin: 'backfill', numbers: 'full' }) },
    ]);
    expect(ports.bus.events[0]?.detail).toMatchObject({
      origin: 'backfill',
      summary: { customer: '+910000012345' },
    });
  });
});

describe('what no retry cures is put aside and counted, and its neighbours go on', () => {
  test.each([
    ['text', 'no JSON'],
    ['another version', packBody([a]).replace('"v":1', '"v":2')],
    ['a missing member', packBody([a]).replace('"numbers":"masked",', '')],
  ])('a message that is %s', async (_, body) => {
    const ports = createPorts();
    const failed = await consume(ports, [
      { messageId: 'odd', body },
      { messageId: 'good', body: packBody([b]) },
    ]);
    expect(failed).toEqual([]);
    expect(quarantined(ports)).toEqual([
      {
        note: {
          version: 1,
          reason: 'message-unreadable',
          account: 'unknown',
          bytes: body.length,
          quarantinedAt: '2026-03-10T10:00:00.000Z',
          from: { messageId: 'odd' },
        },
        bytes: body,
      },
    ]);
    expect(ports.index.calls.size).toBe(1);
    expect(ports.telemetry.metrics).toContainEqual({ metric: 'Quarantined', value: 1, account: 'unknown' });
  });

  test.each([
    ['no gzip', { ndjson: Buffer.from('plain').toString('base64') }, 'pack-unreadable'],
    ['another number of records than it says', { records: 2 }, 'pack-unreadable'],
    ['a claim on nothing', { body: 'claim', key: 'claims/none', ndjson: undefined }, 'claim-missing'],
  ])('a pack with %s', async (_, change, reason) => {
    const ports = createPorts();
    const body = JSON.stringify({ ...JSON.parse(packBody([a])), ...change });
    expect(await consume(ports, [{ messageId: '1', body }])).toEqual([]);
    expect(quarantined(ports)).toMatchObject([{ note: { reason, account: 'main' }, bytes: body }]);
    expect(under(ports, RAW)).toEqual([]);
  });

  test.each([
    ['no object', '[1]', 'record-unreadable'],
    ['no JSON', '{"id":"x"', 'record-unreadable'],
    ['a second content under one key', rawRecord({ id: 'a', content: 9 }), 'key-repeated'],
  ])('a record that is %s', async (_, odd, reason) => {
    const ports = createPorts();
    expect(await consume(ports, [{ messageId: '1', body: packBody([a, odd, b]) }])).toEqual([]);
    expect(quarantined(ports)).toMatchObject([
      { note: { reason, account: 'main', from: { line: 1, stamp: '00000001-0001-69af8c00' } }, bytes: odd },
    ]);
    const [object = ''] = under(ports, RAW);
    expect(unzipLines(ports.objects.objects.get(object) ?? new Uint8Array())).toEqual([a, odd, b]);
    expect([...ports.index.calls.keys()]).toEqual(['main#a', 'main#b']);
    expect(ports.bus.events).toHaveLength(2);
  });

  test('a record twice with the same content is one', async () => {
    const ports = createPorts();
    await consume(ports, [{ messageId: '1', body: packBody([a, a]) }]);
    expect(quarantined(ports)).toEqual([]);
    expect(ports.bus.events).toHaveLength(1);
  });

  test('another content under one key from another pack of the same request', async () => {
    const ports = createPorts();
    const other = rawRecord({ id: 'a', content: 9 });
    await consume(ports, [{ messageId: '1', body: packBody([a]) }]);
    await consume(ports, [{ messageId: '2', body: packBody([other]) }]);
    expect(quarantined(ports)).toMatchObject([{ note: { reason: 'key-repeated' }, bytes: other }]);
    expect(ports.bus.events).toHaveLength(1);
  });

  test('a record that the index takes in no case', async () => {
    const ports = createPorts();
    const index: CallIndex = {
      ...ports.index,
      write: async (call, seen) => (call.key === 'a' ? 'refused' : ports.index.write(call, seen)),
    };
    expect(await consume({ ...ports, index }, [{ messageId: '1', body: packBody([a, b]) }])).toEqual([]);
    expect(quarantined(ports)).toMatchObject([
      { note: { reason: 'index-refused', from: { key: 'a' } }, bytes: a },
    ]);
    expect(ports.bus.events.map(({ detail }) => detail.id)).toEqual(['b']);
  });

  test('done twice it is one thing', async () => {
    const ports = createPorts();
    for (const messageId of ['1', '2']) await consume(ports, [{ messageId, body: 'no JSON' }]);
    expect(under(ports, QUARANTINE)).toHaveLength(2);
  });
});

describe('messages settle alone', () => {
  const bodies = ['a', 'b', 'c'].map((id, place) => ({
    messageId: id,
    body: packBody([rawRecord({ id, content: place })]),
  }));
  const failingFor = (ports: Ports, keys: readonly string[]) => ({
    ...ports,
    index: {
      ...ports.index,
      write: async (...[call, seen]: Parameters<CallIndex['write']>) => {
        if (keys.includes(call.key)) throw new TypeError('made up: quotes +910000012345');
        return ports.index.write(call, seen);
      },
    },
  });

  test.each([[[]], [['b']], [['a', 'c']], [['a', 'b', 'c']]])('those of %j go back', async (keys) => {
    const ports = createPorts();
    expect(await consume(failingFor(ports, keys), bodies)).toEqual(keys);
    expect(ports.bus.events.map(({ detail }) => detail.id).sort()).toEqual(
      ['a', 'b', 'c'].filter((id) => !keys.includes(id)),
    );
  });

  test('a failure is logged once, by ids and code, and quotes nothing', async () => {
    const ports = createPorts();
    await consume(failingFor(ports, ['b']), bodies);
    expect(ports.telemetry.lines).toEqual([
      {
        level: 'warn',
        message: 'message goes back to the queue',
        facts: { messageId: 'b', receives: 1, code: 'TypeError' },
      },
    ]);
  });

  test('a failed effect is tried again in the same invocation, without telling twice what went out', async () => {
    const ports = createPorts();
    const published: string[][] = [];
    const bus = {
      publish: async (...[events]: Parameters<Ports['bus']['publish']>) => {
        published.push(events.map(({ detail }) => detail.id));
        return events.map((_, place) =>
          published.length === 1 && place === 1
            ? { sent: false as const, code: 'Busy' }
            : { sent: true as const },
        );
      },
    };
    expect(await consume({ ...ports, bus }, [{ messageId: '1', body: packBody([a, b]) }])).toEqual([]);
    expect(published).toEqual([['a', 'b'], ['b']]);
  });

  test('with little time left nothing begins, and all goes back', async () => {
    const ports = createPorts();
    expect(await consume(ports, bodies, () => 19_000)).toEqual(['a', 'b', 'c']);
    expect(ports.objects.objects.size).toBe(0);
    expect(ports.telemetry.lines[0]?.facts).toMatchObject({ code: 'out-of-time' });
  });

  test('an empty batch is no failure', async () => {
    expect(await consume(createPorts(), [])).toEqual([]);
  });
});

describe('what is asked of the index', () => {
  const counted = (ports: Ports) => {
    const asked = { loads: 0, writes: 0, most: 0 };
    let now = 0;
    const index: CallIndex = {
      ...ports.index,
      load: async (...args) => {
        asked.loads++;
        return ports.index.load(...args);
      },
      write: async (...args) => {
        asked.writes++;
        asked.most = Math.max(asked.most, ++now);
        await Promise.resolve();
        now--;
        return ports.index.write(...args);
      },
    };
    return { asked, ports: { ...ports, index } };
  };
  const many = Array.from({ length: 250 }, (_, number) => rawRecord({ id: `k${number}`, content: number }));

  test('is one look a pack and one write a new record, a bounded number at a time', async () => {
    const { asked, ports } = counted(createPorts());
    await consume(ports, [{ messageId: '1', body: packBody(many) }]);
    expect(asked).toEqual({ loads: 1, writes: 250, most: 32 });
  });

  test('is one look and no write for a message that comes again', async () => {
    const { asked, ports } = counted(createPorts());
    await consume(ports, [{ messageId: '1', body: packBody(many) }]);
    await consume(ports, [{ messageId: '1', body: packBody(many), receives: 2 }]);
    expect(asked).toMatchObject({ loads: 2, writes: 250 });
  });

  test('is one write for a changed record, none of which fails', async () => {
    const { asked, ports } = counted(createPorts());
    await consume(ports, [{ messageId: '1', body: packBody([a]) }]);
    const body = packBody([rawRecord({ id: 'a', content: 5 })], { stamp: '00000001-0002-69af8c00' });
    await consume(ports, [{ messageId: '2', body }]);
    expect(asked).toMatchObject({ loads: 2, writes: 2 });
  });

  test('packs of one batch that want the same record leave the newest', async () => {
    const ports = createPorts();
    const messages = Array.from({ length: 10 }, (_, number) => ({
      messageId: String(number),
      body: packBody([rawRecord({ id: 'a', content: number })], {
        stamp: `00000001-000${9 - number}-69af8c00`,
      }),
    }));
    expect(await consume(ports, messages)).toEqual([]);
    expect(ports.index.calls.get('main#a')?.summary.answeredSeconds).toBe(0);
    expect(under(ports, RAW)).toHaveLength(10);
  });
});
