import { expect, test } from 'vitest';
import { writeThinly } from '../../local/fake-smartflo/thin.ts';
import { gapsIn } from '../../shared/core/coverage.ts';
import { type EpochMs, HOUR, istStamp, MINUTE, parseIstStamp, SECOND } from '../../shared/core/time.ts';
import { length } from '../../shared/core/window.ts';
import type { CdrQuery } from '../../shared/contract/cdr-query.ts';
import type { TickReport } from '../../shared/contract/tick.ts';
import { type Pacer, type Source, SourceError, type SourceFailure } from '../../shared/ports/source.ts';
import { PolledAccount, sourceOf } from '../support/polled-account.ts';
import { AGREED, disagreement } from '../support/world-check.ts';

const BEGIN = parseIstStamp('2026-03-10 09:00:00') ?? 0;
/** The account's calls from here on are wanted. */
const FROM = BEGIN - 6 * HOUR;

/** An account whose source fails where it is told to. `fails` is asked once for each request. */
class FailingAccount extends PolledAccount {
  readonly #fails: (query: CdrQuery) => SourceFailure | undefined;

  constructor(fails: (query: CdrQuery) => SourceFailure | undefined) {
    super(
      { seed: 3, startedAt: BEGIN, historyFrom: FROM, knobs: { calls: { callsPerMinute: 5 } } },
      { fetchFrom: istStamp(FROM) },
    );
    writeThinly(this.fake);
    this.#fails = fails;
  }

  override tick(at?: EpochMs): Promise<TickReport> {
    return super.tick(at, undefined, {
      ...this.ports,
      openSource: (_account, pacer) => this.#open(pacer),
    });
  }

  #open(pacer: Pacer): Source {
    const source = sourceOf(this.fake, this.clock, pacer);
    return {
      ...source,
      page: async (query, timeLimit) => {
        const failure = this.#fails(query);
        if (failure === undefined) return source.page(query, timeLimit);
        await pacer.turn();
        throw new SourceError(failure, 'made-up', 'made up');
      },
    };
  }

  /** Where calls should be here by now and are not. */
  async gaps() {
    const { coverage } = (await this.ledger.load('main'))?.value ?? { coverage: [] };
    return gapsIn(coverage, { from: FROM, to: this.clock.at - 4 * MINUTE });
  }

  get exceptions(): number {
    return this.telemetry.counts.get('Exceptions') ?? 0;
  }
}

/** Whether calls of that second are asked for. */
const asksFor = ({ from_date, to_date }: CdrQuery, at: number): boolean =>
  (parseIstStamp(from_date) ?? 0) <= at && at <= (parseIstStamp(to_date) ?? 0);

test.each([
  ['transient', 'of six hours ago', -5.2 * HOUR],
  ['contract', 'of six hours ago', -5.2 * HOUR],
  ['transient', 'that has just gone by', 30 * MINUTE],
  ['contract', 'that has just gone by', 30 * MINUTE],
  // Where two just-ended windows meet at a tick, both fail.
  ['transient', 'between two', 30 * MINUTE + 21 * SECOND],
] as const)(
  'a second that is never answered (%s), %s, ends no tick and is given up in the end',
  async (failure, _, offset) => {
    const at = BEGIN + offset;
    const polled = new FailingAccount((query) => (asksFor(query, at) ? failure : undefined));
    await polled.run(Math.max(BEGIN, at));
    const patience = polled.clock.at + 30 * MINUTE;
    await polled.run(patience);
    // A window of hours is halved eight times first, and meanwhile everything else is read.
    expect(polled.exceptions).toBe(0);
    expect((await polled.gaps()).reduce((sum, gap) => sum + length(gap), 0)).toBeLessThanOrEqual(3 * SECOND);
    await polled.run(patience + 30 * MINUTE);
    expect(polled.exceptions).toBe(3);
    expect(await polled.gaps()).toEqual([]);
    // Later looks meet it again: counts and reads of its blocks.
    await polled.run(at + 4 * HOUR);
    expect(new Set(polled.reports.map(({ outcome }) => outcome))).toEqual(new Set(['done']));
  },
);

test('a second that is not answered for 25 minutes is no exception', async () => {
  const at = BEGIN - 2 * HOUR;
  let found: number | undefined;
  const polled = new FailingAccount((query) => {
    const { from_date, to_date } = query;
    if (!asksFor(query, at)) return undefined;
    if ((parseIstStamp(to_date) ?? 0) - (parseIstStamp(from_date) ?? 0) === 2 * SECOND)
      found ??= polled.clock.at;
    return found !== undefined && polled.clock.at > found + 25 * MINUTE ? undefined : 'transient';
  });
  await polled.run(BEGIN + 90 * MINUTE);
  expect(found).toBeLessThan(BEGIN + 40 * MINUTE);
  expect(polled.exceptions).toBe(0);
  expect(await polled.gaps()).toEqual([]);
  expect(disagreement(polled, { from: FROM, to: BEGIN + HOUR })).toEqual(AGREED);
});

test('a source that can’t answer for old calls for four hours ends no tick; seconds are given up at the border alone', async () => {
  const border = BEGIN - 3 * HOUR;
  const polled = new FailingAccount(({ from_date }) =>
    polled.clock.at < BEGIN + 4 * HOUR && (parseIstStamp(from_date) ?? 0) < border ? 'transient' : undefined,
  );
  await polled.run(BEGIN + 4 * HOUR);
  expect(new Set(polled.reports.map(({ outcome }) => outcome))).toEqual(new Set(['done']));
  // Its neighbour on one side answers for each of them. Were all windows beyond blamed, it would be 72.
  expect(polled.exceptions).toBeLessThanOrEqual(30);
  await polled.run(BEGIN + 4 * HOUR + 20 * MINUTE);
  expect(await polled.gaps()).toEqual([]);
});

test('a source that fails for the rest of a minute once it is asked for old calls has no second that can’t be read', async () => {
  let failsUntil = 0;
  const polled = new FailingAccount(({ from_date }) => {
    const now = polled.clock.at;
    if (now >= BEGIN + 4 * HOUR) return undefined;
    if ((parseIstStamp(from_date) ?? 0) < BEGIN - 3 * HOUR)
      failsUntil = Math.ceil((now + 1) / MINUTE) * MINUTE;
    return now < failsUntil ? 'transient' : undefined;
  });
  await polled.run(BEGIN + 4 * HOUR);
  expect(polled.exceptions).toBe(0);
  await polled.run(BEGIN + 4 * HOUR + 20 * MINUTE);
  expect(await polled.gaps()).toEqual([]);
  expect(disagreement(polled, { from: FROM, to: BEGIN + 4 * HOUR })).toEqual(AGREED);
});
