import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type SentEntry, SentList, SentListUnreadable } from '../../shared/core/sent-list.ts';

const HOUR = 3_600_000;
const hex16 = (seed: number) => seed.toString(16).padStart(8, '0').repeat(2);

/** Few ids and few contents, so that they meet. The first bytes vary, for entries are sorted by them. */
const idArb = fc.nat(40).map((n) => hex16((n * 0x9e37_79b1) >>> 0));
const entryArb: fc.Arbitrary<SentEntry> = fc.record({
  content: fc.nat(3).map(hex16),
  second: fc.nat(3599),
  epoch: fc.oneof(fc.nat(3), fc.constant(0xffff_ffff)),
  request: fc.oneof(fc.nat(3), fc.constant(0xffff)),
  unknown: fc.boolean(),
  absent: fc.boolean(),
});
const operationArb = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('set' as const), id: idArb, entry: entryArb }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('store' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget' as const) }) },
);
type Operation = typeof operationArb extends fc.Arbitrary<infer T> ? T : never;

/** Plays the operations on a list and on a Map. `forget` makes what is stored unknown, so it goes after a store. */
const play = (operations: readonly Operation[]) => {
  // Changes lie apart, or are folded into the bytes after a few.
  const mostChanges = operations.length % 2 === 0 ? undefined : 1 + (operations.length % 7);
  let list = new SentList(HOUR, undefined, mostChanges);
  let model = new Map<string, SentEntry>();
  for (const operation of operations) {
    if (operation.kind === 'set') {
      list.set(operation.id, operation.entry);
      model.set(operation.id, operation.entry);
    } else {
      list = new SentList(HOUR, list.encode(), mostChanges);
      if (operation.kind === 'forget') {
        list.forgetContents();
        model = new Map([...model].map(([id, entry]) => [id, { ...entry, unknown: true }]));
      }
    }
  }
  return { list, model };
};

const spelled = (entries: Iterable<[string, SentEntry]>): string =>
  JSON.stringify(
    [...entries]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, { content, second, epoch, request, unknown, absent }]) => [
        id,
        content,
        second,
        epoch,
        request,
        unknown,
        absent,
      ]),
  );

test('a list holds what a Map would, before and after it was stored', () => {
  fc.assert(
    fc.property(fc.array(operationArb, { maxLength: 120 }), (operations) => {
      const { list, model } = play(operations);
      const stored = new SentList(HOUR, list.encode());
      return (
        spelled(list.entries()) === spelled(model) &&
        spelled(stored.entries()) === spelled(model) &&
        [...model].every(
          ([id, entry]) => spelled([[id, stored.get(id) ?? entry]]) === spelled([[id, entry]]),
        ) &&
        stored.get('ffffffffffffffff') === undefined &&
        list.encode().length === 4 + 24 * model.size &&
        !stored.changed
      );
    }),
    { numRuns: 300 },
  );
});

test('thousands of records keep their order and their count', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(0xffff_ffff), entryArb), { minLength: 2_000, maxLength: 4_000 }),
      (all) => {
        const operations = all.map(([n, entry], index) =>
          index % 700 === 699
            ? ({ kind: 'store' } as const)
            : ({ kind: 'set', id: hex16(n), entry } as const),
        );
        const { list, model } = play(operations);
        const bytes = Buffer.from(list.encode());
        let sorted = true;
        for (let at = 4 + 24; at < bytes.length; at += 24)
          sorted &&= bytes.compare(bytes, at, at + 8, at - 24, at - 16) < 0;
        return sorted && spelled(new SentList(HOUR, bytes).entries()) === spelled(model);
      },
    ),
    { numRuns: 8 },
  );
});

test('a count is how many entries stand in the window and are not absent', () => {
  fc.assert(
    fc.property(fc.array(operationArb, { maxLength: 60 }), fc.nat(3600), fc.nat(3600), (operations, a, b) => {
      const { list, model } = play(operations);
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      const expected = [...model.values()].filter(
        ({ second, absent }) => second >= from && second < to && !absent,
      ).length;
      return list.count({ from: HOUR + from * 1000, to: HOUR + to * 1000 }) === expected;
    }),
    { numRuns: 500 },
  );
});

test('merging keeps every record, takes the newer, and doubts what differs', () => {
  fc.assert(
    fc.property(
      fc.array(operationArb, { maxLength: 40 }),
      fc.array(operationArb, { maxLength: 40 }),
      (ours, theirs) => {
        const mine = play(ours);
        const other = play([...theirs, { kind: 'store' }]);
        const merged = new Map(mine.list.merge(other.list).entries());
        const ids = new Set([...mine.model.keys(), ...other.model.keys()]);
        return (
          merged.size === ids.size &&
          [...ids].every((id) => {
            const [a, b, result] = [mine.model.get(id), other.model.get(id), merged.get(id)];
            const one = a ?? b;
            if (!result || !one) return false;
            if (!a || !b) return spelled([[id, result]]) === spelled([[id, one]]);
            const newest = Math.max(a.epoch * 65_536 + a.request, b.epoch * 65_536 + b.request);
            const doubted = a.content !== b.content || a.unknown || b.unknown;
            return result.epoch * 65_536 + result.request === newest && result.unknown === doubted;
          })
        );
      },
    ),
    { numRuns: 500 },
  );
});

test('bytes of another format are refused, not misread', () => {
  expect(() => new SentList(0, Buffer.from('SL02'))).toThrow(SentListUnreadable);
  expect(() => new SentList(0, Buffer.alloc(0))).toThrow(SentListUnreadable);
  expect(() => new SentList(0, Buffer.concat([Buffer.from('SL01'), Buffer.alloc(23)]))).toThrow(
    SentListUnreadable,
  );
});

test('an hour of 120,000 records is 24 bytes a record, and quick to search, count and store', () => {
  const list = new SentList(HOUR);
  const entry = { content: hex16(1), second: 7, epoch: 1, request: 1, unknown: false, absent: false };
  for (let n = 0; n < 120_000; n += 1)
    list.set(hex16((n * 0x9e37_79b1) >>> 0), { ...entry, second: n % 3600 });
  const bytes = list.encode();
  expect(bytes.length).toBe(4 + 24 * 120_000);
  const stored = new SentList(HOUR, bytes);
  const before = process.cpuUsage().user;
  for (let n = 0; n < 1_000; n += 1) stored.get(hex16((n * 0x9e37_79b1) >>> 0));
  for (let n = 0; n < 10; n += 1) stored.count({ from: HOUR, to: HOUR + 900_000 });
  stored.set(hex16(1), entry);
  stored.encode();
  // 30 ms here; an order of magnitude of room for slow machines.
  expect((process.cpuUsage().user - before) / 1000).toBeLessThan(600);
});

test('after a complete read, just what stands in the window and was not seen is absent', () => {
  fc.assert(
    fc.property(
      fc.array(operationArb, { maxLength: 60 }),
      fc.nat(3600),
      fc.nat(3600),
      fc.array(idArb),
      (operations, a, b, ids) => {
        const { list, model } = play(operations);
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const seen = new Set(ids);
        list.markAbsent({ from: HOUR + from * 1000, to: HOUR + to * 1000 }, seen);
        const expected = [...model].map(([id, entry]): [string, SentEntry] => {
          const gone = entry.second >= from && entry.second < to && !seen.has(id);
          return [id, { ...entry, absent: entry.absent || gone }];
        });
        return spelled(list.entries()) === spelled(expected);
      },
    ),
    { numRuns: 300 },
  );
});
