import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readWindow, type WindowReading } from '../../functions/poller/read-window.ts';
import { FakeSmartflo } from '../../local/fake-smartflo/api.ts';
import type { KnobChanges, ListingKnobs } from '../../local/fake-smartflo/knobs.ts';
import { compileVolatilePaths, readContent } from '../../shared/core/content-hash.ts';
import { HOUR, istStamp, MINUTE, parseIstDate, SECOND } from '../../shared/core/time.ts';
import type { Window } from '../../shared/core/window.ts';
import { sourceOf } from '../support/polled-account.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const NOON = (parseIstDate('2026-03-10') ?? 0) + 12 * HOUR;
/** Calls that end in a window began so long before it at most. */
const LONGEST = 130 * MINUTE;
const volatile = compileVolatilePaths(['recording_url?token']);

/** Every way in which a source may list, that keeps its words about its count. */
const listingArb = fc.record({
  limitCap: fc.constantFrom(1_000, 7, 10),
  limitEcho: fc.constantFrom('used', 'asked'),
  numbersAs: fc.constantFrom('number', 'string'),
  pastTheEnd: fc.constantFrom('empty', 'last-page', 'error'),
  sortBy: fc.constantFrom('start', 'end', 'insert', 'id'),
  order: fc.constantFrom('desc', 'asc'),
  fromInclusive: fc.boolean(),
  toInclusive: fc.boolean(),
  subSecond: fc.boolean(),
  filterOn: fc.constantFrom('start', 'end', 'insert'),
  count: fc.constantFrom('moving', 'frozen'),
  rotatingTokens: fc.boolean(),
  layout: fc.constantFrom('minified', 'pretty'),
} satisfies { [Name in keyof ListingKnobs]?: fc.Arbitrary<ListingKnobs[Name]> });

/** Ways in which pages contradict one another, or hold back what is counted. */
const unruliness = fc.record({
  ties: fc.constantFrom('stable', 'shuffled'),
  shiftShare: fc.constantFrom(0, 0.3, 1),
  wallRows: fc.constantFrom(Infinity, 12),
  atTheWall: fc.constantFrom('error', 'empty'),
  unlisted: fc.constantFrom(undefined, ({ ref }: { ref: number }) => ref % 13 === 0),
} satisfies { [Name in keyof ListingKnobs]?: fc.Arbitrary<ListingKnobs[Name]> });

const oddities = fc.record({
  missingShare: fc.constantFrom(0, 0.2),
  repeatedShare: fc.constantFrom(0, 0.2),
  hostileShare: fc.constantFrom(0, 0.2),
});

const worldArb = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  callsPerMinute: fc.integer({ min: 1, max: 8 }),
  pageLimit: fc.oneof(fc.integer({ min: 3, max: 12 }), fc.constant(100)),
  minutes: fc.integer({ min: 1, max: 8 }),
});
type World = typeof worldArb extends fc.Arbitrary<infer T> ? T : never;

/** Reads one window of a fake as the poller asks for it. */
const read = async (
  { seed, callsPerMinute, pageLimit, minutes }: World,
  window: Window,
  isOpen: boolean,
  knobs: KnobChanges,
) => {
  const clock = new VirtualClock(isOpen ? window.to + 2 * SECOND : NOON);
  const fake = new FakeSmartflo({
    seed,
    clock,
    startedAt: clock.at,
    historyFrom: window.from - LONGEST,
    historyTo: isOpen ? Number.POSITIVE_INFINITY : window.to + 10 * MINUTE,
    knobs: { ...knobs, calls: { callsPerMinute, ...knobs.calls }, faults: { latency: SECOND } },
  });
  const source = sourceOf(fake, clock, { turn: async () => undefined, left: () => undefined });
  const began = clock.at;
  let requests = 0;
  const ask = async (page: number, limit: number) => ({
    stamp: `00000001-${(++requests).toString(16).padStart(4, '0')}-69af8c00`,
    page: await source.page(
      { from_date: istStamp(window.from - SECOND), to_date: istStamp(window.to), page, limit },
      10 * SECOND,
    ),
  });
  const by = fake.knobs.listing.filterOn;
  const reading = await readWindow(
    { window, open: isOpen, missing: 0, pageLimit, most: 200, filterOn: by, volatile },
    ask,
    () => clock.nextTurn(),
  );
  const there = fake.world.recordsVisible(began, window, by);
  return { reading, there, requests, minutes };
};

/** Contents that a reading showed. */
const shown = ({ pages }: WindowReading): ReadonlySet<string> =>
  new Set(pages.flatMap(({ sightings }) => sightings.map(({ content }) => content.hash)));
const hashOf = (raw: string): string => readContent(raw, volatile).hash;

const closedWindow = (minutes: number): Window => ({
  from: NOON - 7 * HOUR,
  to: NOON - 7 * HOUR + minutes * MINUTE,
});

test('a closed window is covered by all of its records, however the source lists them', async () => {
  await fc.assert(
    fc.asyncProperty(worldArb, listingArb, async (world, listing) => {
      const { reading, there } = await read(world, closedWindow(world.minutes), false, { listing });
      const all = shown(reading);
      return (
        reading.verdict === 'covered' &&
        there.every(({ raw }) => all.has(hashOf(raw))) &&
        reading.pageLimit <= world.pageLimit
      );
    }),
    { numRuns: 120 },
  );
});

test('a closed window whose pages contradict one another is not covered as long as a record is missing', async () => {
  let covered = 0;
  let not = 0;
  await fc.assert(
    fc.asyncProperty(worldArb, listingArb, unruliness, oddities, async (world, listing, unruly, identity) => {
      const knobs = { listing: { ...listing, ...unruly }, identity };
      const { reading, there } = await read(world, closedWindow(world.minutes), false, knobs);
      if (reading.verdict !== 'covered') {
        not += 1;
        return true;
      }
      covered += 1;
      const all = shown(reading);
      return there.every(({ raw }) => all.has(hashOf(raw)));
    }),
    { numRuns: 180 },
  );
  expect([covered > 20, not > 20]).toEqual([true, true]);
});

test('an open window is covered by all that was there when it was asked for, where rows keep their order', async () => {
  await fc.assert(
    fc.asyncProperty(worldArb, listingArb, async (world, listing) => {
      const window = { from: NOON - world.minutes * MINUTE, to: NOON };
      const { reading, there } = await read(world, window, true, { listing });
      const all = shown(reading);
      return reading.verdict !== 'covered' || there.every(({ raw }) => all.has(hashOf(raw)));
    }),
    { numRuns: 120 },
  );
});

test('a source that ignores the dates is not trusted with a single row', async () => {
  await fc.assert(
    fc.asyncProperty(
      worldArb,
      listingArb,
      fc.constantFrom(['from_date', 'to_date'], ['from_date']),
      async (world, listing, ignored) => {
        // Newest first, the window's own calls come last: oldest first they might fill the first page by chance.
        const knobs = {
          listing: { ...listing, order: 'desc' as const, ignoredParameters: new Set(ignored) },
        };
        const busy = { ...world, callsPerMinute: 8, pageLimit: 10 };
        const window = ignored.length > 1 ? closedWindow(2) : closedWindow(8);
        const { reading } = await read(busy, window, false, knobs);
        return reading.verdict !== 'covered' && (reading.verdict !== 'ignored' || reading.pages.length === 0);
      },
    ),
    { numRuns: 80 },
  );
});

test('a source that ignores the page shows the first one again and again: nothing is covered, and it ends', async () => {
  await fc.assert(
    fc.asyncProperty(worldArb, listingArb, fc.boolean(), async (world, listing, isOpen) => {
      const knobs = { listing: { ...listing, ignoredParameters: new Set(['page']) } };
      const window = isOpen ? { from: NOON - 8 * MINUTE, to: NOON } : closedWindow(8);
      const { reading, there, requests } = await read({ ...world, callsPerMinute: 8 }, window, isOpen, knobs);
      const all = shown(reading);
      const isWhole = there.every(({ raw }) => all.has(hashOf(raw)));
      return requests < 60 && (reading.verdict !== 'covered' || isWhole);
    }),
    { numRuns: 80 },
  );
});
