import { type Ms, SECOND } from '../shared/core/time.ts';
import { count } from './figures.ts';
import type { Terminal } from './terminal.ts';

const REDRAW: Ms = SECOND / 5;
const PLAIN_EVERY: Ms = 10 * SECOND;
const PLAIN_STEP = 10;

/** How far a long command is: one redrawn line on a terminal, elsewhere a line each 10 % or 10 s. */
export class ProgressLine {
  readonly #terminal: Terminal;
  readonly #verb: string;
  readonly #total: number;
  readonly #unit: (value: number) => string;
  #at: Ms = Number.NEGATIVE_INFINITY;
  #saidPercent = 0;

  /** @param verb like `replaying` @param total of whatever is counted, above 0 @param unit how it is written */
  constructor(terminal: Terminal, verb: string, total: number, unit: (value: number) => string = count) {
    this.#terminal = terminal;
    this.#verb = verb;
    this.#total = total;
    this.#unit = unit;
  }

  show(done: number): void {
    const now = performance.now();
    const percent = Math.floor((done / this.#total) * 100);
    const text = `${this.#verb} ${this.#unit(done)} of ${this.#unit(this.#total)}, ${percent} percent`;
    if (this.#terminal.people.redraw) {
      if (now - this.#at < REDRAW) return;
      this.#terminal.stand(text);
    } else {
      if (percent < this.#saidPercent + PLAIN_STEP && now - this.#at < PLAIN_EVERY) return;
      this.#saidPercent = percent - (percent % PLAIN_STEP);
      this.#terminal.say(text);
    }
    this.#at = now;
  }

  close(): void {
    this.#terminal.stand('');
  }
}
