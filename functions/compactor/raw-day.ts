import { parseRawKey, rawDay } from '../../shared/contract/bucket-layout.ts';
import { eachLine, unzip } from '../../shared/contract/pack-message.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { inOrder } from '../../shared/steps/archive-reader.ts';

/** Objects asked for at once. */
const AHEAD = 16;

/** Why a day could not be made. Its message holds keys and counts alone: a log may have it. */
export class NotCurated extends Error {}

/** The time is up in the middle of a day: what is done of it is kept, and the next run goes on. */
export class TimeUp extends Error {}

/** An object of the raw archive, by its name. */
export interface RawObject {
  readonly key: string;
  readonly stamp: string;
  readonly keyedBy: 'id' | 'content';
}

/** One line of a day, latin1, with the number of its object in the day's list. */
export interface RawLine {
  readonly raw: string;
  readonly object: number;
}

/** The objects of one account and date, in the order of their stamps. What has another name is none of ours. */
export const listRawDay = async (objects: ObjectStore, account: string, dt: string): Promise<RawObject[]> => {
  const found: RawObject[] = [];
  for await (const key of objects.list(rawDay(account, dt))) {
    const parts = parseRawKey(key);
    if (parts) found.push({ key, stamp: parts.stamp, keyedBy: parts.keyedBy });
  }
  return found;
};

/**
 * Every line of a day, object by object. A few objects are held at a time.
 * @throws where an object is gone or does not unpack.
 */
export async function* readRawDay(objects: ObjectStore, day: readonly RawObject[]): AsyncGenerator<RawLine> {
  const ask = async ({ key }: RawObject) => {
    const stored = await objects.read(key);
    if (!stored) throw new NotCurated(`listed, and not there: ${key}`);
    return stored.body;
  };
  let number = 0;
  for await (const body of inOrder(day, AHEAD, ask)) {
    for (const raw of eachLine(unzip(body))) yield { raw, object: number };
    number += 1;
  }
}
