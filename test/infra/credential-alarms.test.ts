import { expect, test } from 'vitest';
import { DAY, type EpochMs, HOUR, MINUTE } from '../../shared/core/time.ts';
import { SourceError } from '../../shared/ports/source.ts';
import { AlarmWatch } from '../support/alarm-watch.ts';
import { bare, calm, NOON, pagesIn, raisedIn, watching } from '../support/deployed-alarms.ts';
import { emitted } from '../support/emitted-metrics.ts';
import { sourceOf } from '../support/polled-account.ts';
import { stacksOf } from '../support/stacks.ts';
import { WatchedPoller } from '../support/watched-poller.ts';

/** One tick of a source that tells so many days, or none. */
const tellDays = async (watch: AlarmWatch, passwordDaysLeft: number, at: EpochMs) => {
  const poller = new WatchedPoller(watch, calm);
  const { fake, clock } = poller.polled;
  await poller.tick(at, (...[, pacer]) => ({
    ...sourceOf(fake, clock, pacer),
    health: () => ({ tokenExpiresAt: undefined, breaker: undefined, passwordDaysLeft }),
  }));
};

test.each([
  [15, []],
  [14, ['mainCredentialEnds']],
  [7, ['mainCredentialEnds']],
  [2, ['mainCredentialEnds']],
  [0, ['mainCredentialRefused']],
])('a credential that lives %i days more', async (daysLeft, raised) => {
  const watch = watching();
  await tellDays(watch, daysLeft, NOON + MINUTE);
  watch.watch(NOON + HOUR, NOON + HOUR);
  expect(raisedIn(watch).filter((id) => id.includes('Credential'))).toEqual(raised);
  expect(pagesIn(watch).filter((id) => id.includes('Credential'))).toEqual(raised);
});

test('a credential that ends is told at 14, 7 and 2 days, and when it is over', async () => {
  const watch = watching();
  const told: number[] = [];
  for (let daysLeft = 16; daysLeft >= 0; daysLeft -= 1) {
    const at = NOON + (16 - daysLeft) * DAY;
    const points = await emitted('poller', at + MINUTE, (telemetry) =>
      telemetry.count('CredentialDaysLeft', daysLeft, 'main'),
    );
    watch.metrics.add(points);
    const before = watch.pages.length;
    watch.watch(at + HOUR, at + HOUR);
    if (watch.pages.slice(before).some(({ alarm }) => bare(alarm).includes('Credential')))
      told.push(daysLeft);
  }
  expect(told).toEqual([14, 7, 2, 0]);
});

test.each([
  ['login-rejected', ['mainCredentialRefused']],
  ['login-locked', ['SourceRefuses']],
] as const)('a breaker that opens, %s, is told once, by itself alone', async (breaker, told) => {
  const watch = watching();
  const poller = new WatchedPoller(watch, calm);
  await poller.run(NOON + MINUTE, NOON + 10 * MINUTE);
  for (let at = NOON + 10 * MINUTE; at < NOON + 75 * MINUTE; at += MINUTE)
    await poller.tick(at, () => ({
      page: () => Promise.reject(new SourceError('auth', breaker, 'no login is tried')),
      health: () => ({ tokenExpiresAt: undefined, passwordDaysLeft: 40, breaker }),
    }));
  watch.watch(NOON + 8 * MINUTE, NOON + 75 * MINUTE);
  expect(raisedIn(watch)).toContain('mainLag');
  expect(pagesIn(watch)).toEqual(told);
});

test('of twenty accounts one whose credential was refused hides nothing of the others', async () => {
  const accounts = Array.from({ length: 20 }, (_, index) => ({ name: `account-${index}` }));
  const causeOf = async (barred: number) => {
    const watch = new AlarmWatch(stacksOf({ accounts }));
    for (let minute = 0; minute < 20; minute += 1)
      for (let account = 0; account < barred; account += 1)
        watch.metrics.add(
          await emitted('poller', NOON + minute * MINUTE, (telemetry) => telemetry.count('TicksHindered', 1)),
        );
    watch.watch(NOON + 10 * MINUTE, NOON + 15 * MINUTE);
    return raisedIn(watch).includes('CauseKnown');
  };
  expect([await causeOf(1), await causeOf(20)]).toEqual([false, true]);
});
