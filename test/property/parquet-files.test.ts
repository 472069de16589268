import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ColumnDigests } from '../../functions/compactor/column-digests.ts';
import { createParquetFiles } from '../../shared/adapters/parquet-files.ts';
import type { Columns, Row } from '../../shared/contract/analytics/column.ts';

const told = { says: '', source: '' } as const;

const COLUMNS = {
  key: { ...told, type: 'text', null: 'never' },
  note: { ...told, type: 'text', null: 'absent' },
  seconds: { ...told, type: 'integer', null: 'absent' },
  answered: { ...told, type: 'boolean', null: 'absent' },
  at: { ...told, type: 'timestamp', null: 'absent' },
  record_1: { ...told, type: 'text', null: 'never' },
} as const satisfies Columns;
type Call = Row<typeof COLUMNS>;

const files = createParquetFiles(tmpdir());

/** What comes back of rows that were appended so many at a time. */
const roundTrip = async (rows: readonly Call[], batch: number) => {
  const file = files.begin(COLUMNS);
  for (let from = 0; from < rows.length; from += batch) file.append(rows.slice(from, from + batch));
  const written = file.finish();
  const bytes = Buffer.concat(await Array.fromAsync(written.open()));
  file.discard();
  const back: Record<string, unknown[]> = {};
  const digests = new ColumnDigests(COLUMNS);
  const readRange = async (from: number, to: number) => bytes.subarray(from, to);
  for await (const { name, values } of files.read(COLUMNS, { bytes: bytes.length, readRange })) {
    (back[name] ??= []).push(...Array.from(values));
    digests.addValues(name, values);
  }
  return { back, digests };
};

const digestsOf = (rows: readonly Call[]): ColumnDigests => {
  const digests = new ColumnDigests(COLUMNS);
  for (const row of rows) digests.add(row);
  return digests;
};

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', 'N.A.', 'null', '\ufeff{}', '☎ ünï 𝄞'),
);
const call: fc.Arbitrary<Call> = fc.record({
  key: text,
  note: fc.option(text),
  seconds: fc.option(fc.integer({ min: 0, max: 2 ** 31 - 1 })),
  answered: fc.option(fc.boolean()),
  at: fc.option(fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })),
  record_1: text,
});

test('rows come back as they were, whatever was null, however many came at a time', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(call, { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 30 }),
      async (rows, batch) => {
        const { back, digests } = await roundTrip(rows, batch);
        for (const name of Object.keys(COLUMNS) as (keyof Call)[])
          expect(back[name]).toEqual(rows.map((row) => row[name]));
        expect(digests.equals(digestsOf(rows))).toBe(true);
      },
    ),
  );
});

const numbered = (rows: number, text = ''): Call[] =>
  Array.from({ length: rows }, (_, row) => ({
    key: `call-${row}`,
    note: row % 3 === 0 ? null : `note ${row % 7}`,
    seconds: row % 5 === 0 ? null : row,
    answered: row % 2 === 0,
    at: new Date(row * 1000),
    record_1: `{"row":${row}}${text}`,
  }));

test.each([
  { told: 'many rows', rows: numbered(5_000) },
  { told: 'large rows', rows: numbered(40, 'x'.repeat(1_000_000)) },
])('$told, which are more than one group, come back in their order', async ({ rows }) => {
  const { back, digests } = await roundTrip(rows, 128);
  expect(back['key']).toEqual(rows.map(({ key }) => key));
  expect(digests.equals(digestsOf(rows))).toBe(true);
});

test('half a character, which no UTF-8 can say, is the sign for one', async () => {
  const [row] = numbered(1);
  const { back } = await roundTrip([{ ...(row as Call), note: 'a\ud800b', record_1: '\udc00' }], 1);
  expect([back['note'], back['record_1']]).toEqual([['a\ufffdb'], ['\ufffd']]);
});

test('digests tell rows apart that differ in one value, in their order, or where one value ends', () => {
  const rows = numbered(4);
  const [first, second, ...others] = rows as [Call, Call, ...Call[]];
  const unlike: Call[][] = [
    [{ ...first, seconds: 1 }, second, ...others],
    [second, first, ...others],
    [{ ...first, key: second.key }, { ...second, key: first.key }, ...others],
    [{ ...first, key: `${first.key}c` }, { ...second, key: second.key.slice(1) }, ...others],
    rows.slice(1),
    [{ ...first, note: 'null' }, second, ...others],
  ];
  expect(digestsOf(rows).equals(digestsOf(numbered(4)))).toBe(true);
  for (const other of unlike) expect(digestsOf(other).equals(digestsOf(rows))).toBe(false);
});
