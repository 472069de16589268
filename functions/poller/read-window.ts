import type { FilterTime } from '../../shared/core/account-state.ts';
import type { VolatilePaths } from '../../shared/core/content-hash.ts';
import { ignoresWindow } from '../../shared/core/page-trust.ts';
import { type Sighting, sight } from '../../shared/core/sighting.ts';
import type { Stamp } from '../../shared/core/stamp.ts';
import { Tally } from '../../shared/core/tally.ts';
import type { Window } from '../../shared/core/window.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { type Page, SourceError } from '../../shared/ports/source.ts';

/** A page, and the stamp of the request that brought it. */
export interface StampedPage {
  readonly stamp: Stamp;
  readonly page: Page;
}

/** Asks for one page of the window; undefined when the tick's time or budget is spent. Rejects with SourceError. */
export type AskPage = (page: number, limit: number) => Promise<StampedPage | undefined>;

/** Resolves when what was asked for has gone out. */
type NextTurn = Clock['nextTurn'];

export interface ReadRequest {
  readonly window: Window;
  /** Calls can still begin or end in it: its count may grow while it is read. */
  readonly open: boolean;
  /** Records that the source is known to count here and not to show. */
  readonly missing: number;
  readonly pageLimit: number;
  /** Pages that the budget allows. */
  readonly most: number;
  readonly filterOn: FilterTime;
  readonly volatile: VolatilePaths;
}

/** The rows of one answer. */
export interface SeenPage {
  readonly stamp: Stamp;
  readonly sightings: readonly Sighting[];
}

/**
 * - `covered`: the window's rules for being complete hold.
 * - `unsettled`: it was read to its end, and they don't.
 * - `too-many`: the first page counts more than the budget allows.
 * - `unfinished`: the budget ended first.
 * - `ignored`: the source ignored the window; nothing of it is trusted, and `pages` is empty.
 * - `failed`: the source did not answer a page.
 */
export type Verdict = 'covered' | 'unsettled' | 'too-many' | 'unfinished' | 'ignored' | 'failed';

export interface WindowReading {
  readonly verdict: Verdict;
  readonly pages: readonly SeenPage[];
  /** What the last page counted. */
  readonly count: number;
  /** As many records were shown as the last page counted. */
  readonly shownAll: boolean;
  /** Keys that several records of this window share: those are keyed by content. */
  readonly repeated: ReadonlySet<string>;
  /** The page size that the source really gives. */
  readonly pageLimit: number;
  readonly failure?: SourceError;
}

/** Records that its pages showed, those that came twice counted twice. */
export const recordsOf = ({ pages }: WindowReading): number =>
  pages.reduce((sum, { sightings }) => sum + sightings.length, 0);

/** Restarts of one window for a shorter page than asked for. */
const MOST_RESTARTS = 2;

interface Pass extends WindowReading {
  /** A page before the last was shorter than asked for: page numbers only mean something at this size. */
  readonly shorter?: number;
}

const readPages = async (
  request: ReadRequest,
  limit: number,
  restarts: number,
  ask: AskPage,
  nextTurn: NextTurn,
): Promise<Pass> => {
  const tally = new Tally();
  const pages: SeenPage[] = [];
  let count = 0;
  /** The number of the last page, as the page before told. */
  let last = 1;
  let steady = true;
  let neverFell = true;
  /** A page before the end showed nothing new: the source may show one page whatever number is asked for. */
  let stalled = false;
  const end = (verdict: Verdict, more: { failure?: SourceError; shorter?: number } = {}): Pass => ({
    verdict,
    pages,
    count,
    shownAll:
      tally.distinct(steady ? count : undefined) >= count || (pages.length === 1 && tally.rows === count),
    repeated: tally.repeated(steady ? count : undefined),
    pageLimit: limit,
    ...more,
  });

  /** The page after the one that is read: where it is needed whatever that one holds, it is asked for meanwhile. */
  let ahead: Promise<StampedPage | undefined> | undefined;
  for (let number = 1; ; number += 1) {
    let answer: StampedPage | undefined;
    try {
      answer = await (ahead ?? ask(number, limit));
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      // Past the end some sources refuse where others send an empty page.
      if (number > last && error.kind === 'contract') return end(neverFell ? 'covered' : 'unsettled');
      return end('failed', { failure: error });
    }
    if (!answer) return end('unfinished');
    const { page, stamp } = answer;
    if (number > 1) {
      steady &&= page.count === count;
      neverFell &&= page.count >= count;
    }
    count = page.count;
    const size = Math.min(limit, page.limit ?? limit);
    last = Math.ceil(count / Math.max(1, size));
    // What is shown in full needs no exception, and what is known never to be shown is not waited for.
    const isAll = (records: number) => records === count || records === count - request.missing;
    const isEnd = number === 1 && (last > request.most || isAll(page.records.length));
    ahead = number < last && page.records.length === limit && !isEnd ? ask(number + 1, limit) : undefined;
    ahead?.catch(() => {}); // handled where it is awaited
    if (ahead) await nextTurn();
    const sightings = page.records.map(({ raw }) => sight(raw, request.volatile));
    if (ignoresWindow(sightings, request.window, count, number)) {
      await ahead?.catch(() => {});
      return { ...end('ignored'), pages: [] };
    }

    const fresh = tally.add(sightings);
    pages.push({ stamp, sightings });
    stalled ||= number > 1 && number <= last && sightings.length > 0 && fresh === 0;

    // One answer is one instant: all its rows are there, so the window is complete whatever repeats.
    if (number === 1 && isAll(sightings.length)) return end('covered');
    const due = number === 1 ? Math.min(limit, count) : limit;
    const short = sightings.length > 0 && sightings.length < due;
    if (short && (number < last || number === 1) && tally.rows < count && restarts < MOST_RESTARTS)
      return end('unsettled', { shorter: sightings.length });
    if (number === 1 && last > request.most) return end('too-many');
    const distinct = tally.distinct(steady ? count : undefined);
    if (request.open) {
      const exhausted = sightings.length === 0 || (number > last && fresh === 0 && !stalled);
      // Rows that came in push others on, and a count that is frozen does not tell: a full page is no end.
      const complete = distinct >= count && sightings.length < size;
      if (complete || exhausted) return end(neverFell ? 'covered' : 'unsettled');
      if (number > last) return end('unsettled');
    } else {
      // Beyond the last page: nothing new may be there, or the source repeats itself.
      if (number > last) return end(steady && fresh === 0 ? 'covered' : 'unsettled');
      if (number < last && sightings.length > 0) continue;
      // A row that came twice has moved: something came or went unseen by the count, and another may have slipped.
      const complete = steady && isAll(distinct) && tally.rows === distinct && number === last;
      if (!complete) return end('unsettled');
      // A count may be frozen while rows come in: after a full page only the next one shows that this was the end.
      if (sightings.length < limit) return end('covered');
    }
  }
};

/**
 * Reads a window page by page and judges by its own rows whether it is complete.
 *
 * Never stops at a short page: a page before the last that is shorter than asked for shows the source's real page
 * size, and the window starts again at that size. A closed window is complete when its rows are what the source
 * counts, none of them twice, the count stood still and nothing follows; an open one when paging reached the end and the count never fell.
 */
export const readWindow = async (
  request: ReadRequest,
  ask: AskPage,
  nextTurn: NextTurn,
): Promise<WindowReading> => {
  let limit = request.pageLimit;
  for (let restarts = 0; ; restarts += 1) {
    const { shorter, ...reading } = await readPages(request, limit, restarts, ask, nextTurn);
    if (shorter === undefined) return reading;
    limit = shorter;
  }
};
