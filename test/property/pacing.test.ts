import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPacer } from '../../functions/poller/pacing.ts';
import type { Clock } from '../../shared/ports/clock.ts';

/** Time in which several may sleep: `run` wakes them in order. */
class SharedClock implements Omit<Clock, 'nextTurn'> {
  now = 1_000_000;
  readonly #sleepers: { at: number; wake: () => void }[] = [];

  monotonic(): number {
    return this.now;
  }

  real(): number {
    return this.now;
  }

  sleep(duration: number): Promise<void> {
    return new Promise((wake) => this.#sleepers.push({ at: this.now + duration, wake }));
  }

  async run<T>(work: Promise<T>): Promise<T> {
    let over = false;
    const end = work.finally(() => {
      over = true;
    });
    for (;;) {
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      if (over) return end;
      this.#sleepers.sort((a, b) => a.at - b.at);
      const next = this.#sleepers.shift();
      if (!next) return end;
      this.now = Math.max(this.now, next.at);
      next.wake();
    }
  }
}

const invocationArb = fc.record({
  /** From the end of the one before. */
  pause: fc.nat(400),
  lanes: fc.array(fc.array(fc.nat(250), { maxLength: 5 }), { minLength: 1, maxLength: 4 }),
});

test('never two requests within one spacing, over lanes and invocations, and none waits without need', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 120 }),
      fc.array(invocationArb, { maxLength: 4 }),
      async (spacing, invocations) => {
        const clock = new SharedClock();
        const sent: number[] = [];
        let nextAt = 0;
        let waitedInVain = false;
        for (const { pause, lanes } of invocations) {
          clock.now += pause;
          const pacer = createPacer(spacing, nextAt, clock);
          await clock.run(
            Promise.all(
              lanes.map(async (latencies) => {
                for (const latency of latencies) {
                  const asked = clock.now;
                  await pacer.turn();
                  const last = Math.max(...sent, Number.NEGATIVE_INFINITY);
                  if (lanes.length === 1 && clock.now > Math.max(asked, last + spacing)) waitedInVain = true;
                  sent.push(clock.now);
                  await clock.sleep(latency);
                }
              }),
            ),
          );
          nextAt = pacer.nextAt;
        }
        return (
          !waitedInVain && sent.every((at, index) => index === 0 || at - (sent[index - 1] ?? 0) >= spacing)
        );
      },
    ),
    { numRuns: 300 },
  );
});

test('a clock that jumped stops nobody: no more than one spacing is waited for the invocation before', async () => {
  const clock = new SharedClock();
  await clock.run(createPacer(1_000, clock.now + 86_400_000, clock).turn());
  expect(clock.now).toBe(1_001_000);
});

test('the next request is counted from when this one went out, however long its connection took', async () => {
  const clock = new SharedClock();
  const pacer = createPacer(1_000, 0, clock);
  await clock.run(pacer.turn());
  clock.now += 150;
  pacer.left();
  const leftAt = clock.now;
  await clock.run(pacer.turn());
  expect(clock.now).toBe(leftAt + 1_000);
});

test('a timer that wakes late or early puts no two requests within one spacing', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 10, max: 120 }),
      fc.array(fc.integer({ min: -5, max: 60 }), { minLength: 1, maxLength: 8 }),
      async (spacing, errors) => {
        let wakes = 0;
        const clock = new SharedClock();
        const sleep = (duration: number) => {
          const error = errors[wakes % errors.length] ?? 0;
          wakes += 1;
          return clock.sleep(Math.max(1, duration + error));
        };
        const pacer = createPacer(spacing, 0, {
          monotonic: () => clock.monotonic(),
          real: () => clock.real(),
          sleep,
        });
        const sent: number[] = [];
        const lane = async () => {
          for (let request = 0; request < 6; request += 1) {
            await pacer.turn();
            sent.push(clock.now);
          }
        };
        await clock.run(Promise.all([lane(), lane()]));
        return sent.every((at, index) => index === 0 || at - (sent[index - 1] ?? 0) >= spacing);
      },
    ),
    { numRuns: 300 },
  );
});
