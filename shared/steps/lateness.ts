import type { Looks } from '../core/coverage.ts';
import { readCallTimes } from '../core/call-times.ts';
import { parseStamp } from '../core/stamp.ts';
import { DAY, HOUR, MINUTE, type Ms, SECOND } from '../core/time.ts';
import type { ArchivedPack } from './archive-reader.ts';
import { observationsOf } from './newest-calls.ts';

/** A distribution of delays, ms; all 0 where `records` is 0. */
export interface Delays {
  readonly records: number;
  readonly p50: Ms;
  readonly p90: Ms;
  readonly p99: Ms;
  readonly max: Ms;
}

/** How late calls of an account were, as its archive tells. */
export interface Lateness {
  /** Calls that were looked at, and those of them that do not tell when they ended or were stored. */
  readonly calls: number;
  readonly untold: number;
  /** Stored by the source, after the end of the call: the first four bytes of its ObjectId. */
  readonly inserted: Delays;
  /** Seen first, after the end; without what was fetched long after it was stored. */
  readonly firstSeen: Delays;
  /** First seen so long after it was stored that a backfill or an outage is the reason, not the source. */
  readonly fetchedLater: number;
  /** Seen with its last content, after the end; of calls that changed at all. A look sees a change after it was made. */
  readonly lastChange: Delays;
  /** Stored so late that the live looks do not find it, counted from the start of the call. */
  readonly lateFromStart: Delays;
  readonly lastChangeFromStart: Delays;
}

/** Live looks find what appears within this time of its end. */
const APPEARS_WITHIN: Ms = 10 * SECOND;
/** The oldest look that finds what is new: what is first seen longer after it was stored was fetched later. */
const WATCHED_FOR: Ms = 26 * HOUR;

/** How often each delay was seen: stamps are whole seconds, so there are few, however many calls there are. */
export class DelayCounts {
  readonly #counts = new Map<Ms, number>();
  #records = 0;

  /** A delay below 0 (clocks differ) counts as it is. */
  add(delay: Ms): void {
    this.#counts.set(delay, (this.#counts.get(delay) ?? 0) + 1);
    this.#records += 1;
  }

  result(): Delays {
    const sorted = [...this.#counts].sort(([a], [b]) => a - b);
    // The smallest value that at least this share of the records does not exceed.
    const at = (share: number): Ms => {
      let left = Math.max(1, Math.ceil(this.#records * share));
      return sorted.find(([, count]) => (left -= count) <= 0)?.[0] ?? 0;
    };
    return { records: this.#records, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
  }
}

interface Sightings {
  readonly startAt: number | undefined;
  readonly endAt: number | undefined;
  readonly insertedAt: number | undefined;
  readonly firstSeenAt: number;
  readonly hash: string;
  readonly changedAt: number | undefined;
}

/**
 * Gathers what packs tell, day by day, those of a day in the order of their stamps. A call stays in the day of its
 * first sight, so memory holds a few numbers and a hash a call of one day.
 */
export class LatenessTally {
  readonly #day = new Map<string, Sightings>();
  readonly #inserted = new DelayCounts();
  readonly #firstSeen = new DelayCounts();
  readonly #lastChange = new DelayCounts();
  readonly #lateFromStart = new DelayCounts();
  readonly #lastChangeFromStart = new DelayCounts();
  #calls = 0;
  #untold = 0;
  #fetchedLater = 0;
  readonly #volatilePaths: readonly string[];

  constructor(volatilePaths: readonly string[]) {
    this.#volatilePaths = volatilePaths;
  }

  add(pack: ArchivedPack): void {
    const sentAt = parseStamp(pack.stamp)?.sentAt;
    if (sentAt === undefined) return;
    for (const { call, raw } of observationsOf(pack, this.#volatilePaths)) {
      const { key, hash } = call;
      const known = this.#day.get(key);
      if (known?.hash === hash) continue;
      const record: unknown = JSON.parse(Buffer.from(raw, 'latin1').toString('utf8'));
      const { startAt, endAt, insertedAt } = readCallTimes(record as object);
      this.#day.set(key, {
        startAt,
        endAt,
        insertedAt,
        firstSeenAt: known?.firstSeenAt ?? sentAt,
        hash,
        changedAt: known ? sentAt : undefined,
      });
    }
  }

  /** All packs of a day are there. */
  endDay(): void {
    for (const call of this.#day.values()) this.#count(call);
    this.#calls += this.#day.size;
    this.#day.clear();
  }

  #count({ startAt, endAt, insertedAt, firstSeenAt, changedAt }: Sightings): void {
    if (endAt === undefined || insertedAt === undefined) {
      this.#untold += 1;
      return;
    }
    this.#inserted.add(insertedAt - endAt);
    if (insertedAt - endAt > APPEARS_WITHIN) this.#lateFromStart.add(insertedAt - (startAt ?? endAt));
    if (firstSeenAt - insertedAt > WATCHED_FOR) {
      // Of its changes too only the last fetch is known.
      this.#fetchedLater += 1;
      return;
    }
    this.#firstSeen.add(firstSeenAt - endAt);
    if (changedAt === undefined) return;
    this.#lastChange.add(changedAt - endAt);
    this.#lastChangeFromStart.add(changedAt - (startAt ?? endAt));
  }

  /** Of the days that have ended. */
  result(): Lateness {
    return {
      calls: this.#calls,
      untold: this.#untold,
      inserted: this.#inserted.result(),
      firstSeen: this.#firstSeen.result(),
      fetchedLater: this.#fetchedLater,
      lastChange: this.#lastChange.result(),
      lateFromStart: this.#lateFromStart.result(),
      lastChangeFromStart: this.#lastChangeFromStart.result(),
    };
  }
}

/** Ages that looks are rounded up to. */
const AGES: readonly Ms[] = [20 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 26 * HOUR, 3 * DAY, 8 * DAY];
/** Looks that are always there: what comes later than every look can't be measured by looks. */
const LAST_COUNT: readonly Ms[] = [26 * HOUR];
const LAST_READS: readonly Ms[] = [26 * HOUR, 3 * DAY, 8 * DAY];
/** Fewer delays than this tell nothing of their tail. */
export const ENOUGH = 100;

/** Long blocks cost few requests; short ones are read again in little. */
const blockOf = (age: Ms): Ms => (age <= 3 * HOUR ? 15 * MINUTE : age <= 26 * HOUR ? HOUR : DAY);

const ladder = ({ p50, p90, p99, max }: Delays, always: readonly Ms[]): Looks['probes'] => {
  const wanted = [p50, p90, p99, max].map((delay) => AGES.find((age) => age >= delay) ?? 8 * DAY);
  return [...new Set([...wanted, ...always])]
    .sort((a, b) => a - b)
    .map((age) => ({ age, block: blockOf(age) }));
};

/**
 * The looks that would have found half, nine tenths, 99 % and all of the late records and edits soon after they came,
 * and the last ones in any case; undefined where too few were late, or changed, to tell.
 */
export const recommendedLooks = ({
  lateFromStart,
  lastChangeFromStart,
}: Pick<Lateness, 'lateFromStart' | 'lastChangeFromStart'>): {
  readonly probes: Looks['probes'] | undefined;
  readonly edits: Looks['edits'] | undefined;
} => ({
  probes: lateFromStart.records < ENOUGH ? undefined : ladder(lateFromStart, LAST_COUNT),
  edits: lastChangeFromStart.records < ENOUGH ? undefined : ladder(lastChangeFromStart, LAST_READS),
});
