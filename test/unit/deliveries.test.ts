import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { policyOf } from '../../shared/contract/account.ts';
import type { CdrQuery } from '../../shared/contract/cdr-query.ts';
import type { Look } from '../../shared/core/policy.ts';
import { HOUR, istStamp, MINUTE, parseIstStamp, SECOND } from '../../shared/core/time.ts';
import { overlaps } from '../../shared/core/window.ts';
import type { Queue } from '../../shared/ports/queue.ts';
import type { Source } from '../../shared/ports/source.ts';
import type { PollPorts } from '../../functions/poller/poll.ts';
import { PolledAccount, sourceOf } from '../support/polled-account.ts';

const NOON = parseIstStamp('2026-03-10 12:00:00') ?? 0;
const BACKFILL: readonly Look[] = ['backfill'];

interface Place {
  readonly concurrency?: number;
  /** Answers take a turn of the event loop each, so that others are asked meanwhile. */
  readonly slow?: boolean;
  readonly callsPerMinute?: number;
  readonly planted?: readonly { readonly startAt: number; readonly life: number }[];
}

/** An account whose requests are told, and the queue's answers can wait. */
const account = ({ concurrency = 1, slow = false, callsPerMinute = 20, planted = [] }: Place = {}) => {
  const polled = new PolledAccount(
    { seed: 3, startedAt: NOON, historyFrom: NOON - 2 * HOUR, knobs: { calls: { callsPerMinute, planted } } },
    { cps: 100, share: 1, pageLimit: 20, concurrency, fetchFrom: istStamp(NOON - 2 * HOUR) },
  );
  const asked: CdrQuery[] = [];
  const inFlight = new Set<CdrQuery>();
  let clashes = 0;
  const spanOf = ({ from_date, to_date }: CdrQuery) => ({
    from: parseIstStamp(from_date ?? '') ?? 0,
    to: parseIstStamp(to_date ?? '') ?? 0,
  });
  const openSource: typeof polled.ports.openSource = (_account, pacer): Source => {
    const source = sourceOf(polled.fake, polled.clock, pacer);
    return {
      ...source,
      async page(query, timeLimit) {
        asked.push(query);
        if ([...inFlight].some((other) => overlaps(spanOf(other), spanOf(query)))) clashes += 1;
        inFlight.add(query);
        try {
          if (slow) await setImmediate();
          return await source.page(query, timeLimit);
        } finally {
          inFlight.delete(query);
        }
      },
    };
  };
  const tick = (send: Queue['send'], only?: readonly Look[], at = NOON, more: Partial<PollPorts> = {}) =>
    polled.tick(at, only, { ...polled.ports, openSource, queue: { send }, ...more });
  const covered = async () => {
    const { coverage = [] } = (await polled.ledger.load('main'))?.value ?? {};
    return coverage.reduce((sum, { from, to }) => sum + to - from, 0);
  };
  return { polled, asked, tick, covered, clashes: () => clashes };
};

/** Pages by window, in the order in which they were asked for. */
const pagesOf = (asked: readonly CdrQuery[]): number[][] =>
  [...Map.groupBy(asked, ({ to_date }) => to_date).values()].map((pages) =>
    pages.map(({ page }) => page ?? 0),
  );

/** Long enough for whatever promises alone can do. */
const meanwhile = async () => {
  for (let turn = 0; turn < 50; turn += 1) await setImmediate();
};

describe('while the queue takes a window', () => {
  test('the first page of the next is asked for and no other: no two are held whole', async () => {
    const { polled, asked, tick, covered } = account();
    const gate = Promise.withResolvers<void>();
    let sends = 0;
    const ticking = tick(async (bodies) => {
      sends += 1;
      // The first is the page by which the window proved too large.
      if (sends > 1) await gate.promise;
      return polled.queue.send(bodies);
    }, BACKFILL);
    await meanwhile();
    const windows = pagesOf(asked);
    expect(windows.at(-2)?.length).toBeGreaterThan(10);
    expect(windows.at(-1)).toEqual([1]);
    expect(await covered()).toBe(0);

    gate.resolve();
    expect((await ticking).outcome).toBe('done');
    expect(await covered()).toBe(2 * HOUR - policyOf(polled.account).settle);
  });

  test('nothing more is asked for where it then refuses, and what was read of the next is owed again', async () => {
    const { asked, tick, covered, polled } = account();
    let sends = 0;
    const report = await tick(async (bodies) => {
      sends += 1;
      if (sends === 1) return polled.queue.send(bodies);
      await meanwhile();
      return bodies.map(() => ({ sent: false, code: 'made-up' }));
    }, BACKFILL);
    expect(report).toMatchObject({ outcome: 'failed', reason: 'queue-refused-made-up' });
    expect(pagesOf(asked).at(-1)).toEqual([1]);
    expect(sends).toBe(2);
    expect(await covered()).toBe(0);
  });

  test('a store that fails ends the tick, and what was delivered before is still written down', async () => {
    const { asked, tick, covered, polled } = account();
    let reads = 0;
    const objects: typeof polled.objects = {
      ...polled.objects,
      async read(key) {
        await meanwhile();
        reads += 1;
        if (reads > 1) throw new Error('made up');
        return polled.objects.read(key);
      },
    };
    const report = await tick(polled.queue.send, BACKFILL, NOON, { objects });
    expect(report.outcome).toBe('failed');
    expect(pagesOf(asked).at(-1)).toEqual([1]);
    expect(await covered()).toBeGreaterThan(0);
    expect(await covered()).toBeLessThanOrEqual(HOUR);
  });

  test('a count waits for what was delivered before it, or it would miss it and have its block read', async () => {
    // It ends just before the quarter in which it began is counted, and so is found just ended.
    const planted = [{ startAt: NOON - 20 * MINUTE, life: 24 * MINUTE + 20 * SECOND }];
    const { polled, asked, tick } = account({ callsPerMinute: 0.001, planted });
    const send: Queue['send'] = async (bodies) => {
      await meanwhile();
      return polled.queue.send(bodies);
    };
    for (const minute of [3, 4, 5]) await tick(send, undefined, NOON + minute * MINUTE);
    const last = asked.slice(asked.findLastIndex(({ limit }) => limit === 1));
    expect(polled.queue.bodies.length).toBe(1);
    expect(last.map(({ from_date, to_date }) => [from_date, to_date])).toEqual([
      [istStamp(NOON - 30 * MINUTE - SECOND), istStamp(NOON - 15 * MINUTE)],
    ]);
  });

  test('no two windows that overlap are in flight together', async () => {
    const { polled, tick, asked, clashes } = account({ concurrency: 3, slow: true });
    for (let at = NOON; at < NOON + 5 * MINUTE; at += MINUTE) {
      await tick(
        async (bodies) => {
          await meanwhile();
          return polled.queue.send(bodies);
        },
        undefined,
        at,
      );
    }
    expect(asked.length).toBeGreaterThan(100);
    expect(clashes()).toBe(0);
  });
});
