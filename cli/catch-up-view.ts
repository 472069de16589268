import progress from 'cli-progress';
import { type Ms, SECOND } from '../shared/core/time.ts';
import { count, counted, rate, span } from './figures.ts';
import { NARROW_COLUMNS, type Terminal } from './terminal.ts';

export interface CatchUp {
  /** Of the call time to fetch, how much has arrived. */
  readonly covered: { readonly coveredSeconds: number; readonly wantedSeconds: number };
  /** Calls stored since the start. */
  readonly calls: number;
}

/** How often the bar moves, and how often a plain line is due. */
const REDRAW: Ms = 200;
const PLAIN_EVERY: Ms = 10 * SECOND;
const PLAIN_STEP = 10;

/** A bar with rate and time left on a terminal; a line each 10 % or 10 s elsewhere. */
export class CatchUpView {
  readonly #terminal: Terminal;
  readonly #startedAt: Ms;
  #first: { at: Ms; coveredSeconds: number } | undefined;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #saidAt: Ms;
  #saidPercent = 0;
  #share = 0;

  /** @param now monotonic ms, as for `show` */
  constructor(terminal: Terminal, now: Ms) {
    this.#terminal = terminal;
    this.#startedAt = now;
    this.#saidAt = now;
  }

  show(state: CatchUp, now: Ms): void {
    const { covered } = state;
    if (covered.coveredSeconds > 0) this.#first ??= { at: now, coveredSeconds: covered.coveredSeconds };
    const reached =
      covered.wantedSeconds > 0 ? Math.min(1, covered.coveredSeconds / covered.wantedSeconds) : 0;
    // Between two reports it is an estimate; a bar that goes back would only confuse.
    const share = Math.max(reached, this.#share);
    this.#share = share;
    const percent = Math.floor(share * 100);
    if (this.#terminal.people.redraw) {
      if (now - this.#drawnAt < REDRAW && percent < 100) return;
      this.#drawnAt = now;
      this.#terminal.stand(this.#bar(state, share, percent, now));
    } else if (percent >= this.#saidPercent + PLAIN_STEP || now - this.#saidAt >= PLAIN_EVERY) {
      this.#saidAt = now;
      this.#saidPercent = percent - (percent % PLAIN_STEP);
      this.#terminal.say(
        `catching up: ${[`${percent} percent`, ...this.#facts(state, share, now)].join(', ')}`,
      );
    }
  }

  close(): void {
    this.#terminal.stand('');
  }

  #facts(state: CatchUp, share: number, now: Ms): string[] {
    const left = this.#left(state, share, now);
    return [
      counted(state.calls, 'call'),
      `${rate((state.calls * SECOND) / Math.max(SECOND, now - this.#startedAt))} a second`,
      ...(left === undefined ? [] : [`${span(left)} left`]),
    ];
  }

  #bar(state: CatchUp, share: number, percent: number, now: Ms): string {
    const { unicode, columns } = this.#terminal.people;
    const size = columns < NARROW_COLUMNS ? 8 : columns < 100 ? 14 : 30;
    const bar = progress.Format.BarFormat(share, {
      barsize: size,
      barCompleteString: (unicode ? '█' : '#').repeat(size),
      barIncompleteString: (unicode ? '░' : '-').repeat(size),
      barGlue: '',
      align: 'left',
    });
    const facts = columns < NARROW_COLUMNS ? [`${count(state.calls)} calls`] : this.#facts(state, share, now);
    return [`catching up ${unicode ? bar : `[${bar}]`} ${String(percent).padStart(3)} %`, ...facts].join(
      '  ',
    );
  }

  /** Time left, from how fast the covered time grew since the first answer. */
  #left({ covered }: CatchUp, share: number, now: Ms): Ms | undefined {
    const first = this.#first;
    if (!first || share >= 1) return undefined;
    const grown = covered.coveredSeconds - first.coveredSeconds;
    const elapsed = now - first.at;
    if (grown <= 0 || elapsed < SECOND) return undefined;
    return ((covered.wantedSeconds - covered.coveredSeconds) / grown) * elapsed;
  }
}
