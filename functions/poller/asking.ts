import type { CdrQuery } from '../../shared/contract/cdr-query.ts';
import { formatStamp } from '../../shared/core/stamp.ts';
import { type EpochMs, type Ms, SECOND } from '../../shared/core/time.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { type Source, SourceError } from '../../shared/ports/source.ts';
import type { StampedPage } from './read-window.ts';

/** Tries of one request that fails for a passing reason. */
const MOST_TRIES = 3;
const FIRST_PAUSE: Ms = SECOND / 2;
/** Waited for within the tick; a longer wait ends it. */
const LONGEST_WAIT: Ms = 10 * SECOND;
/** What a 429 without `Retry-After` means (UNKNOWN 15): several seconds' worth of a trunk's limit. */
const USUAL_WAIT: Ms = 5 * SECOND;
/** No request may take longer: the vendor's gateway gives up after 29 s. */
const LONGEST_REQUEST: Ms = 30 * SECOND;
/** A request must end this long before the function does. */
const LAST_WORDS: Ms = 3 * SECOND;

/** The time that an invocation has, from its beginning. */
export interface TimeBudget {
  /** No request starts after. */
  readonly start: Ms;
  /** The function is stopped. */
  readonly end: Ms;
}

/** Counts the requests of one window, its repeated ones too. */
export interface Meter {
  requests: number;
}

/** The requests of one tick for one account: stamped when sent, within the budget, tried again where that may help. */
export class Asking {
  readonly #source: Source;
  readonly #clock: Clock;
  readonly #epoch: number;
  readonly #tickAt: EpochMs;
  readonly #began: Ms;
  readonly #time: TimeBudget;
  readonly #rate: number;
  readonly #concurrency: number;
  #requests = 0;
  #latency: Ms;
  #waited = false;
  /** Whether the source has answered at all in this tick. */
  healthy = false;

  constructor(
    source: Source,
    clock: Clock,
    tick: {
      epoch: number;
      at: EpochMs;
      began: Ms;
      time: TimeBudget;
      rate: number;
      concurrency: number;
      latency: Ms;
    },
  ) {
    this.#source = source;
    this.#clock = clock;
    this.#epoch = tick.epoch;
    this.#tickAt = tick.at;
    this.#time = tick.time;
    this.#rate = tick.rate;
    this.#concurrency = tick.concurrency;
    this.#latency = tick.latency;
    this.#began = tick.began;
  }

  get requests(): number {
    return this.#requests;
  }

  /** Smoothed by `onAnswer`'s caller; used to tell how many requests still fit. */
  set latency(value: Ms) {
    this.#latency = value;
  }

  /** Resolves when what was asked for has gone out. */
  nextTurn(): Promise<void> {
    return this.#clock.nextTurn();
  }

  get elapsed(): Ms {
    return this.#clock.monotonic() - this.#began;
  }

  /** Requests that can still be started: what the rate allows, or what the source's speed does. */
  get left(): number {
    const perSecond = Math.min(
      this.#rate,
      this.#latency > 0 ? (this.#concurrency * SECOND) / this.#latency : this.#rate,
    );
    return Math.max(0, Math.floor(((this.#time.start - this.elapsed) / SECOND) * perSecond));
  }

  /**
   * Asks for one page, once; undefined when the tick's time is spent.
   * @throws {SourceError}
   */
  async once(query: CdrQuery, meter: Meter): Promise<StampedPage | undefined> {
    if (this.elapsed >= this.#time.start) return undefined;
    const stamp = formatStamp(this.#epoch, this.#requests, this.#tickAt + this.elapsed);
    this.#requests += 1;
    meter.requests += 1;
    const limit = Math.min(LONGEST_REQUEST, this.#time.end - LAST_WORDS - this.elapsed);
    const page = await this.#source.page(query, limit);
    this.healthy = true;
    return { stamp, page };
  }

  /**
   * Asks for one page; undefined when the tick's time is spent.
   * @throws {SourceError} that no further try within this tick cures.
   */
  async page(query: CdrQuery, meter: Meter): Promise<StampedPage | undefined> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.once(query, meter);
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        const pause = this.#pauseFor(error, tries);
        if (pause === undefined) throw error;
        await this.#clock.sleep(pause);
      }
    }
  }

  /** How long to wait before the same request is tried again; undefined: not in this tick. */
  #pauseFor(error: SourceError, tries: number): Ms | undefined {
    if (error.rulesOut !== undefined) return undefined;
    if (error.kind === 'rate-limited') {
      const wait = error.retryAfter ?? USUAL_WAIT;
      if (this.#waited || wait > LONGEST_WAIT) return undefined;
      this.#waited = true;
      return wait;
    }
    const passing = error.kind === 'transient' || error.kind === 'contract';
    return passing && tries < MOST_TRIES ? FIRST_PAUSE * 2 ** (tries - 1) : undefined;
  }
}
