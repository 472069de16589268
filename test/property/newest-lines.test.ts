import { hash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NewestLines, type RecordHistory, type Sights, sightOf } from '../../shared/core/newest-lines.ts';

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

/** Lines as the archive keeps their sights, so many objects at a time. */
const sightsOf = (lines: readonly Line[], objects: number): Sights => ({
  linesOf: Uint32Array.from(
    { length: objects },
    (_, number) => lines.filter(({ object }) => object === number).length,
  ),
  words: Uint32Array.from(lines.flatMap(({ key, content }) => sightOf(key, content))),
});

/** What every line of a day is told, asked in pieces that end after these lines. */
const tell = (lines: readonly Line[], objects: number, ends: readonly number[], dayObjects = objects) => {
  const day = sightsOf(lines, objects);
  return [...ends, lines.length].flatMap((end, piece) => {
    const from = ends[piece - 1] ?? 0;
    const found = new NewestLines(from, end - from, dayObjects);
    found.want(sightsOf(lines.slice(from, end), 0));
    found.take(day);
    const newest = found.histories();
    return lines.slice(from, end).map(({ key }, line) => {
      const history = newest.newest(line);
      return history && newest.isKey(line, key) && !newest.isKey(line, `${key}?`) ? history : undefined;
    });
  });
};

const CONTENTS = ['a', 'b', 'c'].map((text) => hash('sha256', text, 'hex').slice(0, 32));
const line = fc.record({
  key: fc.constantFrom('one', 'two', '~three', '4'),
  content: fc.constantFrom(...CONTENTS),
  /** How many objects further. */
  step: fc.integer({ min: 0, max: 2 }),
});

test('every record is told once, at its newest line, with its history, in whatever pieces the day is asked', () => {
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 30 }),
      fc.array(fc.integer({ min: 0, max: 30 })),
      (drawn, cuts) => {
        let object = 0;
        const lines = drawn.map(({ key, content, step }) => ({ key, content, object: (object += step) }));
        const ends = cuts.map((cut) => Math.min(cut, lines.length)).sort((a, b) => a - b);
        expect(tell(lines, object + 1, ends)).toEqual(byTheBook(lines));
        // As in a day of so many that their numbers take four bytes.
        expect(tell(lines, object + 1, ends, 70_000)).toEqual(byTheBook(lines));
      },
    ),
    { numRuns: 500 },
  );
});

test('a piece of many records holds them all', () => {
  const keys = Array.from({ length: 100_000 }, (_, number) => `record ${number}`);
  const [content = ''] = CONTENTS;
  const words = Uint32Array.from(keys.flatMap((key) => sightOf(key, content)));
  const sights = { linesOf: new Uint32Array(keys.length / 250).fill(250), words };
  const found = new NewestLines(0, keys.length, sights.linesOf.length);
  found.want(sights);
  found.take(sights);
  const newest = found.histories();
  expect(keys.every((key, at) => newest.isKey(at, key) && newest.newest(at)?.contents === 1)).toBe(true);
  expect(newest.newest(250)).toEqual({ firstObject: 1, revisionObject: 1, contents: 1 });
  found.take(sights);
  expect(found.histories().newest(250)).toBeUndefined();
});

test('a piece that has more records than lines is an error, not a search without end', () => {
  const words = Uint32Array.from(['a', 'b', 'c'].flatMap((key) => sightOf(key, 'ff')));
  expect(() => new NewestLines(0, 2, 1).want({ linesOf: Uint32Array.of(3), words })).toThrow(RangeError);
});

test('a day of more objects than two bytes count has them all', () => {
  const objects = 70_000;
  const keys = Array.from({ length: objects }, (_, number) => `record ${number % 69_000}`);
  const [content = '', other = ''] = CONTENTS;
  const words = Uint32Array.from(keys.flatMap((key, at) => sightOf(key, at < 69_000 ? content : other)));
  const sights = { linesOf: new Uint32Array(objects).fill(1), words };
  const found = new NewestLines(0, objects, objects);
  found.want(sights);
  found.take(sights);
  expect(found.histories().newest(69_999)).toEqual({
    firstObject: 999,
    revisionObject: 69_999,
    contents: 2,
  });
});
