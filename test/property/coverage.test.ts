import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Coverage,
  coveredIn,
  coveredTo,
  coverProbe,
  coverRead,
  gapsIn,
  type LookAge,
  owedSpans,
} from '../../shared/core/coverage.ts';
import type { Window } from '../../shared/core/window.ts';

/** Tiny times, whole numbers from 0: blocks of these sizes begin at multiples of them in India as well. */
const END = 60;
const BLOCKS = [4, 6, 8, 12, 24];

const windowArb = fc
  .tuple(fc.nat(END), fc.nat(END))
  .map(([a, b]): Window => ({ from: Math.min(a, b), to: Math.max(a, b) }));
const looksArb = fc.uniqueArray(
  fc.record({ age: fc.integer({ min: 1, max: 40 }), block: fc.constantFrom(...BLOCKS) }),
  {
    selector: ({ age }) => age,
    maxLength: 3,
  },
);
const stepArb = fc.record({ window: windowArb, at: fc.nat(120), full: fc.boolean() });
const worldArb = fc.record({
  probes: looksArb,
  edits: looksArb,
  steps: fc.array(stepArb, { maxLength: 12 }),
});
type World = typeof worldArb extends fc.Arbitrary<infer T> ? T : never;

interface Ages {
  readAge: number;
  probeAge: number;
}

/** The highest age that is due for one instant, spelled out. */
const dueAge = (looks: readonly LookAge[], t: number, at: number): number =>
  Math.max(
    0,
    ...looks
      .filter(({ age, block }) => (Math.floor(t / block) + 1) * block + age <= at)
      .map(({ age }) => age),
  );

/** What the naive model, instant by instant, and the real thing make of the same steps. */
const play = ({ probes, edits, steps }: World) => {
  const model = new Map<number, Ages>();
  let coverage: Coverage = [];
  for (const { window, at, full } of steps) {
    coverage = (full ? coverRead : coverProbe)(coverage, window, at, { probes, edits });
    for (let t = window.from; t < window.to; t += 1) {
      const before = model.get(t);
      if (!full && !before) continue;
      model.set(t, {
        readAge: Math.max(before?.readAge ?? 0, full ? dueAge(edits, t, at) : 0),
        probeAge: Math.max(before?.probeAge ?? 0, dueAge(probes, t, at)),
      });
    }
  }
  return { model, coverage };
};

const instants = (windows: readonly Window[]): number[] =>
  windows.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, index) => from + index));

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

test('coverage is what reading and counting instant by instant gives', () => {
  fc.assert(
    fc.property(worldArb, (world) => {
      const { model, coverage } = play(world);
      const spelled = coverage.flatMap(({ readAge, probeAge, ...span }) =>
        instants([span]).map((t) => [t, { readAge, probeAge }]),
      );
      return same(
        spelled,
        [...model].sort(([a], [b]) => a - b),
      );
    }),
    { numRuns: 2_000 },
  );
});

test('segments are sorted, disjoint, not empty, and neighbours that touch differ', () => {
  fc.assert(
    fc.property(worldArb, (world) => {
      const { coverage } = play(world);
      return coverage.every((segment, index) => {
        const before = coverage[index - 1];
        if (segment.from >= segment.to) return false;
        if (!before) return true;
        const differ = before.readAge !== segment.readAge || before.probeAge !== segment.probeAge;
        return before.to < segment.from || (before.to === segment.from && differ);
      });
    }),
    { numRuns: 2_000 },
  );
});

test('gaps and covered parts of any window tile it', () => {
  fc.assert(
    fc.property(worldArb, windowArb, (world, window) => {
      const { model, coverage } = play(world);
      const all = instants([window]);
      const gaps = gapsIn(coverage, window);
      return (
        same(
          instants(gaps),
          all.filter((t) => !model.has(t)),
        ) &&
        same(
          instants(coveredIn(coverage, window)),
          all.filter((t) => model.has(t)),
        ) &&
        gaps.every(({ from, to }, index) => from < to && (gaps[index - 1]?.to ?? -1) < from)
      );
    }),
    { numRuns: 2_000 },
  );
});

test('owed is every covered instant whose newest due look is not settled, once, with its age and due time', () => {
  fc.assert(
    fc.property(worldArb, fc.nat(160), fc.boolean(), (world, now, reads) => {
      const { model, coverage } = play(world);
      const looks = reads ? world.edits : world.probes;
      const settled = ({ readAge, probeAge }: Ages) => (reads ? readAge : probeAge);
      const expected = [...model]
        .sort(([a], [b]) => a - b)
        .flatMap(([t, ages]) => {
          const age = dueAge(looks, t, now);
          const block = looks.find((look) => look.age === age)?.block ?? 0;
          return age > settled(ages) ? [[t, age, (Math.floor(t / block) + 1) * block + age]] : [];
        });
      const spans = owedSpans(coverage, looks, now, settled);
      const spelled = spans.flatMap((span) => instants([span]).map((t) => [t, span.age, span.dueAt]));
      const maximal = spans.every((span, index) => {
        const before = spans[index - 1];
        return before?.to !== span.from || before.dueAt !== span.dueAt || before.age !== span.age;
      });
      return same(spelled, expected) && maximal;
    }),
    { numRuns: 2_000 },
  );
});

test('a look that was done when it was owed is owed no more', () => {
  fc.assert(
    fc.property(worldArb, fc.nat(160), (world, now) => {
      const { coverage } = play(world);
      const looks = { probes: world.probes, edits: world.edits };
      const read = owedSpans(coverage, world.edits, now, ({ readAge }) => readAge);
      const afterReads = read.reduce<Coverage>((done, span) => coverRead(done, span, now, looks), coverage);
      const counted = owedSpans(afterReads, world.probes, now, ({ probeAge }) => probeAge);
      const after = counted.reduce<Coverage>((done, span) => coverProbe(done, span, now, looks), afterReads);
      return (
        owedSpans(after, world.edits, now, ({ readAge }) => readAge).length === 0 &&
        owedSpans(after, world.probes, now, ({ probeAge }) => probeAge).length === 0
      );
    }),
    { numRuns: 1_000 },
  );
});

test('covered to: the first instant that is not covered, from where it is asked', () => {
  fc.assert(
    fc.property(worldArb, fc.nat(END), (world, from) => {
      const { model, coverage } = play(world);
      let to = from;
      while (model.has(to)) to += 1;
      return coveredTo(coverage, from) === to;
    }),
    { numRuns: 1_000 },
  );
  expect(coveredTo([], 7)).toBe(7);
});
