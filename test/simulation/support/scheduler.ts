import type { EpochMs, Ms } from '../../../shared/core/time.ts';
import type { Clock } from '../../../shared/ports/clock.ts';
import type { Draws } from './draws.ts';

/** How far time may pass while somebody could go on: what an effect and its way there may take. */
const SLACK: Ms = 2_000;

/** One running instance of a function. It may die at any effect, and then never does anything again. */
export class SimulatedProcess {
  readonly name: string;
  readonly startedAt: EpochMs;
  /** Nobody stops it at its time limit: it stood still for longer than it should have lived. */
  isOverdue = false;
  #alive = true;

  constructor(name: string, startedAt: EpochMs) {
    this.name = name;
    this.startedAt = startedAt;
  }

  get isAlive(): boolean {
    return this.#alive;
  }

  /** It ended, or it was killed: whatever it still waits for never comes. */
  end(): void {
    this.#alive = false;
  }
}

interface Waiting {
  readonly process: SimulatedProcess;
  readonly isReady: (() => boolean) | undefined;
  readonly go: () => void;
}

interface Timer {
  readonly at: EpochMs;
  /** Nothing of a dead process rings. */
  readonly process: SimulatedProcess | undefined;
  readonly ring: () => void;
}

/**
 * Everything that promises alone can do has been done: a tick that is asked for while promises settle comes after
 * the last of them. A turn of the event loop would come after them too, and costs a system call.
 */
const settled = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

/**
 * Lets one process at a time go on, to its next effect: which one, the draws decide. Time is virtual and passes when
 * nobody can go on, or, by the draws, a little while some could.
 *
 * Code that runs under it may wait for nothing but promises, `turn`, `when` and `sleep`.
 */
export class Scheduler {
  now: EpochMs;
  steps = 0;
  readonly #draws: Draws;
  #waiting: Waiting[] = [];
  /** Sorted, the next first. */
  #timers: Timer[] = [];

  constructor(now: EpochMs, draws: Draws) {
    this.now = now;
    this.#draws = draws;
  }

  /** Resolves when this process is chosen to go on. */
  turn(process: SimulatedProcess): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ process, isReady: undefined, go: resolve }));
  }

  /** As `turn`, but not before the condition holds. */
  when(process: SimulatedProcess, isReady: () => boolean): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ process, isReady, go: resolve }));
  }

  sleep(process: SimulatedProcess, duration: Ms): Promise<void> {
    return new Promise((resolve) =>
      this.#add({ at: this.now + Math.max(0, duration), process, ring: resolve }),
    );
  }

  /** Calls at a time; without a call, only makes time stop there. */
  at(at: EpochMs, ring: () => void = () => undefined): void {
    this.#add({ at, process: undefined, ring });
  }

  #add(timer: Timer): void {
    const place = this.#timers.findLastIndex((other) => other.at <= timer.at) + 1;
    this.#timers.splice(place, 0, timer);
  }

  /** Runs until it is over, or until a time; then it is that time. @returns whether it was over. */
  async run(until: EpochMs, isOver: () => boolean = () => false): Promise<boolean> {
    for (;;) {
      await settled();
      if (isOver()) return true;
      this.#waiting = this.#waiting.filter(({ process }) => process.isAlive);
      const ready = this.#waiting.filter(({ isReady }) => isReady?.() ?? true);
      while (this.#timers[0]?.process?.isAlive === false) this.#timers.shift();
      const [timer] = this.#timers;
      const mayPass = timer !== undefined && timer.at <= Math.min(until, this.now + SLACK) ? 1 : 0;
      const chosen = ready[ready.length === 0 ? 0 : this.#draws.below(ready.length + mayPass)];
      if (chosen) {
        this.steps += 1;
        this.#waiting.splice(this.#waiting.indexOf(chosen), 1);
        chosen.go();
      } else if (timer && timer.at <= until) {
        this.#timers.shift();
        this.now = Math.max(this.now, timer.at);
        timer.ring();
      } else {
        this.now = Math.max(this.now, until);
        return false;
      }
    }
  }

  /** The clock as one process sees it. `skew`: how far its wall clock is off. */
  clockOf(process: SimulatedProcess, skew: Ms = 0): Clock {
    return {
      monotonic: () => this.now,
      real: () => this.now + skew,
      sleep: (duration) => this.sleep(process, duration),
      nextTurn: () => Promise.resolve(),
    };
  }
}
