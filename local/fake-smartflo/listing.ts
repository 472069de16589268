import { type EpochMs, MINUTE, parseIstDate, parseIstStamp, SECOND } from '../../shared/core/time.ts';
import { endAt, insertAt, startAt } from './block.ts';
import type { Ref } from './call-sight.ts';
import { matchAll, type Params } from './filters.ts';
import type { ListingKnobs, TimeField } from './knobs.ts';
import { chance, mix, pick } from './random.ts';
import { SALT } from './salt.ts';
import type { World } from './world.ts';

/** A page of the answer, or why there is none. */
export type Listed =
  | {
      readonly kind: 'page';
      readonly count: number;
      readonly limit: number;
      readonly page: number;
      readonly records: string[];
    }
  | { readonly kind: 'refused'; readonly status: number; readonly message: string };

interface Rows {
  readonly refs: readonly Ref[];
  readonly count: number;
  readonly validFrom: EpochMs;
  readonly validUntil: EpochMs;
}

/** Row lists kept between the pages of a query, in refs: a million are about 16 MB. */
const KEPT_REFS = 2_000_000;
const KEPT_QUERIES = 64;

const TIME_OF = { start: startAt, end: endAt, insert: insertAt };

const readDate = (text: string | undefined): EpochMs | undefined =>
  text === undefined ? undefined : (parseIstStamp(text) ?? parseIstDate(text));

const readCount = (text: string | undefined, fallback: number): number => {
  const value = Number(text);
  return Number.isInteger(value) && value > 0 ? value : fallback;
};

/** Answers `GET /v1/call/records` from the world, under the knobs as they stand at that moment. */
export class Listing {
  readonly #world: World;
  readonly #rows = new Map<string, Rows>();
  #kept = 0;
  readonly #frozenCounts = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
  }

  /** @param request its number: ties, shifts and rotating tokens differ by it */
  list(params: Params, now: EpochMs, request: number, knobs: ListingKnobs): Listed {
    const asked = readCount(params['limit'], knobs.defaultLimit);
    const limit = Math.min(asked, knobs.limitCap);
    const range = this.#range(params, now, knobs);
    if (range === undefined) return { kind: 'refused', status: 422, message: 'The date range is too wide.' };
    const key = this.#keyOf(params, range, now, knobs);
    const rows = this.#rowsOf(key, params, range, now, knobs);
    let page = readCount(params['page'], 1);
    const count = this.#countOf(key, page, rows.count, knobs);
    let offset = (page - 1) * limit;
    if (offset + limit > knobs.wallRows && offset < rows.refs.length) {
      if (knobs.atTheWall === 'error')
        return { kind: 'refused', status: 500, message: 'Result window is too large.' };
      return { kind: 'page', count, limit: knobs.limitEcho === 'used' ? limit : asked, page, records: [] };
    }
    if (page > 1 && offset >= rows.refs.length) {
      if (knobs.pastTheEnd === 'error') return { kind: 'refused', status: 404, message: 'Page not found.' };
      if (knobs.pastTheEnd === 'last-page') {
        page = Math.max(1, Math.ceil(rows.refs.length / limit));
        offset = (page - 1) * limit;
      }
    }
    if (page > 1 && chance(mix(this.#world.seed, request), SALT.shift, knobs.shiftShare)) {
      const by = pick(mix(this.#world.seed, request), SALT.shiftWay, 2 * knobs.shiftRows) - knobs.shiftRows;
      offset = Math.max(0, offset + (by < 0 ? by : by + 1));
    }
    const refs = this.#slice(rows.refs, offset, offset + limit, request, knobs);
    const reading = knobs.rotatingTokens ? request : 0;
    return {
      kind: 'page',
      count,
      limit: knobs.limitEcho === 'used' ? limit : asked,
      page,
      records: refs.map((ref) => this.#world.raw(ref, now, reading)),
    };
  }

  #range(params: Params, now: EpochMs, knobs: ListingKnobs): { from: EpochMs; to: EpochMs } | undefined {
    const from = readDate(params['from_date']);
    const to = readDate(params['to_date']);
    const usual = { from: now - knobs.defaultRange, to: Infinity };
    if (from === undefined || to === undefined) return { from: from ?? usual.from, to: to ?? usual.to };
    // Bounds are whole seconds; where fractions are not compared, a record's own second is.
    const range = { from: knobs.fromInclusive ? from : from + 1, to: knobs.toInclusive ? to : to - 1 };
    if (to - from <= knobs.spanCap) return range;
    if (knobs.aboveSpanCap === 'error') return undefined;
    return knobs.aboveSpanCap === 'ignored' ? usual : { from: to - knobs.spanCap, to: range.to };
  }

  #keyOf(params: Params, range: { from: EpochMs; to: EpochMs }, now: EpochMs, knobs: ListingKnobs): string {
    const { page: _page, limit: _limit, from_date: _from, to_date: _to, ...filters } = params;
    const depth = Number.isFinite(knobs.historyDepth) ? Math.floor((now - knobs.historyDepth) / MINUTE) : 0;
    return JSON.stringify([
      range.from,
      range.to,
      filters,
      depth,
      knobs.filterOn,
      knobs.subSecond,
      knobs.broadcastOnRequest,
      knobs.sortBy,
      knobs.order,
    ]);
  }

  #rowsOf(
    key: string,
    params: Params,
    range: { from: EpochMs; to: EpochMs },
    now: EpochMs,
    knobs: ListingKnobs,
  ): Rows {
    const predicates = knobs.hidden !== undefined || knobs.unlisted !== undefined;
    const kept = predicates ? undefined : this.#rows.get(key);
    if (kept && kept.validFrom <= now && now < kept.validUntil) return kept;
    const depth = Math.floor((now - knobs.historyDepth) / MINUTE) * MINUTE;
    const found = this.#world.scan(now, {
      by: knobs.filterOn,
      from: Math.max(range.from, depth),
      to: range.to,
      wholeSeconds: !knobs.subSecond,
      matches: matchAll(params, { calls: this.#world.knobs.calls, listing: knobs }),
    });
    let refs = found.refs;
    if (knobs.hidden) refs = refs.filter((ref) => !knobs.hidden?.(this.#world.sight(ref, now)));
    const count = refs.length;
    if (knobs.unlisted) refs = refs.filter((ref) => !knobs.unlisted?.(this.#world.sight(ref, now)));
    const rows = { refs: this.#sort(refs, knobs), count, validFrom: now, validUntil: found.validUntil };
    if (!predicates) this.#keep(key, rows);
    return rows;
  }

  #keep(key: string, rows: Rows): void {
    this.#kept += rows.refs.length - (this.#rows.get(key)?.refs.length ?? 0);
    this.#rows.delete(key);
    this.#rows.set(key, rows);
    for (const [oldest, { refs }] of this.#rows) {
      if (oldest === key || (this.#rows.size <= KEPT_QUERIES && this.#kept <= KEPT_REFS)) break;
      this.#rows.delete(oldest);
      this.#kept -= refs.length;
    }
  }

  #countOf(key: string, page: number, count: number, knobs: ListingKnobs): number {
    if (knobs.count === 'moving') return count;
    if (page === 1) {
      if (this.#frozenCounts.size > KEPT_QUERIES) this.#frozenCounts.clear();
      this.#frozenCounts.set(key, count);
    }
    return this.#frozenCounts.get(key) ?? count;
  }

  #time(ref: Ref, by: TimeField): EpochMs {
    const { block, index } = this.#world.locate(ref);
    return TIME_OF[by](block, index);
  }

  /** A found list is ordered by start; ids begin with the insert second, so order by id is order by insert, then place. */
  #sort(refs: Ref[], { sortBy, order }: ListingKnobs): Ref[] {
    if (sortBy !== 'start') {
      const unit = sortBy === 'id' ? SECOND : 1;
      const by = sortBy === 'id' ? 'insert' : sortBy;
      const keyed = refs.map((ref) => ({ ref, at: Math.floor(this.#time(ref, by) / unit) }));
      keyed.sort((a, b) => a.at - b.at || a.ref - b.ref);
      refs = keyed.map(({ ref }) => ref);
    }
    return order === 'asc' ? refs : refs.toReversed();
  }

  /** The rows of a page; where ties are shuffled, rows of one second stand in another order for every request. */
  #slice(refs: readonly Ref[], first: number, end: number, request: number, knobs: ListingKnobs): Ref[] {
    if (knobs.ties === 'stable' || knobs.sortBy === 'id') return refs.slice(first, end);
    const by = knobs.sortBy;
    const second = (place: number): number => {
      const ref = refs[place];
      return ref === undefined ? Number.NaN : Math.floor(this.#time(ref, by) / SECOND);
    };
    let from = Math.min(first, refs.length);
    while (from > 0 && second(from - 1) === second(from)) from -= 1;
    let to = Math.min(end, refs.length);
    while (to > 0 && to < refs.length && second(to) === second(to - 1)) to += 1;
    const shuffled = refs.slice(from, to).map((ref, place) => ({
      ref,
      at: second(from + place),
      lot: mix(mix(ref % 0xffff_ffff, request), SALT.tie),
    }));
    const way = knobs.order === 'asc' ? 1 : -1;
    shuffled.sort((a, b) => way * (a.at - b.at) || a.lot - b.lot);
    return shuffled.slice(first - from, end - from).map(({ ref }) => ref);
  }
}
