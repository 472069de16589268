import { DAY, type EpochMs, MINUTE, SECOND } from '../../shared/core/time.ts';
import type { Window } from '../../shared/core/window.ts';
import { type Block, endAt, FLAG, flagsOf, goneAt, headOf, insertAt, seedOf, startAt } from './block.ts';
import { buildFields } from './call-record.ts';
import type { CallSight, Ref } from './call-sight.ts';
import { driftFields, plainId, writeFields } from './drift.ts';
import { type Revision, revisionAt } from './edits.ts';
import { callIdOf, idOf } from './identity.ts';
import { type Knobs, type TimeField, turnKnobs } from './knobs.ts';
import { LONGEST_CALL } from './life.ts';
import { OFFICIAL } from './official.ts';
import { hexDigits, mix } from './random.ts';
import { SALT } from './salt.ts';
import { Timeline } from './timeline.ts';

/** Places of a minute in a `Ref`. */
const PLACES = 2 ** 20;

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
  readonly #timeline: Timeline;
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
    this.#timeline = new Timeline(this.seed, this.knobs, this.historyFrom, this.historyTo);
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
    for (const minute of this.#timeline.minutes(window.from, Math.min(window.to - 1, now))) {
      const block = this.#timeline.block(minute);
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
    // Minutes to come are not searched; but nothing of theirs can enter a window that is over.
    let validUntil = to < now ? Infinity : (Math.floor(now / MINUTE) + 1) * MINUTE;
    for (const minute of this.#timeline.minutes(from - reach, Math.min(to, now))) {
      const block = this.#timeline.block(minute);
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
    return { block: this.#timeline.block(Math.floor(ref / PLACES)), index: ref % PLACES };
  }

  /** How a record looks at `now`. */
  sight(ref: Ref, now: EpochMs): CallSight {
    const { block, index } = this.locate(ref);
    const revision = this.#revision(block, index, now);
    const id = idOf(this.seed, block, index, revision, this.knobs);
    const render = () => this.raw(ref, now);
    return {
      ref,
      id: flagsOf(block, index) & FLAG.nameless ? undefined : plainId(id),
      callId: callIdOf(block, index, this.knobs.drift.share),
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
    const key = ref * 64 + revision.number;
    let parts = this.#texts.get(key);
    if (!parts) {
      parts = this.#write(block, index, revision);
      if (this.#texts.size >= KEPT_TEXTS) this.#texts.clear();
      this.#texts.set(key, parts);
    }
    const [before = '', after] = parts;
    return after === undefined
      ? before
      : before + hexDigits(mix(seedOf(block, index), reading), SALT.token, 32) + after;
  }

  #revision(block: Block, index: number, now: EpochMs): Revision {
    const seed = seedOf(block, index);
    const flags = flagsOf(block, index);
    const planned = flags & FLAG.planted ? this.#timeline.plannedEdits(seed) : undefined;
    return revisionAt(seed, flags, insertAt(block, index), now, this.knobs.edits, planned);
  }

  #write(block: Block, index: number, revision: Revision): readonly string[] {
    const seed = seedOf(block, index);
    const fields = buildFields(
      {
        seed,
        callSeed: seedOf(block, headOf(block, index)),
        callId: callIdOf(block, index, this.knobs.drift.share),
        id: idOf(this.seed, block, index, revision, this.knobs),
        flags: flagsOf(block, index),
        startAt: startAt(block, index),
        endAt: endAt(block, index),
      },
      revision.content,
      this.knobs.calls.understatedShare,
    );
    if (fields['id'] === undefined) delete fields['id'];
    driftFields(fields, seed, this.knobs.drift);
    return writeFields(fields);
  }
}
