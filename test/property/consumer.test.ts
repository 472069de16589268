import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMemoryBus } from '../../shared/adapters/memory/bus.ts';
import { createMemoryCallIndex } from '../../shared/adapters/memory/call-index.ts';
import { createMemoryObjectStore } from '../../shared/adapters/memory/object-store.ts';
import { createMemoryTelemetry } from '../../shared/adapters/memory/telemetry.ts';
import { parseRawKey } from '../../shared/contract/bucket-layout.ts';
import type { CallIndex } from '../../shared/ports/call-index.ts';
import { unzipLines } from '../../shared/contract/pack-message.ts';
import { formatStamp } from '../../shared/core/stamp.ts';
import { consume } from '../support/consume.ts';
import { type Fault, withFaults } from '../support/faults.ts';
import { packBody, rawRecord } from '../support/packs.ts';

/** One look: what one request answered, as the contents of up to three records. */
const look = fc.record({
  contents: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 2 }), { minKeys: 1 }),
  origin: fc.constantFrom('live', 'late', 'edit', 'backfill', 'repair' as const),
  dt: fc.constantFrom('2026-03-10', '2026-03-11'),
});
const fault: fc.Arbitrary<Fault> = fc.record({
  call: fc.nat(24),
  kind: fc.constantFrom('before', 'after', 'crash-before', 'crash-after'),
});
/** A batch: which messages come, in which order, and what goes wrong. */
const batch = fc.record({
  picks: fc.array(fc.nat(7), { minLength: 1, maxLength: 4 }),
  /** How many writes a look that may be behind is behind. */
  behind: fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }),
  faults: fc.array(fault, { maxLength: 3 }),
  delays: fc.array(fc.nat(6), { maxLength: 12 }),
});

const stampOf = (number: number) => formatStamp(1, number, 0);

const runWorld = async (
  looks: readonly {
    contents: Record<string, number>;
    origin: 'live' | 'late' | 'edit' | 'backfill' | 'repair';
    dt?: string;
  }[],
  batches: readonly { picks: number[]; behind?: number[]; faults: Fault[]; delays: number[] }[],
) => {
  const objects = createMemoryObjectStore();
  const index = createMemoryCallIndex();
  const bus = createMemoryBus();
  const telemetry = createMemoryTelemetry();
  const bodies = looks.map(({ contents, origin, dt = '2026-03-10' }, number) =>
    packBody(
      Object.entries(contents).map(([id, content]) => rawRecord({ id, content })),
      { stamp: stampOf(number), origin, dt },
    ),
  );
  const owed = new Set(bodies.keys());
  const receives = new Map<number, number>();
  const states = [new Map(index.calls)];
  let lookups = 0;
  const laggard = (behind: readonly number[]): CallIndex => ({
    ...index,
    async write(...args) {
      const outcome = await index.write(...args);
      states.push(new Map(index.calls));
      return outcome;
    },
    async load(account, keys, asOf = 'now') {
      if (asOf === 'now') return index.load(account, keys);
      const back = behind[lookups++ % behind.length] ?? 0;
      return createMemoryCallIndex(states.at(-1 - back) ?? states[0]).load(account, keys);
    },
  });
  const deliver = async (
    picks: readonly number[],
    faults: readonly Fault[],
    delays: readonly number[],
    behind: readonly number[],
  ) => {
    const records = picks.map((place) => {
      receives.set(place, (receives.get(place) ?? 0) + 1);
      return { messageId: String(place), body: bodies[place] ?? '', receives: receives.get(place) ?? 1 };
    });
    const ports = withFaults(
      { objects, index: laggard(behind), bus, telemetry, now: () => 0 },
      faults,
      delays,
    );
    const failed = await consume(ports, records);
    for (const place of picks) if (!ports.crashed() && !failed.includes(String(place))) owed.delete(place);
  };
  // A message that was let go may still come again: at-least-once.
  for (const { picks, faults, delays, behind = [0] } of batches)
    await deliver([...new Set(picks.map((pick) => pick % bodies.length))], faults, delays, behind);
  for (const place of owed) await deliver([place], [], [], [0]);
  return { objects, index, bus, bodies, telemetry, owed };
};

test('whatever the order, the repetition, the failures and the deaths: the newest content stays and is announced', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(look, { minLength: 1, maxLength: 8 }),
      fc.array(batch, { maxLength: 8 }),
      async (looks, batches) => {
        const { index, bus, objects } = await runWorld(looks, batches);
        const published = new Set(bus.events.map(({ detail }) => detail.dedupeKey));
        const archived = new Set(
          [...objects.objects].flatMap(([key, body]) =>
            unzipLines(body).map((line) => `${parseRawKey(key)?.dt} ${parseRawKey(key)?.stamp} ${line}`),
          ),
        );
        return ['a', 'b', 'c'].every((id) => {
          const sights = looks.flatMap(({ contents }, number) =>
            contents[id] === undefined ? [] : [{ number, content: contents[id] }],
          );
          const newest = sights.at(-1);
          const call = index.calls.get(`main#${id}`);
          if (!newest) return call === undefined;
          return (
            call?.summary.answeredSeconds === newest.content &&
            call.seen === stampOf(newest.number) &&
            published.has(`main/${id}/${call.madeBy}`) &&
            // Every sight of it in the one partition that the index names, whatever date its pack had.
            sights.every(({ number, content }) =>
              archived.has(`${call.dt} ${stampOf(number)} ${rawRecord({ id, content })}`),
            )
          );
        });
      },
    ),
    { numRuns: 600 },
  );
});

test('an event tells what its revision brought, and nothing is told twice where nothing fails', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(look, { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      async (looks, together) => {
        const all = [...looks.keys()];
        const picks = together ? [all] : all.map((place) => [place]);
        const { bus } = await runWorld(
          looks,
          picks.map((some) => ({ picks: some, faults: [], delays: [] })),
        );
        const keys = bus.events.map(({ detail }) => detail.dedupeKey);
        return (
          new Set(keys).size === keys.length &&
          bus.events.every(({ detail }) => {
            const number = Number.parseInt(detail.revision.slice(9, 13), 16);
            return looks[number]?.contents[detail.id] === detail.summary.answeredSeconds;
          }) &&
          bus.events.every(
            (event) => (event['detail-type'] === 'CallCreated') === (event.detail.changed.length === 0),
          )
        );
      },
    ),
    { numRuns: 500 },
  );
});

test('in order, every revision is announced: A, B and A again are three', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(2), { minLength: 1, maxLength: 8 }), async (contents) => {
      const { bus } = await runWorld(
        contents.map((content) => ({ contents: { a: content }, origin: 'edit' as const })),
        contents.map((_, place) => ({ picks: [place], faults: [], delays: [] })),
      );
      const revisions = contents.filter((content, place) => place === 0 || content !== contents[place - 1]);
      return (
        bus.events.map(({ detail }) => detail.summary.answeredSeconds).join() === revisions.join() &&
        bus.events.slice(1).every(({ detail }) => detail.changed.join() === 'answeredSeconds')
      );
    }),
    { numRuns: 300 },
  );
});

test('a message whose effects fail one by one goes through when it comes again, and tells once what it told', async () => {
  const looks = [{ contents: { a: 1, b: 2 }, origin: 'live' as const }];
  for (const kind of ['before', 'after', 'crash-before', 'crash-after'] as const)
    for (let call = 0; call < 6; call++) {
      const { bus, index, owed } = await runWorld(looks, [
        { picks: [0], faults: [{ call, kind }], delays: [] },
      ]);
      expect(index.calls.size).toBe(2);
      expect(owed.size).toBe(0);
      expect(new Set(bus.events.map(({ detail }) => detail.id))).toEqual(new Set(['a', 'b']));
    }
});
