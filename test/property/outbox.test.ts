import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Asked, Outbox } from '../../functions/poller/outbox.ts';
import { SentLists } from '../../functions/poller/sent-lists.ts';
import { createMemoryObjectStore } from '../../shared/adapters/memory/object-store.ts';
import { createMemoryTelemetry } from '../../shared/adapters/memory/telemetry.ts';
import { PACK_BYTES, PACK_RECORDS, PackMessage, unzipLines } from '../../shared/contract/pack-message.ts';
import { compileVolatilePaths } from '../../shared/core/content-hash.ts';
import { sight } from '../../shared/core/sighting.ts';
import { formatStamp } from '../../shared/core/stamp.ts';
import type { Queue } from '../../shared/ports/queue.ts';
import { rawRecord } from '../support/packs.ts';

const HOUR = 3_600_000;
const NINE = Date.parse('2026-03-10T09:00:00+05:30');
const volatile = compileVolatilePaths([]);
const asked = (more: Partial<Asked> = {}): Asked => ({
  window: { from: NINE, to: NINE + HOUR },
  wanted: { from: 0, to: Infinity },
  look: 'live',
  filterOn: 'start',
  again: false,
  publishFrom: undefined,
  ...more,
});

interface Row {
  readonly id: number;
  readonly content: number;
  readonly date?: string;
}
const pageOf = (request: number, rows: readonly Row[]) => ({
  stamp: formatStamp(1, request, NINE),
  sightings: rows.map(({ id, content, date = '2026-03-10' }) =>
    sight(rawRecord({ id: `r${id}`, content, date }), volatile),
  ),
});

/** An outbox, what reached the queue, and a queue that refuses the n-th messages. */
const open = (refuses: (n: number) => boolean = () => false, objects = createMemoryObjectStore()) => {
  const bodies: string[] = [];
  const marked = new Set<number>();
  let offered = 0;
  const telemetry = createMemoryTelemetry();
  const lists = new SentLists('main', [], objects, telemetry);
  const queue: Queue = {
    async send(all) {
      if (marked.size === 0) throw new Error('sent before the hours were marked');
      return all.map((body) => {
        if (refuses(offered++)) return { sent: false, code: 'made-up' };
        bodies.push(body);
        return { sent: true };
      });
    },
  };
  const outbox = new Outbox(
    { account: 'main', eventsFrom: 0, numbers: 'masked', volatilePaths: [] },
    {
      queue,
      objects,
      lists,
      markDirty: async (hours) => {
        for (const hour of hours) marked.add(hour);
      },
      nextTurn: async () => undefined,
    },
  );
  const messages = () =>
    bodies.map((body) => {
      const pack = PackMessage.parse(JSON.parse(body));
      const zipped =
        pack.body === 'inline' ? Buffer.from(pack.ndjson, 'base64') : objects.objects.get(pack.key);
      return { pack, lines: unzipLines(zipped ?? new Uint8Array()), body };
    });
  return { outbox, messages, objects, lists };
};

const rowArb = fc.record({
  id: fc.nat(12),
  content: fc.nat(2),
  date: fc.constantFrom('2026-03-10', '2026-03-09', 'never'),
});
const pagesArb = fc.array(fc.array(rowArb, { maxLength: 12 }), { minLength: 1, maxLength: 4 });

test('packs: a record at most once in each, one stamp, date, origin and kind of key, as many as they say', async () => {
  await fc.assert(
    fc.asyncProperty(pagesArb, fc.uniqueArray(fc.nat(12)), async (rows, repeatedIds) => {
      const { outbox, messages } = open();
      const pages = rows.map((page, index) => pageOf(index + 1, page));
      const repeated = new Set(repeatedIds.map((id) => `r${id}`));
      await outbox.send({ pages, repeated }, asked());
      return messages().every(({ pack, lines }) => {
        const records = lines.map((line) => JSON.parse(line) as { id: string; date: string });
        const names = lines.map((line, index) => (pack.keyedBy === 'id' ? records[index]?.id : line));
        const page = pages.find(({ stamp }) => stamp === pack.stamp);
        return (
          pack.records === lines.length &&
          new Set(names).size === lines.length &&
          lines.every((line) => page?.sightings.some(({ raw }) => raw === line)) &&
          records.every(({ id, date }) => {
            const dt = date === 'never' ? 'unknown' : date;
            return dt === pack.dt && repeated.has(id) === (pack.keyedBy === 'content');
          })
        );
      });
    }),
    { numRuns: 200 },
  );
});

test('after all pages were sent, the last content of each record is the newest that the queue has', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(pagesArb, { minLength: 1, maxLength: 4 }), async (sends) => {
      const { outbox, messages } = open();
      const last = new Map<string, string>();
      let request = 0;
      for (const rows of sends) {
        // Within one page the first of two contents counts: such an id is keyed by content as a rule.
        const pages = rows.map((page) =>
          pageOf(++request, [...new Map(page.toReversed().map((row) => [row.id, row])).values()]),
        );
        await outbox.send({ pages, repeated: new Set() }, asked());
        for (const { sightings } of pages)
          for (const { key, content } of sightings) last.set(key, content.hash);
      }
      const newest = new Map<string, { stamp: string; hash: string }>();
      const sent: string[] = [];
      for (const { pack, lines } of messages()) {
        for (const line of lines) {
          const { key, content } = sight(line, volatile);
          sent.push(`${key} ${pack.stamp}`);
          if ((newest.get(key)?.stamp ?? '') < pack.stamp)
            newest.set(key, { stamp: pack.stamp, hash: content.hash });
        }
      }
      return (
        newest.size === last.size &&
        [...last].every(([key, hash]) => newest.get(key)?.hash === hash) &&
        new Set(sent).size === sent.length
      );
    }),
    { numRuns: 200 },
  );
});

test('what the queue refused goes again at its next sight, what it took does not', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(rowArb, { selector: ({ id }) => id, minLength: 1, maxLength: 12 }),
      fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
      async (rows, refusals) => {
        let isRefusing = true;
        const { outbox, messages } = open((n) => isRefusing && (refusals[n] ?? false));
        const first = await outbox.send({ pages: [pageOf(1, rows)], repeated: new Set() }, asked());
        isRefusing = false;
        const second = await outbox.send({ pages: [pageOf(2, rows)], repeated: new Set() }, asked());
        const lines = messages().flatMap((message) => message.lines);
        return (
          first.sent + second.sent === rows.length &&
          lines.length === rows.length &&
          new Set(lines).size === rows.length &&
          (first.refused === undefined) === (second.sent === 0)
        );
      },
    ),
    { numRuns: 200 },
  );
});

test('five hundred and one records are three packs, within their bytes', async () => {
  const { outbox, messages } = open();
  const rows = Array.from({ length: 501 }, (_, id) => ({ id, content: id }));
  const { sent } = await outbox.send({ pages: [pageOf(1, rows)], repeated: new Set() }, asked());
  expect(sent).toBe(501);
  expect(messages().map(({ lines }) => lines.length)).toEqual([PACK_RECORDS, PACK_RECORDS, 1]);
});

/** Text that does not compress. */
const noise = (length: number): string => {
  let state = 7;
  return Array.from({ length }, () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d) + 0x9e37_79b9;
    return String.fromCharCode(97 + ((state >>> 20) % 26));
  }).join('');
};

test('large records make small packs, and one that fits no message goes by claim-check, its bytes as they came', async () => {
  const { outbox, messages, objects } = open();
  const raws = [60_000, 90_000, 120_000, 900_000, 10].map((size, id) =>
    rawRecord({ id: `r${id}`, content: id, notes: noise(size) }),
  );
  const sightings = raws.map((raw) => sight(raw, volatile));
  await outbox.send({ pages: [{ stamp: formatStamp(1, 1, NINE), sightings }], repeated: new Set() }, asked());
  const all = messages();
  expect(all.flatMap(({ lines }) => lines)).toEqual(raws);
  for (const { pack } of all)
    if (pack.body === 'inline') expect(pack.ndjson.length).toBeLessThanOrEqual(PACK_BYTES);
  expect(all.filter(({ pack }) => pack.body === 'claim').map(({ lines }) => lines.length)).toEqual([1]);
  expect([...objects.objects.keys()].filter((key) => key.startsWith('claims/'))).toHaveLength(1);
});

test('origins say why a record is sent', async () => {
  const { outbox, messages } = open();
  const send = (look: Asked['look'], id: number, content: number) =>
    outbox.send(
      { pages: [pageOf(id * 10 + content, [{ id, content }])], repeated: new Set() },
      asked({ look }),
    );
  await send('live', 1, 0);
  await send('just-ended', 2, 0);
  await send('probe', 3, 0);
  await send('gap', 4, 0);
  await send('backfill', 5, 0);
  await send('backfill', 1, 1);
  await send('edit', 6, 0);
  expect(messages().map(({ pack }) => pack.origin)).toEqual([
    'live',
    'live',
    'late',
    'late',
    'backfill',
    'edit',
    'late',
  ]);
});

test('a record beside the window is taken to its own hour, and known to the neighbour; one that nobody wants is left', async () => {
  const { outbox, messages } = open();
  const raw = rawRecord({ id: 'edge', content: 0, time: '08:59:59' });
  const page = { stamp: formatStamp(1, 1, NINE), sightings: [sight(raw, volatile)] };
  await outbox.send({ pages: [page], repeated: new Set() }, asked({ wanted: { from: NINE, to: Infinity } }));
  expect(messages()).toHaveLength(0);
  await outbox.send({ pages: [page], repeated: new Set() }, asked());
  await outbox.send(
    { pages: [page], repeated: new Set() },
    asked({ window: { from: NINE - HOUR, to: NINE } }),
  );
  expect(messages()).toHaveLength(1);
});

test('one of two records that share an id, shown alone by a filter, is not sent as a third', async () => {
  const { outbox, messages } = open();
  const both = pageOf(1, [
    { id: 1, content: 0 },
    { id: 1, content: 1 },
  ]);
  await outbox.send({ pages: [both], repeated: new Set(['r1']) }, asked());
  await outbox.send(
    { pages: [pageOf(2, [{ id: 1, content: 1 }])], repeated: new Set() },
    asked({ look: 'just-ended' }),
  );
  expect(messages().map(({ pack, lines }) => [pack.keyedBy, lines.length])).toEqual([['content', 2]]);
});

test('a record that was gone and is back is sent again: it may have been elsewhere with another content', async () => {
  const { outbox, messages, lists } = open();
  const rows = [{ id: 1, content: 0 }];
  const { seen } = await outbox.send({ pages: [pageOf(1, rows)], repeated: new Set() }, asked());
  const list = await lists.load(NINE);
  list.markAbsent(asked().window, seen);
  await outbox.send({ pages: [pageOf(2, rows)], repeated: new Set() }, asked());
  expect(messages()).toHaveLength(1);
  list.markAbsent(asked().window, new Set());
  await outbox.send({ pages: [pageOf(3, rows)], repeated: new Set() }, asked());
  await outbox.send({ pages: [pageOf(4, rows)], repeated: new Set() }, asked());
  expect(messages().map(({ pack }) => pack.origin)).toEqual(['live', 'edit']);
});
