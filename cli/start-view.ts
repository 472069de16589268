import type { Comparison } from '../local/comparison.ts';
import type { LocalStatus } from '../local/status.ts';
import type { Fetched, RunTotals } from '../local/run-figures.ts';
import type { News } from '../local/local-system.ts';
import { istDate, type Ms, SECOND } from '../shared/core/time.ts';
import { CallFeed } from './call-line.ts';
import { CatchUpView } from './catch-up-view.ts';
import { facts } from './columns.ts';
import { folderFlag } from './default-data.ts';
import { count, counted, rate, span } from './figures.ts';
import { troubleLine } from './source-trouble.ts';
import { statusLine } from './status-line.ts';
import type { Terminal } from './terminal.ts';

/** Between two plain status lines. */
const PLAIN_STATUS: Ms = 60 * SECOND;

/** What a person sees of a run, and with `stream` what a program reads of it line by line. */
export class StartView {
  readonly #terminal: Terminal;
  readonly #stream: boolean;
  /** What a command needs to find this run's folder. */
  readonly #folder: string;
  readonly #now: () => Ms;
  readonly #startedAt: Ms;
  readonly #feed: CallFeed;
  #catchUp: CatchUpView | undefined;
  #anyCall = false;
  #closedAt: Ms;
  #saidAt: Ms;
  #trouble: string | undefined;
  #returnedAt = Number.NEGATIVE_INFINITY;
  #ending = false;

  /** @param now monotonic ms */
  constructor(terminal: Terminal, options: { stream: boolean; data: string; now: () => Ms }) {
    this.#terminal = terminal;
    this.#stream = options.stream;
    this.#folder = folderFlag(options.data);
    this.#now = options.now;
    this.#startedAt = options.now();
    this.#closedAt = this.#startedAt;
    this.#saidAt = this.#startedAt;
    this.#feed = new CallFeed((line) => terminal.say(line), terminal.people.columns);
  }

  /** What runs, where things go, and how to stop: said before anything heavy begins. */
  header(status: LocalStatus, notes: readonly string[]): void {
    const source = status.simulated
      ? `${this.#terminal.paint('bold', 'SIMULATED')}: made-up calls, nothing leaves this machine`
      : `REAL calls from ${status.source}`;
    this.#terminal.say(source);
    for (const note of notes) this.#terminal.say(note);
    this.#terminal.say(
      facts(
        [
          ['data', status.data],
          ['archive', status.archive],
          ['events', status.events],
          ['log', status.log],
          ['stop', 'Ctrl-C'],
        ],
        this.#terminal.people.columns,
      ),
    );
    this.#terminal.say('');
  }

  beginCatchUp(): void {
    this.#catchUp = new CatchUpView(this.#terminal, this.#now());
  }

  hear(news: News): void {
    if (news.kind === 'call') {
      if (this.#stream) this.#terminal.line('call/1', news.event);
      // While it catches up the bar counts them; only the first one is shown, as the sign of life.
      if (this.#catchUp && this.#anyCall) return;
      this.#anyCall = true;
      this.#feed.take(news.call);
      return;
    }
    if (news.kind === 'returned') {
      this.#sayReturned(news.messages);
      return;
    }
    for (const report of news.reports) {
      if (this.#stream) this.#terminal.line('tick/1', report);
    }
    this.#sayTrouble(news);
  }

  /** Called a few times a second. */
  refresh({ status, totals, progress }: { status: LocalStatus; totals: RunTotals; progress: Fetched }): void {
    if (this.#ending) return;
    const at = this.#now();
    if (this.#catchUp) {
      this.#catchUp.show({ covered: progress, calls: totals.calls }, at);
      return;
    }
    if (at - this.#closedAt < SECOND) return;
    this.#closedAt = at;
    this.#feed.close();
    const line = statusLine(status, this.#terminal.people.columns - 1);
    if (this.#terminal.people.redraw) {
      this.#terminal.stand(line);
    } else if (at - this.#saidAt >= PLAIN_STATUS) {
      this.#saidAt = at;
      this.#terminal.say(line);
    }
  }

  /** The first catch-up is done: how many, where, how fast, and what to try. */
  caughtUp(status: LocalStatus, totals: RunTotals): void {
    this.endCatchUp();
    const took = this.#now() - this.#startedAt;
    this.#terminal.say(
      `caught up: ${counted(totals.calls, 'call')} stored in ${span(took)}, ${rate((totals.calls * SECOND) / took)} a second, as files in ${status.archive}`,
    );
    // Not wrapped: they are there to be copied.
    for (const command of [
      `query --named calls-per-hour${this.#folder}`,
      `prove${this.#folder}`,
      'trigger late',
      `report --day ${istDate(Date.now())}${this.#folder}`,
    ]) {
      this.#terminal.say(`try  npx smartflo-cdr ${command}`);
    }
    this.#terminal.say('');
    this.#terminal.say('now live, one line a call:');
  }

  endCatchUp(): void {
    this.#catchUp?.close();
    this.#catchUp = undefined;
    this.#terminal.stand('');
  }

  /** All is fetched, or no more is: what follows takes some seconds and has no measure. */
  ending(): void {
    this.endCatchUp();
    this.#ending = true;
    this.#terminal.stand('comparing archive, index and bus');
  }

  /** The last words: what arrived where, what waits, what failed, and whether the stores agree. */
  summary(status: LocalStatus, totals: RunTotals, comparison: Comparison): void {
    this.endCatchUp();
    this.#feed.close();
    const { figures } = status;
    const took = this.#now() - this.#startedAt;
    this.#terminal.say('');
    this.#terminal.say(`ended after ${span(took)}`);
    this.#terminal.say(
      facts(
        [
          ['calls', `${count(totals.calls)} stored in this run`],
          [
            'requests',
            totals.cutOff === 0
              ? count(totals.requests)
              : `${count(totals.requests)}, and those of a tick that was cut off`,
          ],
          ['archive', `${counted(figures.archived, 'record')} in ${status.archive}`],
          ['index', counted(figures.indexed, 'record')],
          ['events', `${count(totals.events)} in this run, ${count(figures.events)} in all`],
          ['waiting', count(figures.waiting)],
          [
            'failed',
            `${counted(figures.deadLetters, 'dead letter')}, ${count(figures.quarantined)} quarantined, ${counted(figures.errors, 'error')}`,
          ],
          ['compared', compared(comparison, figures.waiting)],
        ],
        this.#terminal.people.columns,
      ),
    );
    this.#terminal.say(`next: npx smartflo-cdr start${this.#folder} goes on from here`);
  }

  /** Once a minute: a full disk returns every message again and again. */
  #sayReturned(messages: number): void {
    const at = this.#now();
    if (at - this.#returnedAt < PLAIN_STATUS) return;
    this.#returnedAt = at;
    const line = `warning messages-returned: ${counted(messages, 'message')} could not be stored yet; nothing is lost, they are tried again, and the log says why`;
    this.#terminal.say(this.#terminal.paint('yellow', line));
  }

  /** A trouble that passes is said when it begins, and its end too. What ends the run is told as its error. */
  #sayTrouble({ reports }: Extract<News, { kind: 'turn' }>): void {
    const line = reports.flatMap(({ outcome, reason }) => troubleLine(outcome, reason) ?? [])[0];
    if (line === this.#trouble) return;
    this.#trouble = line;
    this.#terminal.say(line ? this.#terminal.paint('yellow', line) : 'all well again');
  }
}

/** What a stop has left in the queue is between the stores, and no defect of theirs. */
const compared = ({ of, agrees, verdict }: Comparison, waiting: number): string => {
  const told = of === 'everything' ? verdict : `today, ${verdict}`;
  return agrees || waiting === 0
    ? told
    : `${told}; ${counted(waiting, 'message')} still ${waiting === 1 ? 'waits' : 'wait'}, for the next start`;
};
