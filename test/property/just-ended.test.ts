import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  countDurations,
  DURATION_CLASSES,
  durationPrior,
  shareLasting,
} from '../../shared/core/durations.ts';
import { type Density, justEndedSteps } from '../../shared/core/just-ended.ts';
import { MINUTE, SECOND } from '../../shared/core/time.ts';

const densityArb: fc.Arbitrary<Density> = fc.record({
  perMinute: fc.constantFrom(0, 0.5, 3, 20, 200, 2_000),
  durations: fc.oneof(
    fc.constant(durationPrior()),
    fc.array(fc.nat(300), { minLength: DURATION_CLASSES.length, maxLength: DURATION_CLASSES.length }),
  ),
  pageLimit: fc.constantFrom(20, 100, 1_000),
});
const spanArb = fc.record({
  youngest: fc.integer({ min: 1, max: 30 }).map((n) => n * MINUTE),
  oldest: fc.integer({ min: 1, max: 200 }).map((n) => n * MINUTE),
  gap: fc.integer({ min: 1, max: 600 }).map((n) => n * SECOND),
  settle: fc.integer({ min: 0, max: 10 }).map((n) => n * SECOND),
});
const APPEARS_WITHIN = 10 * SECOND;

test('the steps tile the ages from live to the longest call', () => {
  fc.assert(
    fc.property(spanArb, densityArb, ({ youngest, oldest, gap, settle }, density) => {
      const steps = justEndedSteps(youngest, oldest, gap, settle, density);
      if (youngest >= oldest) return steps.length === 0;
      return (
        steps[0]?.youngest === youngest &&
        steps.at(-1)?.oldest === oldest &&
        steps.every(
          (step, index) =>
            step.youngest < step.oldest &&
            step.requests >= 1 &&
            (index === 0 || steps[index - 1]?.oldest === step.youngest),
        )
      );
    }),
    { numRuns: 300 },
  );
});

test('a call that became visible within the gap passes the filter of the step of its age', () => {
  const callArb = fc.record({
    ended: fc.nat(600),
    delay: fc.integer({ min: 0, max: 10 }),
    life: fc.nat(7_200),
    understated: fc.integer({ min: 88, max: 100 }),
  });
  fc.assert(
    fc.property(spanArb, densityArb, callArb, ({ youngest, oldest, gap, settle }, density, call) => {
      // Ages and times counted back from now: it ended `ended` seconds ago, and was stored `delay` seconds later.
      const endedAgo = call.ended * SECOND;
      const visibleAgo = endedAgo - Math.min(endedAgo, call.delay * SECOND);
      const age = endedAgo + call.life * SECOND;
      if (visibleAgo > gap + settle || endedAgo - visibleAgo > APPEARS_WITHIN) return true;
      const step = justEndedSteps(youngest, oldest, gap, settle, density).find(
        (one) => one.youngest < age && age <= one.oldest,
      );
      return !step || Math.floor((call.life * call.understated) / 100) >= step.minDuration;
    }),
    { numRuns: 2_000 },
  );
});

test('the steps cost no more than one step would', () => {
  fc.assert(
    fc.property(densityArb, (density) => {
      const steps = justEndedSteps(2 * MINUTE, 130 * MINUTE, MINUTE, 2 * SECOND, density);
      const total = steps.reduce((sum, { requests }) => sum + requests, 0);
      const lasted = (age: number) => Math.max(0, 0.8 * (age - MINUTE - 12 * SECOND));
      const pages = (from: number, to: number) =>
        Math.max(
          1,
          (density.perMinute * (to - from) * shareLasting(density.durations, lasted(from))) /
            MINUTE /
            density.pageLimit +
            0.5,
        );
      return total <= pages(2 * MINUTE, 130 * MINUTE) + 1e-9;
    }),
    { numRuns: 100 },
  );
});

test('the share that outlasts a time falls from one to none, and follows what was counted', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(7_200), { minLength: 1, maxLength: 200 }), (seconds) => {
      const counts = countDurations([], seconds);
      const shares = [0, 1, 10, 30, 100, 300, 1_000, 3_000, 7_000, 8_000].map((s) =>
        shareLasting(counts, s * SECOND),
      );
      const atBounds = DURATION_CLASSES.every(
        (low) =>
          Math.abs(
            shareLasting(counts, low * SECOND) - seconds.filter((s) => s >= low).length / seconds.length,
          ) < 1e-9,
      );
      const falls = shares.every((share, index) => index === 0 || share <= (shares[index - 1] ?? 1) + 1e-12);
      return atBounds && falls && shares[0] === 1 && shares.at(-1) === 0;
    }),
    { numRuns: 300 },
  );
});

test('old durations fade: a new mix shows through after as many calls again', () => {
  let counts = durationPrior();
  for (let n = 0; n < 100; n += 1)
    counts = countDurations(
      counts,
      Array.from({ length: 500 }, () => 20),
    );
  expect(shareLasting(counts, 60 * SECOND)).toBeLessThan(0.02);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(20_000);
});
