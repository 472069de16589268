import { DAY, type EpochMs, MINUTE, SECOND } from '../../shared/core/time.ts';
import type { Window } from '../../shared/core/window.ts';
import {
  type Block,
  endAt,
  FLAG,
  flagsOf,
  goneAt,
  headOf,
  insertAt,
  makeBlock,
  OFFICIAL_MINUTE,
  seedOf,
  startAt,
} from './block.ts';
import { buildFields } from './call-record.ts';
import { driftFields, hostileId, writeFields } from './drift.ts';
import { revisionAt } from './edits.ts';
import { type Knobs, type TimeField, turnKnobs } from './knobs.ts';
import { LONGEST_CALL } from './life.ts';
import { OFFICIAL } from './official.ts';
import { chance, hexDigits, mix } from './random.ts';
import { SALT } from './salt.ts';

/** Names a record inside a world: its minute and its place there. A safe integer. */
export type Ref = number;
const PLACES = 2 ** 20;

/** One record as it is at an instant. */
export interface CallSight {
  readonly ref: Ref;
  /** As the record has it, a number in its own spelling; undefined where there is none to use. */
  readonly id: string | undefined;
  readonly callId: string;
  readonly startAt: EpochMs;
  readonly endAt: EpochMs;
  readonly insertAt: EpochMs;
  /** When the vendor removes it; Infinity: never. */
  readonly goneAt: EpochMs;
  /** How many changes its content has behind it. */
  readonly revision: number;
  /** When this content came to be. */
  readonly changedAt: EpochMs;
  /** The record minified, one char a byte; written when first read. */
  readonly raw: string;
}

export interface WorldSettings {
  readonly seed: number;
  /** calls, edits, identity and drift are read here, once. */
  readonly knobs?: Knobs;
  /** The instant at which the world begins to be watched. */
  readonly startedAt: EpochMs;
  /** The first call. Default: three days before `startedAt`. Cut to the minute. What calls there are does not depend on it. */
  readonly historyFrom?: EpochMs;
  /** No call starts at or after it. Cut to the minute. Default: never ends. */
  readonly historyTo?: EpochMs;
}

/** What one scan looks for: bounds in ms, both included; `matches` sees the bones only. */
export interface Scan {
  readonly by: TimeField;
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** True: times are cut to the second before they are compared. */
  readonly wholeSeconds: boolean;
  readonly matches?: ((block: Block, index: number) => boolean) | undefined;
}

export interface Found {
  /** Ordered by start. */
  readonly refs: Ref[];
  /** The answer is the same at every instant from the asked one up to here, excluded. */
  readonly validUntil: EpochMs;
}

const TIME_OF = { start: startAt, end: endAt, insert: insertAt };

/** Written records kept: 8,000 are about 32 MB. */
const KEPT_TEXTS = 8_000;

/**
 * All calls of one fake account, drawn from a seed: which records exist at any instant and how each looks then.
 * Pure, apart from its caches: the same question gets the same bytes, in any order of asking.
 */
export class World {
  readonly seed: number;
  readonly knobs: Pick<Knobs, 'calls' | 'edits' | 'identity' | 'drift'>;
  readonly historyFrom: EpochMs;
  readonly historyTo: EpochMs;
  readonly #blocks = new Map<number, Block>();
  readonly #texts = new Map<number, readonly string[]>();

  constructor({
    seed,
    knobs = turnKnobs(),
    startedAt,
    historyFrom = startedAt - 3 * DAY,
    historyTo = Infinity,
  }: WorldSettings) {
    this.seed = seed >>> 0;
    const { calls, edits, identity, drift } = knobs;
    this.knobs = structuredClone({ calls, edits, identity, drift });
    this.historyFrom = Math.floor(historyFrom / MINUTE) * MINUTE;
    this.historyTo = Math.floor(historyTo / MINUTE) * MINUTE;
  }

  /** The records that the source holds at `now` whose start (or end, or insert) lies in the half-open window, by start. */
  recordsVisible(now: EpochMs, window: Window, by: TimeField = 'start'): CallSight[] {
    const { refs } = this.scan(now, { by, from: window.from, to: window.to - 1, wholeSeconds: false });
    return refs.map((ref) => this.sight(ref, now));
  }

  /** Every record that the source holds at `now`, newest revision, by start: what archive, index and bus must end up with. */
  *truth(now: EpochMs, window: Window = { from: -Infinity, to: Infinity }): Generator<CallSight> {
    const { refs } = this.scan(now, {
      by: 'start',
      from: window.from,
      to: window.to - 1,
      wholeSeconds: false,
    });
    for (const ref of refs) yield this.sight(ref, now);
  }

  /** The records that were once there and that the vendor has removed by `now`, as they last looked. */
  *vanished(now: EpochMs, window: Window = { from: -Infinity, to: Infinity }): Generator<CallSight> {
    for (const minute of this.#minutes(now, window.from, window.to - 1)) {
      const block = this.block(minute);
      for (let index = 0; index < block.size; index += 1) {
        const gone = goneAt(block, index);
        const start = startAt(block, index);
        if (gone <= now && start >= window.from && start < window.to)
          yield this.sight(minute * PLACES + index, gone - 1);
      }
    }
  }

  /** How many records `truth` would give. */
  count(now: EpochMs, window: Window = { from: -Infinity, to: Infinity }): number {
    return this.scan(now, { by: 'start', from: window.from, to: window.to - 1, wholeSeconds: false }).refs
      .length;
  }

  /** The refs that a scan finds among the records visible at `now`. */
  scan(now: EpochMs, { by, from, to, wholeSeconds, matches }: Scan): Found {
    const reach = {
      start: 0,
      end: LONGEST_CALL,
      insert: LONGEST_CALL + this.knobs.calls.lateTo + 5 * SECOND,
    }[by];
    const time = TIME_OF[by];
    const refs: Ref[] = [];
    let validUntil = Math.min((Math.floor(now / MINUTE) + 1) * MINUTE, Infinity);
    // Nothing that starts after the window can enter it.
    if (to < now) validUntil = Infinity;
    for (const minute of this.#minutes(now, from - reach, to)) {
      const block = this.block(minute);
      for (let index = 0; index < block.size; index += 1) {
        const exact = time(block, index);
        const at = wholeSeconds ? Math.floor(exact / SECOND) * SECOND : exact;
        if (at < from || at > to || (matches && !matches(block, index))) continue;
        const inserted = insertAt(block, index);
        const gone = goneAt(block, index);
        if (inserted > now) validUntil = Math.min(validUntil, inserted);
        else if (gone > now) {
          validUntil = Math.min(validUntil, gone);
          refs.push(minute * PLACES + index);
        }
      }
    }
    return { refs, validUntil };
  }

  /** The bones behind a ref. */
  locate(ref: Ref): { readonly block: Block; readonly index: number } {
    return { block: this.block(Math.floor(ref / PLACES)), index: ref % PLACES };
  }

  block(minute: number): Block {
    let block = this.#blocks.get(minute);
    if (!block) {
      const drawn = minute * MINUTE >= this.historyFrom && minute * MINUTE < this.historyTo;
      block = makeBlock(this.seed, minute, this.knobs, drawn);
      this.#blocks.set(minute, block);
    }
    return block;
  }

  sight(ref: Ref, now: EpochMs): CallSight {
    const { block, index } = this.locate(ref);
    const revision = this.#revision(block, index, now);
    const id = this.#idOf(block, index, ref, revision.edits);
    const render = () => this.raw(ref, now);
    return {
      ref,
      id: typeof id === 'string' && id !== '' ? id.replace(/^~raw:(.*)~$/, '$1') : undefined,
      callId: this.#callIdOf(block, index),
      startAt: startAt(block, index),
      endAt: endAt(block, index),
      insertAt: insertAt(block, index),
      goneAt: goneAt(block, index),
      revision: revision.number,
      changedAt: revision.since,
      get raw() {
        return render();
      },
    };
  }

  /**
   * The record's bytes at `now`, one char a byte.
   * @param reading differs from read to read where the recording's token does; the record's own token without it
   */
  raw(ref: Ref, now: EpochMs, reading = 0): string {
    const { block, index } = this.locate(ref);
    if (flagsOf(block, index) & FLAG.official) return OFFICIAL.raw;
    const revision = this.#revision(block, index, now);
    const key = ref * 16 + revision.number;
    let parts = this.#texts.get(key);
    if (!parts) {
      parts = this.#write(block, index, ref, revision.content, revision.edits);
      if (this.#texts.size >= KEPT_TEXTS) {
        for (const oldest of this.#texts.keys()) {
          this.#texts.delete(oldest);
          break;
        }
      }
      this.#texts.set(key, parts);
    }
    const [before = '', after] = parts;
    return after === undefined
      ? before
      : before + hexDigits(mix(seedOf(block, index), reading), SALT.token, 32) + after;
  }

  #revision(block: Block, index: number, now: EpochMs) {
    return revisionAt(
      seedOf(block, index),
      flagsOf(block, index),
      insertAt(block, index),
      now,
      this.knobs.edits,
    );
  }

  #write(
    block: Block,
    index: number,
    ref: Ref,
    content: Parameters<typeof buildFields>[1],
    edits: number,
  ): readonly string[] {
    const seed = seedOf(block, index);
    const fields = buildFields(
      {
        seed,
        callSeed: seedOf(block, headOf(block, index)),
        callId: this.#callIdOf(block, index),
        id: this.#idOf(block, index, ref, edits),
        flags: flagsOf(block, index),
        startAt: startAt(block, index),
        endAt: endAt(block, index),
      },
      content,
      this.knobs.calls.understatedShare,
    );
    if (fields['id'] === undefined) delete fields['id'];
    driftFields(fields, seed, this.knobs.drift);
    return writeFields(fields);
  }

  /**
   * An ObjectId, as Mongo makes them: four bytes of insert second, then eight that no other record has. Here those
   * hold the minute, the place and the number of the edit that gave the record a new id.
   */
  #idOf(block: Block, index: number, ref: Ref, edits: number): unknown {
    const flags = flagsOf(block, index);
    if (flags & FLAG.official) return OFFICIAL.id;
    const seed = seedOf(block, index);
    if (flags & FLAG.nameless) return [undefined, null, ''][seed % 3];
    if (flags & FLAG.twin)
      return this.#idOf(block, headOf(block, index), ref - index + headOf(block, index), 0);
    const renamed = this.knobs.edits.idSurvives ? 0 : edits;
    const inserted = renamed === 0 ? insertAt(block, index) : this.#revisedAt(block, index, renamed);
    const minute = Math.floor(ref / PLACES);
    const own =
      hexDigits(this.seed, SALT.callCount, 3) +
      minute.toString(16).padStart(7, '0') +
      index.toString(16).padStart(5, '0') +
      renamed.toString(16);
    if (chance(seed, SALT.hostileId, this.knobs.identity.hostileShare)) return hostileId(seed, own);
    return (
      Math.floor(inserted / SECOND)
        .toString(16)
        .padStart(8, '0') + own
    );
  }

  /** When the edit came that made the id what it is. */
  #revisedAt(block: Block, index: number, edits: number): EpochMs {
    let at = insertAt(block, index);
    for (
      let revision = this.#revision(block, index, Infinity);
      revision.edits >= edits && revision.number > 0;
    ) {
      at = revision.since;
      revision = this.#revision(block, index, at - 1);
    }
    return at;
  }

  /** `1715235734.129662`; some with a host before it, some a UUID. The same for all records of a call. */
  #callIdOf(block: Block, index: number): string {
    const head = headOf(block, index);
    if (flagsOf(block, head) & FLAG.official) return '1715235734.129662';
    const seed = seedOf(block, head);
    const plain = `${Math.floor(startAt(block, head) / SECOND)}.${100_000 + head}`;
    if (!chance(seed, SALT.callIdShape, this.knobs.drift.share)) return plain;
    if (seed % 2 === 0) return `h3.08-${plain}`;
    const hex = hexDigits(seed, SALT.callIdShape, 20);
    const place =
      Math.floor(block.startsAt / MINUTE)
        .toString(16)
        .padStart(7, '0') + head.toString(16).padStart(5, '0');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(12, 15)}-8${hex.slice(15, 18)}-${place}`;
  }

  /** The minutes that may hold records starting in [from, to] at `now`: history, and the official sample's own. */
  *#minutes(now: EpochMs, from: EpochMs, to: EpochMs): Generator<number> {
    const last = Math.floor(Math.min(to, now) / MINUTE);
    const first = Math.floor(Math.max(from, this.historyFrom) / MINUTE);
    const earliest = Math.floor(from / MINUTE);
    if (OFFICIAL_MINUTE >= earliest && OFFICIAL_MINUTE < first && OFFICIAL_MINUTE <= last)
      yield OFFICIAL_MINUTE;
    const end = Math.min(last, Math.ceil(this.historyTo / MINUTE) - 1);
    for (let minute = first; minute <= end; minute += 1) yield minute;
    if (
      OFFICIAL_MINUTE > end &&
      OFFICIAL_MINUTE >= first &&
      OFFICIAL_MINUTE <= last &&
      OFFICIAL_MINUTE >= earliest
    ) {
      yield OFFICIAL_MINUTE;
    }
  }
}
