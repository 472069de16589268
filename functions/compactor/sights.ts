import { hash } from 'node:crypto';
import { sightsKey } from '../../shared/contract/bucket-layout.ts';
import { collectAll } from '../../shared/core/collect-garbage.ts';
import {
  type Content,
  compileVolatilePaths,
  readContent,
  type VolatilePaths,
} from '../../shared/core/content-hash.ts';
import { type Sights, sightOf, WORDS_A_LINE } from '../../shared/core/newest-lines.ts';
import { recordKey } from '../../shared/core/record-key.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { NotCurated, type RawObject, readRawDay, TimeUp } from './raw-day.ts';

/** One account's day, and how it is read. */
export interface Day {
  readonly account: string;
  readonly dt: string;
  readonly volatilePaths: readonly string[];
}

/** Some objects of a day, one after another, and where their sights lie. */
export interface Stretch {
  readonly key: string;
  readonly objects: readonly RawObject[];
  readonly lines: number;
  /** Of their lines, unpacked. */
  readonly kilobytes: number;
}

/** Raised when what a line's sight is changes. */
const VERSION = 1;
/** Objects, and kilobytes, before the lines of each object. */
const HEAD_WORDS = 2;

/** Lines after which all is collected: a twenty-fifth of their time. */
const COLLECTED_LINES = 8_192;

const NOT_A_RECORD: Content = { hash: '', idToken: undefined };

/** What can't be read is a record all the same: named by its bytes, and every column of it null. */
export const contentOf = (raw: string, volatile: VolatilePaths): Content => {
  try {
    return readContent(raw, volatile);
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
    return { ...NOT_A_RECORD, hash: hash('sha256', Buffer.from(raw, 'latin1'), 'hex').slice(0, 32) };
  }
};

/**
 * The sights of a day's objects, so many objects at a time. They are kept, under the names of those objects: what was
 * once read is not read again, neither by the run that goes on with the day nor for an object that comes late.
 *
 * @throws {TimeUp} between two of them; also where an object is gone or does not unpack
 */
export const surveyDay = async (
  day: Day,
  raw: readonly RawObject[],
  { objects, timeLeft }: { readonly objects: ObjectStore; timeLeft(): number },
  most: number,
): Promise<Stretch[]> => {
  const stretches: Stretch[] = [];
  for (let from = 0; from < raw.length; from += most) {
    if (timeLeft() <= 0) throw new TimeUp();
    const some = raw.slice(from, from + most);
    const told = [VERSION, ...day.volatilePaths, ...some.map((object) => object.key)].join('\n');
    const key = sightsKey(day.account, day.dt, hash('sha256', told, 'hex').slice(0, 24));
    const words = (await readWords(objects, key)) ?? (await see(day, some, objects, key));
    const lines = (words.length - HEAD_WORDS - some.length) / WORDS_A_LINE;
    if (words[0] !== some.length || !Number.isInteger(lines))
      throw new NotCurated(`${key} is damaged: delete it, it is made again`);
    stretches.push({ key, objects: some, lines, kilobytes: words[1] ?? 0 });
  }
  return stretches;
};

/** @throws where the sights have gone since the survey. */
export const readSights = async (
  objects: ObjectStore,
  { key, objects: { length } }: Stretch,
): Promise<Sights> => {
  const words = await readWords(objects, key);
  if (!words) throw new NotCurated(`written, and not there: ${key}`);
  return {
    linesOf: words.subarray(HEAD_WORDS, HEAD_WORDS + length),
    words: words.subarray(HEAD_WORDS + length),
  };
};

const readWords = async (objects: ObjectStore, key: string): Promise<Uint32Array | undefined> => {
  const stored = await objects.read(key);
  // A copy: what came may begin anywhere in its buffer, and words begin at every fourth byte.
  return stored && new Uint32Array(new Uint8Array(stored.body).buffer, 0, stored.body.length >>> 2);
};

const see = async (
  { volatilePaths }: Day,
  some: readonly RawObject[],
  objects: ObjectStore,
  key: string,
): Promise<Uint32Array> => {
  const volatile = compileVolatilePaths(volatilePaths);
  const words = new GrowingWords(HEAD_WORDS + some.length);
  let [bytes, lines] = [0, 0];
  for await (const { raw, object } of readRawDay(objects, some)) {
    if (++lines % COLLECTED_LINES === 0) collectAll();
    const content = contentOf(raw, volatile);
    const trustIds = some[object]?.keyedBy === 'id';
    words.add(sightOf(recordKey(content, { trustIds }), content.hash));
    words.count(HEAD_WORDS + object);
    bytes += raw.length;
  }
  const seen = words.under([some.length, Math.ceil(bytes / 1024)]);
  await objects.create(key, new Uint8Array(seen.buffer, 0, seen.byteLength));
  return seen;
};

/** Words behind a head, as they come. As an array of numbers they would take eight times as much on their way out. */
class GrowingWords {
  #words: Uint32Array<ArrayBuffer>;
  #used: number;

  constructor(head: number) {
    this.#words = new Uint32Array(2 * head);
    this.#used = head;
  }

  /** One more of what the head counts at this place. */
  count(place: number): void {
    this.#words[place] = (this.#words[place] ?? 0) + 1;
  }

  add(words: ArrayLike<number>): void {
    if (this.#used + words.length > this.#words.length) {
      const more = new Uint32Array(2 * (this.#used + words.length));
      more.set(this.#words.subarray(0, this.#used));
      this.#words = more;
    }
    this.#words.set(words, this.#used);
    this.#used += words.length;
  }

  /** All of them, the first of the head filled in. */
  under(first: ArrayLike<number>): Uint32Array<ArrayBuffer> {
    this.#words.set(first);
    return this.#words.subarray(0, this.#used);
  }
}
