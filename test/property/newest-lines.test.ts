import { hash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NewestLines, type RecordHistory } from '../../shared/core/newest-lines.ts';

interface Line {
  readonly key: string;
  readonly content: string;
  readonly object: number;
}

/** The same by the book: every record's contents one after another. */
const byTheBook = (lines: readonly Line[]): (RecordHistory | undefined)[] => {
  const told: (RecordHistory | undefined)[] = lines.map(() => undefined);
  for (const key of new Set(lines.map((line) => line.key))) {
    const sights = lines
      .map((line, at) => ({ ...line, at }))
      .filter((line) => line.key === key)
      .filter((line, place, all) => all.findIndex(({ object }) => object === line.object) === place);
    const runs = sights.filter((line, place) => line.content !== sights[place - 1]?.content);
    const [first] = sights;
    const last = sights.at(-1);
    if (first && last)
      told[last.at] = {
        firstObject: first.object,
        revisionObject: runs.at(-1)?.object ?? 0,
        contents: runs.length,
      };
  }
  return told;
};

const read = (lines: readonly Line[]): NewestLines => {
  const day = new NewestLines();
  for (const line of lines) day.take(line);
  return day;
};

const CONTENTS = ['a', 'b', 'c'].map((text) => hash('sha256', text, 'hex').slice(0, 32));
const line = fc.record({
  key: fc.constantFrom('one', 'two', '~three', '4'),
  content: fc.constantFrom(...CONTENTS),
  /** How many objects further. */
  step: fc.integer({ min: 0, max: 2 }),
});

test('every record is told once, at its newest line, with its history', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (drawn) => {
      let object = 0;
      const lines = drawn.map(({ key, content, step }) => ({ key, content, object: (object += step) }));
      const day = read(lines);
      const told = lines.map((_, number) => day.newest(number));
      return JSON.stringify(told) === JSON.stringify(byTheBook(lines)) && day.lines === lines.length;
    }),
    { numRuns: 500 },
  );
});

test('holds a day of many records', () => {
  const keys = Array.from({ length: 100_000 }, (_, number) => `record ${number}`);
  const [content = ''] = CONTENTS;
  const day = read([...keys, ...keys].map((key, at) => ({ key, content, object: Math.floor(at / 250) })));
  const newest = Array.from({ length: day.lines }, (_, number) => day.newest(number));
  expect(day.records).toBe(keys.length);
  expect(newest.slice(0, keys.length).every((history) => history === undefined)).toBe(true);
  expect(newest[keys.length + 7]).toEqual({ firstObject: 0, revisionObject: 0, contents: 1 });
  expect(day.newest(day.lines)).toBeUndefined();
});
