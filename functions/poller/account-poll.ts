import type { AccountState } from '../../shared/core/account-state.ts';
import { coverProbe } from '../../shared/core/coverage.ts';
import { coverWindow } from '../../shared/core/cover-window.ts';
import { coverWithException, missingIn } from '../../shared/core/exceptions.ts';
import { learnEdges, learnLatency } from '../../shared/core/learning.ts';
import { neighbourOf } from '../../shared/core/neighbour.ts';
import {
  type DensityHint,
  fetchFrom,
  isClosed,
  keptShare,
  nextWindow,
  type OwedWindow,
  pageLimitOf,
  type Situation,
  type Skipped,
  type Standing,
  standingPlan,
  type Suspect,
  suspectsOf,
} from '../../shared/core/planner.ts';
import type { Look } from '../../shared/core/policy.ts';
import { HOUR, istBlockStart, istStamp, MINUTE, type Ms, SECOND } from '../../shared/core/time.ts';
import { noteTrouble, type Unread } from '../../shared/core/troubles.ts';
import { length, type Window, without } from '../../shared/core/window.ts';
import { SourceError } from '../../shared/ports/source.ts';
import type { Asking, Meter } from './asking.ts';
import { disagreement } from './disagreement.ts';
import { learnFromReading } from './lessons.ts';
import type { PollParts, Stop } from './poll-parts.ts';
import { readWindow, recordsOf, type WindowReading } from './read-window.ts';
import { hoursOf } from './sent-lists.ts';
import { TickHealth } from './tick-health.ts';

/** Windows that may fail in a row before the source is taken to be down. */
const FAILURES_IN_A_ROW = 3;

/** Nearly all calls that began so long ago have ended: what is read then tells the account's density and mix. */
const RIPE: Ms = 30 * MINUTE;

/** One window after the other. `delivered`: whether the queue took what was read last; rejects where a store failed. */
interface Lane {
  delivered: Promise<boolean>;
}

/** A window that is being asked for, and what it has taken of its requests. `landing` resolves at its end. */
interface Flight extends Meter {
  readonly owed: OwedWindow;
  readonly lane: Lane;
  readonly landing: PromiseWithResolvers<void>;
}

/** A window that was read whole, on its way to the queue. */
interface Delivery {
  readonly owed: OwedWindow;
  readonly reading: WindowReading;
}

/**
 * One tick's work for one account: asks the planner what is owed, asks the source for it, sends what differs, and
 * asks the planner again, until nothing is owed, the time is spent or the source says stop.
 *
 * `state` is what is known so far; it is safe to write down only after the sent lists were.
 */
export class AccountPoll {
  state: AccountState;
  stop: Stop | undefined;
  records = 0;
  sent = 0;
  /** Windows read or counted that are whole. */
  covered = 0;
  readonly #parts: PollParts;
  readonly #standing: Standing;
  readonly #total: number;
  readonly #done = new Set<string>();
  readonly #spent: Partial<Record<Look, number>> = {};
  #suspects: Suspect[] = [];
  #hints: DensityHint[] = [];
  /** Being asked for now. */
  readonly #flights = new Set<Flight>();
  readonly #deliveries = new Map<Delivery, Promise<unknown>>();
  /** Failed in this tick: not asked for again before the next. */
  #skipped: Skipped[] = [];
  readonly #health = new TickHealth();

  constructor(state: AccountState, parts: PollParts) {
    this.state = state;
    this.#parts = parts;
    this.#total = parts.asking.left;
    this.#standing = standingPlan(state, parts.policy, state.lastTickAt);
  }

  get situation(): Situation {
    const flights = [...this.#flights];
    const promised = flights.reduce(
      (sum, { owed, requests }) => sum + Math.max(0, owed.requests - requests),
      0,
    );
    const spent = { ...this.#spent };
    for (const { owed, requests } of flights) spent[owed.look] = (spent[owed.look] ?? 0) + requests;
    return {
      standing: this.#standing,
      // As if the queue had taken them: where it does not, the tick ends.
      state: [...this.#deliveries.keys()].reduce(
        (state, delivery) => this.#covered(state, delivery),
        this.state,
      ),
      policy: this.#parts.policy,
      now: this.#now,
      only: this.#parts.only,
      done: this.#done,
      suspects: this.#suspects,
      hints: this.#hints,
      busy: flights.map(({ owed }) => owed.window),
      skipped: this.#skipped,
      budget: { total: this.#total, left: this.#parts.asking.left - promised, spent },
    };
  }

  get #now(): number {
    return this.state.lastTickAt;
  }

  /** Rejects after all lanes have ended when a store could not be asked; what `state` says then is still true. */
  async run(): Promise<void> {
    const fly = async () => {
      const lane: Lane = { delivered: Promise.resolve(true) };
      try {
        for (;;) {
          const owed = this.#next();
          if (owed) await this.#execute(owed, lane);
          // What is being read may turn out too large for one window: the parts are for whoever is free.
          else if (this.#flights.size > 0 && !this.stop) await this.#nextLanding();
          else break;
        }
      } catch (error) {
        this.#giveUp(error);
        throw error;
      } finally {
        await lane.delivered;
      }
    };
    const lanes = await Promise.allSettled(Array.from({ length: this.#parts.policy.concurrency }, fly));
    for (const outcome of lanes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  /** The other lanes finish the windows that they hold and take no more. */
  #giveUp(error: unknown): void {
    this.stop ??= { outcome: 'failed', reason: error instanceof Error ? error.name : 'unknown' };
  }

  #next(): OwedWindow | undefined {
    return this.stop ? undefined : nextWindow(this.situation);
  }

  async #execute(owed: OwedWindow, lane: Lane): Promise<void> {
    const flight: Flight = { owed, lane, requests: 0, landing: Promise.withResolvers() };
    this.#flights.add(flight);
    if (owed.once) this.#done.add(owed.once);
    try {
      if (owed.ask === 'count') await this.#count(flight);
      else await this.#read(flight);
    } finally {
      this.#flights.delete(flight);
      this.#spent[owed.look] = (this.#spent[owed.look] ?? 0) + flight.requests;
      flight.landing.resolve();
    }
  }

  async #nextLanding(): Promise<void> {
    await Promise.race([...this.#flights].map(({ landing }) => landing.promise));
  }

  /** Bounds are asked one second wide of the window: right whether they count or not, with fractions or without. */
  #query(window: Window, page: number, limit: number, minDuration?: number) {
    const { broadcast } = this.#parts;
    return {
      from_date: istStamp(window.from - SECOND),
      to_date: istStamp(window.to),
      page,
      limit,
      ...(minDuration !== undefined && { duration: minDuration, operator: '>=' as const }),
      ...(broadcast !== undefined && { broadcast }),
    };
  }

  async #ask(flight: Flight, page: number, limit: number) {
    const { window, minDuration } = flight.owed;
    const answer = await this.#parts.asking.page(this.#query(window, page, limit, minDuration), flight);
    if (answer) {
      this.state = { ...this.state, learned: learnLatency(this.state.learned, answer.page.latency) };
      this.#parts.asking.latency = this.state.learned.latency;
    }
    return answer;
  }

  async #count(flight: Flight): Promise<void> {
    const { window } = flight.owed;
    let answer: Awaited<ReturnType<Asking['page']>>;
    try {
      answer = await this.#ask(flight, 1, 1);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      await this.#fail(flight, error);
      return;
    }
    if (!answer) return;
    this.#health.noteAnswer();
    this.#suspects = this.#suspects.filter(
      (suspect) => suspect.from !== window.from || suspect.to !== window.to,
    );
    const { count } = answer.page;
    // What lies just beside is counted too, and known only when it is delivered.
    await Promise.allSettled(this.#deliveries.values());
    const missing = await disagreement(this.#parts.lists, this.state, window, count);
    if (missing === 0) {
      this.covered += 1;
      this.state = {
        ...this.state,
        coverage: coverProbe(this.state.coverage, window, this.#now, this.#parts.policy),
      };
      return;
    }
    this.#hints = [...this.#hints, { ...window, perMinute: (count * MINUTE) / length(window) }];
    const pages = count / pageLimitOf(this.state, this.#parts.policy);
    this.#suspects.push(...suspectsOf(window, pages, missing));
  }

  async #read(flight: Flight): Promise<void> {
    const { owed, lane } = flight;
    const { window } = owed;
    const { policy, volatile, asking } = this.#parts;
    const open = !isClosed(window, this.#now, policy);
    const asked = pageLimitOf(this.state, policy);
    const reading = await readWindow(
      {
        window,
        open: open || owed.ask === 'filtered',
        missing: missingIn(this.state.exceptions, window),
        pageLimit: asked,
        most: owed.most,
        filterOn: this.state.learned.filterOn,
        volatile,
      },
      // The first page is asked for while the window before is delivered, the others after: no two are held whole.
      async (page, limit) =>
        page === 1 || (await lane.delivered) ? this.#ask(flight, page, limit) : undefined,
      () => asking.nextTurn(),
    );
    if (!(await lane.delivered)) return;
    if (reading.verdict === 'ignored') {
      this.stop = { outcome: 'source-ignores-window', reason: 'rows-outside-window' };
      return;
    }
    const whole = reading.verdict === 'covered' && !open && owed.ask === 'read';
    const ripe = reading.verdict === 'covered' && owed.ask === 'read' && window.to <= this.#now - RIPE;
    const learned = learnFromReading(this.state.learned, owed, reading, ripe, this.#parts);
    this.state = { ...this.state, learned };
    this.records += recordsOf(reading);
    if (reading.verdict === 'covered') this.#landWhole(flight, reading, whole);
    else if (await this.#deliver(owed, reading, whole)) await this.#settle(flight, reading);
  }

  /** Nothing more is asked for this window: it is covered when it is delivered, and the next one need not wait. */
  #landWhole({ owed, lane }: Flight, reading: WindowReading, whole: boolean): void {
    this.#health.noteAnswer();
    if (owed.ask === 'read')
      this.#suspects = this.#suspects.flatMap((suspect) =>
        without(suspect, owed.window).map((part) => ({ ...suspect, ...part })),
      );
    const delivery = { owed, reading };
    const deliver = async () => {
      try {
        const isTaken = await this.#deliver(owed, reading, whole);
        if (isTaken) this.state = this.#covered(this.state, delivery);
        if (isTaken && owed.ask === 'read') this.covered += 1;
        return isTaken;
      } catch (error) {
        this.#giveUp(error);
        throw error;
      } finally {
        this.#deliveries.delete(delivery);
      }
    };
    lane.delivered = deliver();
    lane.delivered.catch(() => {}); // handled where it is awaited
    this.#deliveries.set(delivery, lane.delivered);
  }

  #covered(state: AccountState, { owed, reading }: Delivery): AccountState {
    if (owed.ask !== 'read') return state;
    return coverWindow(state, owed, reading.shownAll, this.#parts.policy);
  }

  /** Sends what differs. Where the queue refuses, the tick ends: nothing of this window may count as covered. */
  async #deliver(owed: OwedWindow, reading: WindowReading, whole: boolean): Promise<boolean> {
    const { window, look } = owed;
    const { outbox, lists, evidence } = this.#parts;
    const { filterOn } = this.state.learned;
    const order = this.state.orders.open.find(({ id }) => id === owed.order);
    const { seen, sent, refused } = await outbox.send(reading, {
      window,
      wanted: order ?? this.#wanted(look),
      look,
      filterOn,
      again: order?.kind === 'repair',
      publishFrom: order?.publish ? order.from : undefined,
    });
    this.sent += sent;
    if (refused !== undefined) {
      this.stop = { outcome: 'failed', reason: `queue-refused-${refused}` };
      return false;
    }
    if (!whole) return true;
    await this.#reconcile(window, reading, seen, lists);
    await evidence.keep(window, reading, {
      missing: missingIn(this.state.exceptions, window),
      readAt: this.#now,
      filterOn,
    });
    return true;
  }

  /** Records beside what is to be fetched at all are nobody's. */
  #wanted(look: Look): Window {
    const { policy } = this.#parts;
    const { fetchTo = Number.POSITIVE_INFINITY } = policy;
    return {
      from: fetchFrom(this.state, policy),
      to: look === 'backfill' ? fetchTo : Number.POSITIVE_INFINITY,
    };
  }

  /** After a complete read: what is known and was not shown is gone, and the bounds have shown themselves. */
  async #reconcile(
    window: Window,
    reading: WindowReading,
    seen: ReadonlySet<string>,
    lists: PollParts['lists'],
  ): Promise<void> {
    for (const hour of hoursOf(window)) (await lists.load(hour)).markAbsent(window, seen);
    const rows = reading.pages.flatMap(({ sightings }) => sightings);
    const knownAt = async (at: number) =>
      hoursOf(window).includes(istBlockStart(at, HOUR)) &&
      (await lists.count({ from: at, to: at + SECOND })) > 0;
    const known = { from: await knownAt(window.from - SECOND), to: await knownAt(window.to) };
    const lesson = { window, rows, ripe: true, minDuration: undefined };
    this.state = { ...this.state, learned: learnEdges(this.state.learned, lesson, known) };
  }

  async #settle(flight: Flight, reading: WindowReading): Promise<void> {
    const { owed } = flight;
    const { window } = owed;
    if (reading.failure) {
      await this.#fail(flight, reading.failure, owed.ask === 'read' ? reading : undefined);
      return;
    }
    this.#health.noteAnswer();
    if (owed.ask === 'filtered' || reading.verdict === 'unfinished') return;
    if (reading.verdict === 'too-many') {
      this.#hintAt(window, reading);
      if (length(window) <= SECOND) {
        // A count that no budget reads is a matter of the source, not of this tick.
        const pages = reading.count / reading.pageLimit;
        if (pages > keptShare(this.#total)) await this.#trouble(owed, reading, 'unsettled');
        this.#skip(owed);
      } else if (owed.once) this.#done.delete(owed.once);
    } else if (owed.look === 'live') this.#skip(owed);
    else await this.#trouble(owed, reading, 'unsettled');
  }

  /** How dense a window is: in pages of the size asked for, where the source gives smaller ones. */
  #hintAt(window: Window, { count, pageLimit }: WindowReading): void {
    const pages = count / pageLimit;
    const perMinute = (pages * pageLimitOf(this.state, this.#parts.policy) * MINUTE) / length(window);
    this.#hints = [...this.#hints, { ...window, perMinute }];
  }

  /**
   * A failure counts against its window only when the source answers otherwise, before it and after, and once a tick:
   * an outage must never look like a window that can't be read, nor such a window like an outage.
   * @param reading what a full read brought until then: it can be read in halves
   */
  async #fail(flight: Flight, failure: SourceError, reading?: WindowReading): Promise<void> {
    const { owed } = flight;
    const { window } = owed;
    const othersAnswered = this.#parts.asking.healthy && this.#health.answersBeside(window);
    this.#health.noteFailure(window);
    if (this.#stopFor(failure)) return;
    if (failure.kind === 'poison' && reading) {
      await this.#trouble(owed, reading, 'too-much');
      return;
    }
    if (await this.#neighbourAnswers(flight)) {
      this.#health.noteAnswer();
      if (reading && othersAnswered) await this.#trouble(owed, reading, 'unanswered');
    }
    this.#skip(owed);
  }

  /**
   * Asked right after a window failed: its neighbour is counted, once. A source that fails now and then, from some
   * request of a tick on, or for a day or an hour as a whole, fails here too; one that can't answer this window does not.
   */
  async #neighbourAnswers(flight: Flight): Promise<boolean> {
    const neighbour = neighbourOf(this.state, flight.owed.window);
    if (!neighbour) return false;
    try {
      return (await this.#parts.asking.once(this.#query(neighbour, 1, 1), flight)) !== undefined;
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      this.#stopFor(error);
      return false;
    }
  }

  #skip({ window, ask }: OwedWindow): void {
    this.#skipped = [...this.#skipped, { ...window, ask }];
  }

  /** Whether a failure ends the tick. */
  #stopFor(failure: SourceError): boolean {
    if (failure.kind === 'auth') this.stop = { outcome: 'auth', reason: failure.code };
    else if (failure.kind === 'rate-limited') {
      this.stop = { outcome: 'rate-limited', reason: failure.code };
      // A lock is in the session, with its end and its secret's version: there every tick finds why it waits.
      if (failure.code !== 'login-locked') {
        this.state = {
          ...this.state,
          pausedUntil: this.#now + this.#parts.asking.elapsed + (failure.retryAfter ?? 0),
        };
      }
    } else if (
      failure.rulesOut === 'account' ||
      (this.#health.failuresInARow >= FAILURES_IN_A_ROW && failure.kind !== 'poison')
    ) {
      this.stop = { outcome: 'source-down', reason: failure.code };
    }
    return this.stop !== undefined;
  }

  /** A read that did not settle: again, then in halves, and in the end one second is covered with an exception. */
  async #trouble(owed: OwedWindow, reading: WindowReading, why: Unread): Promise<void> {
    const { window } = owed;
    const { troubles, exhausted } = noteTrouble(this.state.troubles, window, why, this.#now);
    this.state = { ...this.state, troubles };
    if (!exhausted) return;
    const { policy, quarantine, evidence, telemetry, account } = this.#parts;
    const missing = reading.failure ? 0 : Math.max(0, reading.count - recordsOf(reading));
    await quarantine.keep(window, reading, missing);
    const { filterOn } = this.state.learned;
    await evidence.keep(window, reading, { missing, readAt: this.#now, filterOn });
    this.state = coverWithException(this.state, owed, missing, this.#now, policy);
    telemetry.count('Exceptions', 1, account);
    telemetry.log('error', 'a second was covered with an exception', {
      account,
      second: istStamp(window.from),
    });
  }
}
