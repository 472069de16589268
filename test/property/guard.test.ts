import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CallBusy, guarded } from '../../consumers/guard.ts';
import { createMemoryRevisions } from '../../shared/adapters/memory/revisions.ts';
import type { CallEvent } from '../../shared/contract/call-event.ts';

const eventOf = (id: string, revision: number) =>
  ({ detail: { account: 'main', id, revision: `0000000${revision}` } }) as Pick<CallEvent, 'detail'>;

/** One delivery: which call and revision, when it begins, how long its work takes, and how it ends. */
const delivery = fc.record({
  id: fc.constantFrom('a', 'b'),
  revision: fc.integer({ min: 1, max: 4 }),
  at: fc.integer({ min: 0, max: 20 }),
  takes: fc.integer({ min: 0, max: 12 }),
  ending: fc.constantFrom('well', 'well', 'throws', 'dies'),
});

/** How long a turn is held, in the ticks of this test; work that takes longer loses it. */
const HOLD = 8;

/**
 * Deliveries in virtual time, each repeated until it is done, as the queue does. `dies`: the work is done and nothing
 * after it, the first time.
 */
const play = async (deliveries: readonly (typeof delivery extends fc.Arbitrary<infer T> ? T : never)[]) => {
  let now = 0;
  const waiting: { at: number; wake: () => void }[] = [];
  const sleep = (ticks: number) => new Promise<void>((wake) => waiting.push({ at: now + ticks, wake }));
  const revisions = createMemoryRevisions();
  const written = new Map<string, number>();
  const working = new Map<string, number>();
  let overlapped = false;
  const unfinished = new Set(deliveries);
  const options = { now: () => now, hold: HOLD };

  const deliver = async (given: (typeof deliveries)[number]) => {
    const { id, revision, at, takes, ending } = given;
    await sleep(at);
    let fault: typeof ending = ending;
    for (;;) {
      const died = new Promise<never>(() => {});
      let hasDied = false;
      const attempt = guarded(
        revisions,
        eventOf(id, revision),
        async () => {
          const until = now + HOLD;
          if ((working.get(id) ?? -1) > now) overlapped = true;
          working.set(id, until);
          await sleep(Math.min(takes, HOLD - 1));
          const [kind] = [fault];
          fault = 'well';
          if (kind === 'throws') {
            working.set(id, -1);
            throw new Error('the work failed');
          }
          written.set(id, revision);
          if (kind === 'dies') {
            hasDied = true;
            await died;
          }
          working.set(id, -1);
        },
        options,
      );
      const outcome = await Promise.race([
        attempt.then(() => 'done' as const).catch((error: unknown) => error),
        sleep(3 * HOLD).then(() => 'gone' as const),
      ]);
      if (outcome === 'done') break;
      if (outcome !== 'gone' && !(outcome instanceof CallBusy) && !(outcome instanceof Error)) throw outcome;
      if (outcome === 'gone' && !hasDied) throw new Error('it hangs');
      await sleep(1);
    }
    unfinished.delete(given);
  };
  const all = Promise.all(deliveries.map(deliver));
  while (unfinished.size > 0) {
    await new Promise((turn) => setImmediate(turn));
    const next = waiting.sort((a, b) => a.at - b.at).shift();
    if (!next) continue;
    now = Math.max(now, next.at);
    next.wake();
  }
  await all;
  return { written, overlapped };
};

test('however often, late and crosswise events come, and whoever dies: the newest content stays, one at a time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(delivery, { minLength: 1, maxLength: 6 }), async (deliveries) => {
      const { written, overlapped } = await play(deliveries);
      if (overlapped) return false;
      return ['a', 'b'].every((id) => {
        const newest = Math.max(
          0,
          ...deliveries.filter((one) => one.id === id).map(({ revision }) => revision),
        );
        return (written.get(id) ?? 0) === newest;
      });
    }),
    { numRuns: 150 },
  );
});

test('work is not repeated for what is done', async () => {
  const revisions = createMemoryRevisions();
  let works = 0;
  const apply = (revision: number) =>
    guarded(revisions, eventOf('a', revision), async () => void (works += 1), { now: () => 0 });
  expect([await apply(2), await apply(2), await apply(1), await apply(3)]).toEqual([
    'applied',
    'stale',
    'stale',
    'applied',
  ]);
  expect(works).toBe(2);
});
