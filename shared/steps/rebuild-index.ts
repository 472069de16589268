import { parseRawKey, RAW } from '../contract/bucket-layout.ts';
import { judge } from '../contract/judge.ts';
import type { Observation } from '../contract/observations.ts';
import type { CallIndex } from '../ports/call-index.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { inOrder, readPack } from './archive-reader.ts';
import { observationsOf } from './newest-calls.ts';

/** Objects read ahead of the one that is applied. */
const AHEAD = 16;
/** Writes in flight; within one object no two are of one record. */
const WRITES = 32;

/** How far a rebuild is, after each object. */
export interface RebuildProgress {
  /** Objects applied so far, and records read in them. */
  readonly objects: number;
  readonly records: number;
  /** Puts so far: new calls, new revisions, and calls seen again. */
  readonly written: number;
  /** Records that the table takes in no case: they are in quarantine since they came. */
  readonly refused: number;
}

/** The table got something from elsewhere while it was filled. */
export class TableContended extends Error {
  override readonly name = 'TableContended';
  constructor(key: string) {
    super(`something else writes into the table: ${key}`);
  }
}

/**
 * The names of an account's archive objects, in the order of their stamps, which is the order in which their requests
 * were sent. Memory holds the names: some 130 bytes each.
 */
export const objectsByStamp = async (
  objects: Pick<ObjectStore, 'list'>,
  account: string,
): Promise<string[]> => {
  const found: { key: string; stamp: string }[] = [];
  for await (const key of objects.list(`${RAW}account=${account}/`)) {
    const stamp = parseRawKey(key)?.stamp;
    if (stamp !== undefined) found.push({ key, stamp });
  }
  const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return found.sort((a, b) => order(a.stamp, b.stamp) || order(a.key, b.key)).map(({ key }) => key);
};

/**
 * Fills an index from the archive alone: every observation goes through the consumer's own judgement, in the order of
 * the stamps. Nothing is published. What is there already is judged like anything else, so a rebuild that was cut off
 * is begun again with the same table.
 *
 * Where messages arrived in the order of their stamps the result is the live index, byte for byte. Where one overtook
 * another, `madeBy` is the stamp that brought the content in the order of sending and not in that of arrival, and
 * `changed` tells what differs from the revision before that.
 *
 * @param names as `objectsByStamp` gives them
 * @param volatilePaths as the account has them now
 * @throws {ArchiveUnreadable} at an object that does not unpack
 * @throws {TableContended}
 */
export async function* rebuildIndex(
  names: readonly string[],
  account: string,
  volatilePaths: readonly string[],
  { objects, index }: { objects: Pick<ObjectStore, 'read'>; index: Pick<CallIndex, 'load' | 'write'> },
): AsyncGenerator<RebuildProgress> {
  const done = { objects: 0, records: 0, written: 0, refused: 0 };
  for await (const pack of inOrder(names, AHEAD, (name) => readPack(objects, name))) {
    if (pack) {
      const observations = observationsOf(pack, volatilePaths);
      const present = await index.load(
        account,
        observations.map(({ call }) => call.key),
      );
      const apply = async ({ call }: Observation): Promise<'written' | 'refused' | undefined> => {
        const judgement = judge(present.get(call.key), call);
        if (judgement.act !== 'write') return undefined;
        const outcome = await index.write(judgement.call, judgement.expectSeen);
        if (outcome === 'conflict') throw new TableContended(call.key);
        return outcome;
      };
      for await (const outcome of inOrder(observations, WRITES, apply)) {
        if (outcome === 'written') done.written += 1;
        if (outcome === 'refused') done.refused += 1;
      }
      done.records += pack.lines.length;
    }
    done.objects += 1;
    yield { ...done };
  }
}
