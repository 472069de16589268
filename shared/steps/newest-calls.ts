import type { IndexedCall } from '../contract/indexed-call.ts';
import { judge } from '../contract/judge.ts';
import { type Observation, readLines } from '../contract/observations.ts';
import type { ArchivedPack } from './archive-reader.ts';

/** What the objects of an archive say of calls, as the consumer would read them. */
export const observationsOf = (
  { lines, object, ...pack }: ArchivedPack,
  volatilePaths: readonly string[],
): Observation[] => readLines({ ...pack, volatilePaths: [...volatilePaths] }, object, lines).observations;

/**
 * The newest revision of every call in some packs, by key: what an index would hold that got them in this order.
 * Memory holds a summary a call, about 1 KB.
 */
export const newestCalls = async (
  packs: AsyncIterable<ArchivedPack>,
  volatilePaths: readonly string[],
): Promise<Map<string, IndexedCall>> => {
  const calls = new Map<string, IndexedCall>();
  for await (const pack of packs)
    for (const { call } of observationsOf(pack, volatilePaths)) {
      const judgement = judge(calls.get(call.key), call);
      if (judgement.act === 'write') calls.set(call.key, judgement.call);
    }
  return calls;
};
