import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CallTimes } from '../../shared/core/call-times.ts';
import { FILTER_TIMES } from '../../shared/core/account-state.ts';
import {
  filterTime,
  ignoresWindow,
  isStrange,
  learnFilterTime,
  NO_DOUBTS,
  placeIn,
} from '../../shared/core/page-trust.ts';
import type { Sighting } from '../../shared/core/sighting.ts';
import { Tally } from '../../shared/core/tally.ts';

const sighting = (key: string, hash: string): Sighting => ({
  raw: '',
  dt: 'unknown',
  key,
  content: { hash, idToken: key },
});
/** Records `[id, content]`: an id may stand for two of them. */
const recordsArb = fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.nat(1)), {
  selector: ([id, content]) => `${id}${content}`,
  maxLength: 8,
});

test('the distinct records of one page are its records, ids repeated or not', () => {
  fc.assert(
    fc.property(recordsArb, (records) => {
      const tally = new Tally();
      const fresh = tally.add(records.map(([id, content]) => sighting(id, `${content}`)));
      const ids = new Set(records.map(([id]) => id));
      const several = [...ids].filter((id) => records.filter(([other]) => other === id).length > 1);
      return (
        fresh === records.length &&
        tally.rows === records.length &&
        tally.distinct(records.length) === records.length &&
        JSON.stringify([...tally.repeated(records.length)].sort()) === JSON.stringify(several.sort())
      );
    }),
  );
});

test('however rows repeat over pages, each record counts once when the source counts them so', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1 }),
      fc.array(fc.array(fc.nat(4), { maxLength: 5 }), { maxLength: 5 }),
      (ids, picks) => {
        const tally = new Tally();
        const seen = new Set<string>();
        for (const page of picks) {
          const rows = [...new Set(page.map((n) => ids[n % ids.length] ?? 'a'))];
          const fresh = tally.add(rows.map((id) => sighting(id, '0')));
          if (fresh !== rows.filter((id) => !seen.has(id)).length) return false;
          for (const id of rows) seen.add(id);
        }
        return tally.distinct(ids.length) === seen.size && tally.repeated(ids.length).size === 0;
      },
    ),
  );
});

test('a record that changed between two pages is one; two records of one id over two pages are two if so counted', () => {
  const changed = new Tally();
  changed.add([sighting('a', '0'), sighting('b', '0')]);
  changed.add([sighting('b', '1'), sighting('c', '0')]);
  expect(changed.distinct(3)).toBe(3);
  expect([...changed.repeated(3)]).toEqual([]);
  expect(changed.distinct(4)).toBe(4);
  expect([...changed.repeated(4)]).toEqual(['b']);
});

const MINUTE = 60_000;
const callArb = fc.record({ start: fc.integer({ min: 0, max: 240 }), life: fc.nat(90), delay: fc.nat(3) });
const timesOf = ({ start, life, delay }: { start: number; life: number; delay: number }): CallTimes => ({
  startAt: start * 1000,
  endAt: (start + life) * 1000,
  insertedAt: (start + life + delay) * 1000,
});

test('a page of rows that one of the three times explains is never taken for ignored', () => {
  fc.assert(
    fc.property(
      fc.array(callArb, { maxLength: 30 }),
      fc.nat(200),
      fc.integer({ min: 1, max: 60 }),
      fc.constantFrom(...FILTER_TIMES),
      fc.nat(50),
      (calls, from, span, filterOn, more) => {
        const window = { from: from * 1000, to: (from + span) * 1000 };
        const rows = calls.map(timesOf).filter((row) => {
          const at = filterTime(row, filterOn) ?? 0;
          return at >= window.from - 1000 && at <= window.to;
        });
        return (
          !ignoresWindow(rows, window, rows.length + more) && rows.every((row) => !isStrange(row, window))
        );
      },
    ),
    { numRuns: 1_000 },
  );
});

test('the newest page of a whole history shows that the window was ignored, a few odd rows do not', () => {
  const now = 1000 * MINUTE;
  const rows = Array.from({ length: 20 }, (_, index): CallTimes => {
    const startAt = now - index * 20_000 - 40_000;
    return { startAt, endAt: startAt + 30_000, insertedAt: startAt + 33_000 };
  });
  const window = { from: now - 2 * MINUTE, to: now - 2000 };
  expect(ignoresWindow(rows, window, 5_000)).toBe(true);
  const inside = rows.filter(({ startAt = 0 }) => startAt >= window.from);
  expect(ignoresWindow(inside, window, inside.length)).toBe(false);
  const odd: CallTimes = { startAt: 0, endAt: 60_000 };
  expect(ignoresWindow([odd], window, 1)).toBe(false);
  expect(ignoresWindow([odd], window, 2)).toBe(false);
  expect(ignoresWindow([odd, odd, odd, odd], window, 4)).toBe(false);
  expect(ignoresWindow([odd, odd], window, 3)).toBe(true);
  expect(ignoresWindow([odd, odd, odd, odd, odd], window, 5)).toBe(true);
  expect(ignoresWindow([odd, odd, odd, ...inside], window, 9)).toBe(false);
  expect(ignoresWindow([], window, 0)).toBe(false);
});

test('the time by which the source filters is learnt from any other belief, and a right belief is kept', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...FILTER_TIMES),
      fc.constantFrom(...FILTER_TIMES),
      fc.integer(),
      (truth, believed, seed) => {
        // Two calls a second with ends 0 to 89 s and inserts 1 to 3 s later: windows of a minute tell.
        const random = (n: number) => Math.abs(Math.imul(seed ^ (n * 0x9e37_79b1), 0x85eb_ca6b) >> 7);
        const calls = Array.from({ length: 1_200 }, (_, n) =>
          timesOf({ start: Math.floor(n / 2), life: random(n) % 90, delay: 1 + (random(n + 5) % 3) }),
        );
        let belief = { filterOn: believed, doubts: NO_DOUBTS };
        for (let from = 120; from < 600; from += 60) {
          const window = { from: from * 1000, to: (from + 60) * 1000 };
          const rows = calls.filter((row) => {
            const at = filterTime(row, truth) ?? 0;
            return at >= window.from - 1000 && at <= window.to;
          });
          const before = belief.filterOn;
          belief = learnFilterTime(belief.filterOn, belief.doubts, rows, window);
          if (before === truth && belief.filterOn !== truth) return false;
        }
        return belief.filterOn === truth;
      },
    ),
    { numRuns: 200 },
  );
});

test('a record is placed at its own second in or beside the window, and else inside the window', () => {
  fc.assert(
    fc.property(
      fc.option(fc.integer({ min: -20, max: 80 }), { nil: undefined }),
      fc.option(fc.integer({ min: -20, max: 80 }), { nil: undefined }),
      fc.constantFrom(...FILTER_TIMES),
      (start, end, filterOn) => {
        const window = { from: 10_000, to: 50_000 };
        const times: CallTimes = {
          ...(start !== undefined && { startAt: start * 1000 }),
          ...(end !== undefined && { endAt: end * 1000 }),
        };
        const place = placeIn(times, filterOn, window);
        const at = filterTime(times, filterOn);
        if (at !== undefined && at >= 8_000 && at < 52_000) return place === at;
        return place % 1000 === 0 && place >= window.from && place < window.to;
      },
    ),
  );
});
