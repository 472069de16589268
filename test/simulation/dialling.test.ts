import { expect, test } from 'vitest';
import { HOUR, istStamp, MINUTE, parseIstStamp, SECOND } from '../../shared/core/time.ts';
import { writeThinly } from '../../local/fake-smartflo/thin.ts';
import { PolledAccount } from '../support/polled-account.ts';

const SEED = 9;
const NOON = parseIstStamp('2026-03-10 12:00:00') ?? 0;
const CPS = 3;
/** The tenant dials at two a second. */
const DIALLING = SECOND / 2;
const MINUTES = 30;

/** The most of these instants, which are in order, that lie within one second, wherever it begins. */
const mostInASecond = (instants: readonly number[]): number => {
  let most = 0;
  let first = 0;
  for (const [place, at] of instants.entries()) {
    while ((instants[first] ?? at) <= at - SECOND) first += 1;
    most = Math.max(most, place - first + 1);
  }
  return most;
};

// Lanes side by side share one pacer: test/property/pacing.test.ts.
test.each([0, 300, 2_500])(
  `of 3 calls a second, 2 of them dialled by the tenant, polling takes its one and no more, answers taking %i ms (seed ${SEED})`,
  async (latency) => {
    let nextDial = NOON;
    const polled: PolledAccount = new PolledAccount(
      {
        seed: SEED,
        startedAt: NOON,
        historyFrom: NOON - 24 * HOUR,
        knobs: {
          calls: { callsPerMinute: 30 },
          rate: { cps: CPS, retryAfter: 1 },
          // What fails is asked again, and that counts as well.
          faults: { share: 0.1, kinds: ['server-error', 'truncated', 'reset', 'html'], latency },
        },
      },
      { cps: CPS, pageLimit: 5, fetchFrom: istStamp(NOON - 24 * HOUR) },
      () => dial(),
    );
    const { fake, clock } = polled;
    writeThinly(fake);
    const dialled: number[] = [];
    /** Lets the tenant dial up to the clock's present; its calls count as any request does. */
    const dial = () => {
      const now = clock.at;
      for (; nextDial <= now; nextDial += DIALLING) {
        clock.at = nextDial;
        dialled.push(fake.answer({ method: 'POST', path: '/v1/click_to_call', headers: {} }).status);
      }
      clock.at = now;
    };
    for (let minute = 0; minute < MINUTES; minute += 1) {
      const at = NOON + minute * MINUTE;
      await polled.tick(at);
      // The same tick again does nothing, and so costs nothing.
      if (minute % 7 === 0) expect((await polled.tick(at)).requests).toBe(0);
    }
    const polls = fake.requests.filter(({ path }) => path === '/v1/call/records').map(({ at }) => at);
    expect(mostInASecond(polls)).toBe(1);
    // Nor where every other arrives 4 ms late, and the next as much too early.
    expect(mostInASecond(polls.map((at, place) => at + (place % 2 === 0 ? 4 : -4)))).toBe(1);
    // It does take its share: there is a day to catch up with.
    expect(polls.length).toBeGreaterThan((latency > SECOND ? 15 : 40) * MINUTES);
    expect(dialled.length).toBeGreaterThan(100 * MINUTES);
    expect(dialled.filter((status) => status === 429)).toEqual([]);
    expect(fake.maxPerSecond).toBeLessThanOrEqual(CPS);
  },
);
