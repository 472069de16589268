import type { EpochMs, Ms } from '../../shared/core/time.ts';
import type { Clock } from '../../shared/ports/clock.ts';

/** Time that only passes when somebody waits for it. */
export class VirtualClock implements Clock {
  at: EpochMs;

  constructor(at: EpochMs) {
    this.at = at;
  }

  monotonic(): Ms {
    return this.at;
  }

  real(): EpochMs {
    return this.at;
  }

  async sleep(duration: Ms): Promise<void> {
    this.at += Math.max(0, duration);
  }

  async nextTurn(): Promise<void> {}
}
