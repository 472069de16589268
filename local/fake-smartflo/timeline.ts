import { type EpochMs, MINUTE, type Ms } from '../../shared/core/time.ts';
import { type Block, makeBlock, OFFICIAL_MINUTE, type Planted } from './block.ts';
import type { Knobs } from './knobs.ts';
import { mix } from './random.ts';
import { SALT } from './salt.ts';

/** The blocks of a world, minute by minute, made when first asked for. */
export class Timeline {
  readonly #seed: number;
  readonly #knobs: Pick<Knobs, 'calls' | 'identity'>;
  /** The first and, excluded, the last minute of history. */
  readonly #begin: number;
  readonly #end: number;
  readonly #blocks = new Map<number, Block>();
  readonly #planted = new Map<number, Planted[]>();
  readonly #plannedEdits = new Map<number, readonly Ms[]>();
  /** Minutes outside history that hold a record all the same, in order. */
  readonly #outside: readonly number[];

  /** History is [from, to), whole minutes. */
  constructor(seed: number, knobs: Pick<Knobs, 'calls' | 'identity'>, from: EpochMs, to: EpochMs) {
    this.#seed = seed;
    this.#knobs = knobs;
    this.#begin = from / MINUTE;
    this.#end = to / MINUTE;
    for (const [place, call] of knobs.calls.planted.entries()) {
      const planted = { seed: mix(mix(seed, SALT.planted), place), call };
      const minute = Math.floor(call.startAt / MINUTE);
      this.#planted.set(minute, [...(this.#planted.get(minute) ?? []), planted]);
      if (call.editsAfter) this.#plannedEdits.set(planted.seed, call.editsAfter);
    }
    this.#outside = [...new Set([OFFICIAL_MINUTE, ...this.#planted.keys()])]
      .filter((minute) => !this.#isDrawn(minute))
      .sort((a, b) => a - b);
  }

  block(minute: number): Block {
    let block = this.#blocks.get(minute);
    if (!block) {
      const planted = this.#planted.get(minute) ?? [];
      block = makeBlock(this.#seed, minute, this.#knobs, this.#isDrawn(minute), planted);
      this.#blocks.set(minute, block);
    }
    return block;
  }

  /** The minutes that may hold records that start in [from, to], in order. */
  *minutes(from: EpochMs, to: EpochMs): Generator<number> {
    const first = Math.floor(from / MINUTE);
    const last = Math.floor(to / MINUTE);
    const outside = this.#outside.filter((minute) => minute >= first && minute <= last);
    yield* outside.filter((minute) => minute < this.#begin);
    const end = Math.min(last, this.#end - 1);
    for (let minute = Math.max(first, this.#begin); minute <= end; minute += 1) yield minute;
    yield* outside.filter((minute) => minute >= this.#begin);
  }

  /** When a planted call is edited, ms after insert; undefined where its seed decides. */
  plannedEdits(seed: number): readonly Ms[] | undefined {
    return this.#plannedEdits.get(seed);
  }

  #isDrawn(minute: number): boolean {
    return minute >= this.#begin && minute < this.#end;
  }
}
