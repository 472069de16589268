import { REACH_OF_AN_ANSWER } from '../../shared/core/neighbour.ts';
import { overlaps, type Window, widen } from '../../shared/core/window.ts';

/** Of the windows that answer, so many others may fail in the same tick for a failure to be its window's own. */
const OTHERS_FAILING = 0.25;

/** How the source answers in one tick, so that a failure can be told to be its window's or the source's. */
export class TickHealth {
  failuresInARow = 0;
  #answered = 0;
  readonly #failed: Window[] = [];

  noteAnswer(): void {
    this.failuresInARow = 0;
    this.#answered += 1;
  }

  noteFailure(window: Window): void {
    this.failuresInARow += 1;
    this.#failed.push(window);
  }

  /**
   * Whether what is asked elsewhere is answered, before this window's failure is noted. What fails in the same place
   * says nothing against it; a source that fails here and there would else have its windows halved to seconds.
   */
  answersBeside(window: Window): boolean {
    const place = widen(window, REACH_OF_AN_ANSWER);
    const others = this.#failed.filter((other) => !overlaps(other, place)).length;
    return this.failuresInARow === 0 && others <= this.#answered * OTHERS_FAILING;
  }
}
