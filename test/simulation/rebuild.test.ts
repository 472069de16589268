import { expect, test } from 'vitest';
import { entryOf } from '../../shared/contract/index-table.ts';
import type { IndexedCall } from '../../shared/contract/indexed-call.ts';
import { createMemoryCallIndex } from '../../shared/adapters/memory/call-index.ts';
import { rebuildIndex, TableContended, objectsByStamp } from '../../shared/steps/rebuild-index.ts';
import { rebuiltIndex, watchedWorld } from './support/rebuild-run.ts';

const CALLS_A_MINUTE = 14;

/** Entries as they are stored, by their keys. */
const stored = (calls: ReadonlyMap<string, IndexedCall>): Map<string, string> =>
  new Map([...calls].map(([key, call]) => [key, JSON.stringify(entryOf(call))]));

const revised = (calls: ReadonlyMap<string, IndexedCall>) =>
  [...calls.values()].filter(({ changed }) => changed.length > 0).length;

test('from the archive alone, where messages arrived in order: the live index, byte for byte', async () => {
  const world = await watchedWorld({ seed: 21, callsPerMinute: CALLS_A_MINUTE, arrival: 'in-order' });
  const published = world.bus.events.length;
  expect(world.index.calls.size).toBeGreaterThan(2500);
  expect(revised(world.index.calls)).toBeGreaterThan(100);
  expect(stored(await rebuiltIndex(world))).toEqual(stored(world.index.calls));
  expect(world.bus.events.length).toBe(published);
});

test('where messages overtook one another: equal but for madeBy and what follows from it', async () => {
  const world = await watchedWorld({ seed: 22, callsPerMinute: CALLS_A_MINUTE, arrival: 'shuffled' });
  const rebuilt = await rebuiltIndex(world);
  const but = (calls: ReadonlyMap<string, IndexedCall>) =>
    new Map([...calls].map(([key, call]) => [key, { ...call, madeBy: '', changed: [] }]));
  expect(but(rebuilt)).toEqual(but(world.index.calls));
  expect(stored(rebuilt)).not.toEqual(stored(world.index.calls));
});

test('a rebuild that was cut off goes on to the same table; one that is disturbed stops', async () => {
  const world = await watchedWorld({ seed: 23, callsPerMinute: 2, arrival: 'in-order' });
  const { objects, account } = world;
  const names = await objectsByStamp(objects, account.name);
  const index = createMemoryCallIndex();
  for await (const { objects: done } of rebuildIndex(names, account.name, [...account.volatilePaths], {
    objects,
    index,
  }))
    if (done > names.length / 2) break;
  for await (const _ of rebuildIndex(names, account.name, [...account.volatilePaths], { objects, index }));
  expect(stored(index.calls)).toEqual(stored(world.index.calls));

  const contended = { load: index.load, write: async () => 'conflict' as const };
  const disturbed = (async () => {
    const blind = { ...contended, load: async () => new Map<string, IndexedCall>() };
    for await (const _ of rebuildIndex(names, account.name, [], { objects, index: blind }));
  })();
  await expect(disturbed).rejects.toThrow(TableContended);
});
