import { expect, test } from 'vitest';
import { credentialDaysLeft, type CredentialHealth } from '../../shared/core/credential-life.ts';
import { DAY, HOUR, MINUTE, parseIstDate } from '../../shared/core/time.ts';
import { createMemoryTelemetry } from '../../shared/adapters/memory/telemetry.ts';
import { PolledAccount, sourceOf } from '../support/polled-account.ts';

const NOON = (parseIstDate('2026-03-10') ?? 0) + 12 * HOUR;
const UNKNOWN: CredentialHealth = {
  tokenExpiresAt: undefined,
  passwordDaysLeft: undefined,
  breaker: undefined,
};

test.each<[string, Partial<CredentialHealth>, number | undefined]>([
  ['nothing is known', {}, undefined],
  ['a password as the login told', { passwordDaysLeft: 12 }, 12],
  ['a token in whole days', { tokenExpiresAt: NOON + 20 * DAY - MINUTE }, 19],
  ['a token that is over', { tokenExpiresAt: NOON - DAY }, 0],
  ['a password that is over', { passwordDaysLeft: -3 }, 0],
  ['a token that was refused', { tokenExpiresAt: NOON + 20 * DAY, breaker: 'token-rejected' }, 0],
  ['a login that was rejected', { passwordDaysLeft: 12, breaker: 'login-rejected' }, 0],
  ['a login that is locked for a while', { passwordDaysLeft: 12, breaker: 'login-locked' }, 12],
])('%s', (_, health, days) => {
  expect(credentialDaysLeft({ ...UNKNOWN, ...health }, NOON)).toBe(days);
});

const told = async (health: Partial<CredentialHealth>) => {
  const polled = new PolledAccount({ seed: 1, startedAt: NOON, historyFrom: NOON - HOUR });
  const telemetry = createMemoryTelemetry();
  const ports = {
    ...polled.ports,
    telemetry,
    openSource: (...[, pacer]: Parameters<typeof polled.ports.openSource>) => ({
      ...sourceOf(polled.fake, polled.clock, pacer),
      health: () => ({ ...UNKNOWN, ...health }),
    }),
  };
  await polled.tick(NOON, undefined, ports);
  return telemetry.metrics.filter(({ metric }) => metric === 'CredentialDaysLeft');
};

test('a poller tells once an invocation how long the credential of an account lives, where that is known', async () => {
  expect(await told({ passwordDaysLeft: 9 })).toEqual([
    { metric: 'CredentialDaysLeft', value: 9, account: 'main' },
  ]);
  expect(await told({})).toEqual([]);
});
