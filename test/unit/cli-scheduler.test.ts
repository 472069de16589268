import { describe, expect, it } from 'vitest';
import { catchUp, follow } from '../../local/scheduler.ts';
import type { TickReport } from '../../shared/contract/tick.ts';

const report = (more: Partial<TickReport>): TickReport => ({
  account: 'main',
  outcome: 'done',
  requests: 1,
  records: 1,
  sent: 1,
  owed: {},
  exceptions: 0,
  ...more,
});

/** A scheduler on a clock that only sleeping moves. Every tick takes the next report, the last one for ever. */
const harness = (reports: TickReport[], stopAfter = Number.POSITIVE_INFINITY) => {
  let time = 0;
  const ticks: number[] = [];
  const stop = new AbortController();
  const ports = {
    tick: async (at: number) => {
      ticks.push(at);
      if (ticks.length >= stopAfter) stop.abort();
      return [reports[Math.min(ticks.length, reports.length) - 1] ?? report({})];
    },
    hear: () => {},
    clock: {
      monotonic: () => time,
      real: () => time,
      sleep: async (duration: number) => {
        time += duration;
      },
    },
    stop: stop.signal,
  };
  return { ports, ticks };
};

describe('catching up', () => {
  it('ticks at once until nothing but fresh calls is owed', async () => {
    const { ports, ticks } = harness([
      report({ owed: { live: 2, backfill: 900 } }),
      report({ owed: { gap: 1 } }),
      report({ owed: { live: 2, 'just-ended': 60 } }),
    ]);
    expect(await catchUp(ports, false)).toEqual({ kind: 'caught-up' });
    expect(ticks).toEqual([0, 0, 0]);
  });

  it.each(['auth', 'source-ignores-window'] as const)(
    'ends at once on %s: one tick, one login',
    async (outcome) => {
      const { ports, ticks } = harness([report({ outcome, records: 0, reason: 'login-rejected' })]);
      expect(await catchUp(ports, false)).toMatchObject({
        kind: 'refused',
        report: { reason: 'login-rejected' },
      });
      expect(ticks).toHaveLength(1);
    },
  );

  it('ends at once on a locked login, but goes on where somebody watches', async () => {
    const locked = report({ outcome: 'rate-limited', reason: 'login-locked', records: 0 });
    const once = harness([locked]);
    expect(await catchUp(once.ports, false)).toEqual({ kind: 'refused', report: locked });
    expect(once.ticks).toHaveLength(1);
    const watched = harness([locked, report({})]);
    expect(await catchUp(watched.ports, true)).toEqual({ kind: 'caught-up' });
  });

  it('waits longer and longer for a source that is down, and gives up after minutes', async () => {
    const { ports, ticks } = harness([report({ outcome: 'source-down', records: 0 })]);
    expect(await catchUp(ports, false)).toMatchObject({
      kind: 'refused',
      report: { outcome: 'source-down' },
    });
    expect(ticks.map((at) => Math.round(at / 1000))).toEqual([0, 1, 3, 7, 15, 30, 60, 90]);
  });

  it('never gives up where somebody watches', async () => {
    const { ports, ticks } = harness([report({ outcome: 'source-down', records: 0 })], 20);
    expect(await catchUp(ports, true)).toEqual({ kind: 'stopped' });
    expect(ticks).toHaveLength(20);
  });

  it('begins counting anew when something was fetched', async () => {
    const down = report({ outcome: 'source-down', records: 0 });
    const { ports, ticks } = harness([
      ...Array(7).fill(down),
      report({ owed: { gap: 1 } }),
      ...Array(7).fill(down),
      report({}),
    ]);
    expect(await catchUp(ports, false)).toEqual({ kind: 'caught-up' });
    expect(ticks).toHaveLength(16);
  });

  it('does not spin on ticks that ask nothing', async () => {
    const { ports, ticks } = harness([report({ owed: { gap: 1 }, requests: 0, records: 0 })]);
    expect(await catchUp(ports, false)).toMatchObject({ kind: 'refused' });
    expect(ticks).toHaveLength(8);
  });

  it('stops when told to', async () => {
    const { ports, ticks } = harness([report({ owed: { gap: 1 } })], 3);
    expect(await catchUp(ports, false)).toEqual({ kind: 'stopped' });
    expect(ticks).toHaveLength(3);
  });
});

describe('following', () => {
  it('ticks at its interval, whatever passes, until told to stop', async () => {
    const { ports, ticks } = harness([report({}), report({ outcome: 'source-down' }), report({})], 4);
    expect(await follow(ports, 10_000)).toEqual({ kind: 'stopped' });
    expect(ticks).toEqual([10_000, 20_000, 30_000, 40_000]);
  });

  it('ends when the credential is refused', async () => {
    const { ports } = harness([report({ outcome: 'auth', reason: 'token-expired' })]);
    expect(await follow(ports, 10_000)).toMatchObject({ kind: 'refused' });
  });
});
