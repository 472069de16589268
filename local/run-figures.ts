import type { CallNews } from '../cli/call-line.ts';
import { CallEvent } from '../shared/contract/call-event.ts';
import type { TickReport } from '../shared/contract/tick.ts';
import { type EpochMs, istDate, SECOND } from '../shared/core/time.ts';
import type { Window } from '../shared/core/window.ts';
import type { Figures, LocalStatus } from './status.ts';

/** What this run has done so far. */
export interface RunTotals {
  readonly ticks: number;
  readonly requests: number;
  readonly records: number;
  readonly sent: number;
  /** Calls that were not known before. */
  readonly calls: number;
  readonly events: number;
  readonly exceptions: number;
  /** Ticks that a stop cut off: what they asked is in none of these. */
  readonly cutOff: number;
}

/** Seconds of call time. */
export interface Fetched {
  readonly coveredSeconds: number;
  readonly wantedSeconds: number;
}

const newsOf = (event: CallEvent): CallNews['news'] => {
  if (event['detail-type'] === 'CallChanged') return 'changed';
  return event.detail.origin === 'late' ? 'late' : 'new';
};

export const callNewsOf = (event: CallEvent): CallNews => {
  const { summary } = event.detail;
  return {
    startAt: summary.startAt === undefined ? undefined : Date.parse(summary.startAt),
    direction: summary.direction,
    status: summary.status,
    durationSeconds: summary.durationSeconds,
    number: summary.customer,
    agent: summary.agents?.at(-1),
    news: newsOf(event),
  };
};

/**
 * Counts along with the bus and the poller's reports, from where the last run ended. What is counted here is
 * what a person watches; `compare` reads the stores themselves.
 */
export class RunFigures {
  #totals: RunTotals = {
    ticks: 0,
    requests: 0,
    records: 0,
    sent: 0,
    calls: 0,
    events: 0,
    exceptions: 0,
    cutOff: 0,
  };
  #coveredTo: EpochMs | undefined;
  #fetched: Fetched | undefined;
  #oldestFetched = Number.POSITIVE_INFINITY;
  #today: string;
  #callsToday: number;
  #errors = 0;
  /** Records in the archive and in the index when this run had counted `calls`. */
  #stored: { archived: number; indexed: number; calls: number };
  readonly #eventsBefore: number;
  readonly #span: Window;

  /** @param span what is fetched first; backfill goes through it newest first */
  constructor(before: LocalStatus | undefined, span: Window, now: EpochMs) {
    const { archived = 0, indexed = 0, events = 0 } = before?.figures ?? {};
    this.#stored = { archived, indexed, calls: 0 };
    this.#eventsBefore = events;
    this.#span = span;
    this.#today = istDate(now);
    const sameDay = before !== undefined && istDate(Date.parse(before.updatedAt)) === this.#today;
    this.#callsToday = sameDay ? before.figures.callsToday : 0;
  }

  get totals(): RunTotals {
    return this.#totals;
  }

  /** @returns the event where it is one of ours */
  takeEvent(received: unknown, now: EpochMs): CallEvent | undefined {
    const parsed = CallEvent.safeParse(received);
    if (!parsed.success) return undefined;
    const event = parsed.data;
    const created = event['detail-type'] === 'CallCreated';
    this.#totals = {
      ...this.#totals,
      events: this.#totals.events + 1,
      calls: this.#totals.calls + (created ? 1 : 0),
    };
    this.#turnDay(now);
    const { summary, origin } = event.detail;
    const startAt = summary.startAt === undefined ? undefined : Date.parse(summary.startAt);
    if (created && startAt !== undefined && istDate(startAt) === this.#today) this.#callsToday += 1;
    if (origin === 'backfill' && startAt !== undefined)
      this.#oldestFetched = Math.min(this.#oldestFetched, startAt);
    return event;
  }

  takeReports(reports: readonly TickReport[]): void {
    const sum = (pick: (report: TickReport) => number) =>
      reports.reduce((total, report) => total + pick(report), 0);
    const { ticks, requests, records, sent } = this.#totals;
    this.#totals = {
      ...this.#totals,
      ticks: ticks + 1,
      requests: requests + sum((report) => report.requests),
      records: records + sum((report) => report.records),
      sent: sent + sum((report) => report.sent),
      exceptions: sum((report) => report.exceptions),
    };
    const covered = reports.flatMap(({ coveredTo }) => (coveredTo === undefined ? [] : [coveredTo]));
    if (covered.length > 0) this.#coveredTo = Math.min(...covered);
    const known = reports.flatMap(({ fetched }) => fetched ?? []);
    if (known.length > 0) {
      this.#fetched = {
        coveredSeconds: known.reduce((total, { coveredSeconds }) => total + coveredSeconds, 0),
        wantedSeconds: known.reduce((total, { wantedSeconds }) => total + wantedSeconds, 0),
      };
    }
    this.#errors += reports.filter(({ outcome }) => outcome !== 'done' && outcome !== 'stale').length;
  }

  takeCutOff(): void {
    this.#totals = { ...this.#totals, cutOff: this.#totals.cutOff + 1 };
  }

  /** Of what is fetched first, how much is covered, as the poller last said. */
  get fetched(): Fetched | undefined {
    return this.#fetched;
  }

  /**
   * Of what is fetched first, how much has arrived. The poller reports once a minute; until then, as far back as
   * calls have arrived, all newer ones have. After it, what it sent may still be on its way.
   */
  get progress(): Fetched {
    const { from, to } = this.#span;
    if (!this.#fetched) {
      const coveredSeconds = Math.max(0, to - Math.max(from, this.#oldestFetched)) / SECOND;
      return { wantedSeconds: (to - from) / SECOND, coveredSeconds };
    }
    const { wantedSeconds, coveredSeconds } = this.#fetched;
    const { events, sent } = this.#totals;
    return { wantedSeconds, coveredSeconds: coveredSeconds * (sent === 0 ? 1 : Math.min(1, events / sent)) };
  }

  /** What was found in the stores themselves. */
  takeStored(found: { readonly archived: number; readonly indexed: number }): void {
    this.#stored = { ...found, calls: this.#totals.calls };
  }

  takeError(): void {
    this.#errors += 1;
  }

  figures(now: EpochMs, depths: Pick<Figures, 'waiting' | 'deadLetters' | 'quarantined'>): Figures {
    this.#turnDay(now);
    const since = this.#totals.calls - this.#stored.calls;
    return {
      ...(this.#coveredTo !== undefined && {
        lagSeconds: Math.max(0, Math.round((now - this.#coveredTo) / SECOND)),
      }),
      callsToday: this.#callsToday,
      archived: this.#stored.archived + since,
      indexed: this.#stored.indexed + since,
      events: this.#eventsBefore + this.#totals.events,
      ...depths,
      errors: this.#errors,
    };
  }

  #turnDay(now: EpochMs): void {
    if (istDate(now) === this.#today) return;
    this.#today = istDate(now);
    this.#callsToday = 0;
  }
}
