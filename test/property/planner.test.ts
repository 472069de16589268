import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Account, policyOf } from '../../shared/contract/account.ts';
import { type AccountState, initialState } from '../../shared/core/account-state.ts';
import { type Coverage, coverProbe, coverRead, gapsIn } from '../../shared/core/coverage.ts';
import {
  type DensityHint,
  fetchFrom,
  horizon,
  liveWindow,
  nextWindow,
  type OwedWindow,
  owedByLook,
  type Situation,
  standingPlan,
  suspectsOf,
} from '../../shared/core/planner.ts';
import { type Look, type Policy } from '../../shared/core/policy.ts';
import { durationPrior } from '../../shared/core/durations.ts';
import { planRequests } from '../../shared/core/request-plan.ts';
import { DAY, type EpochMs, HOUR, MINUTE, SECOND } from '../../shared/core/time.ts';
import { noteTrouble, settleTroubles } from '../../shared/core/troubles.ts';
import { length, overlaps, type Window } from '../../shared/core/window.ts';

const START = Date.parse('2026-03-10T06:00:00+05:30');
const PAGE = 10;

interface World {
  /** Records a minute of call time, one figure for each quarter of an hour in turn. */
  readonly densities: readonly number[];
  readonly total: number;
  readonly lanes: number;
  /** Order in which requests in flight come back. */
  readonly turns: readonly number[];
  /** A minute of call time whose reads never settle at more than a second. */
  readonly troubled: number | undefined;
}

const policy: Policy = policyOf(
  Account.parse({
    name: 'main',
    secretId: 'secret',
    pageLimit: PAGE,
    longestCallMinutes: 30,
    probes: [
      { ageMinutes: 20, blockMinutes: 15 },
      { ageMinutes: 60, blockMinutes: 60 },
    ],
    edits: [
      { ageMinutes: 60, blockMinutes: 15 },
      { ageMinutes: 120, blockMinutes: 60 },
    ],
    fetchFrom: '2026-03-10 03:10:00',
  }),
);

/** Executes what the planner says, against densities instead of a source, and notes every broken rule. */
class Executor {
  state: AccountState = initialState(START);
  readonly broken: string[] = [];
  steps = 0;
  spent: Partial<Record<Look, number>> = {};
  readonly #world: World;
  #turn = 0;

  constructor(world: World) {
    this.#world = world;
  }

  #records({ from, to }: Window): number {
    const { densities } = this.#world;
    let records = 0;
    for (let at = from; at < to; ) {
      const next = Math.min(to, (Math.floor(at / (15 * MINUTE)) + 1) * 15 * MINUTE);
      const density = densities[Math.floor(at / (15 * MINUTE)) % densities.length] ?? 0;
      records += (density * (next - at)) / MINUTE;
      at = next;
    }
    return Math.floor(records);
  }

  #isTroubled({ from, to }: Window): boolean {
    const { troubled } = this.#world;
    if (troubled === undefined || to - from <= SECOND) return false;
    const at = START - 2 * HOUR + troubled * MINUTE;
    return from <= at && at < to;
  }

  /** One tick. @returns the situation in which nothing more was to be asked for. */
  tick(now: EpochMs): Situation {
    this.state = { ...this.state, lastTickAt: now };
    const standing = standingPlan(this.state, policy, now);
    const done = new Set<string>();
    const flights: { owed: OwedWindow; costs: number }[] = [];
    const hints: DensityHint[] = [];
    let left = this.#world.total;
    this.spent = {};
    const situation = (): Situation => ({
      standing,
      state: this.state,
      policy,
      now,
      only: undefined,
      done,
      suspects: [],
      hints,
      busy: flights.map(({ owed }) => owed.window),
      skipped: [],
      budget: {
        total: this.#world.total,
        left: left - flights.reduce((sum, { costs }) => sum + costs, 0),
        spent: this.spent,
      },
    });
    for (;;) {
      while (flights.length < this.#world.lanes) {
        const before = situation();
        const owed = nextWindow(before);
        if (!owed) break;
        this.#check(owed, before);
        if (owed.once) done.add(owed.once);
        flights.push({ owed, costs: owed.requests });
      }
      const turns = this.#world.turns;
      const [flight] = flights.splice(
        (turns[this.#turn++ % turns.length] ?? 0) % Math.max(1, flights.length),
        1,
      );
      if (!flight) return situation();
      const { owed } = flight;
      const taken = this.#answer(owed, now, (hint) => {
        hints.push(hint);
        if (owed.once) done.delete(owed.once);
      });
      left -= taken;
      this.spent[owed.look] = (this.spent[owed.look] ?? 0) + taken;
      this.steps += 1;
      if (this.steps > 20_000) {
        this.broken.push('no end');
        return situation();
      }
    }
  }

  #check({ look, window, requests, most, ask }: OwedWindow, { budget, busy, now, hints }: Situation): void {
    const { broken } = this;
    const uncovered = gapsIn(this.state.coverage, window).reduce((sum, gap) => sum + length(gap), 0);
    if ((look === 'gap' || look === 'backfill') && uncovered < length(window)) broken.push('covered already');
    if ((look === 'edit' || look === 'probe') && uncovered > 0) broken.push('a later look before the first');
    if (requests > budget.left && length(window) > SECOND) broken.push('more than the budget');
    if (most > Math.max(1, budget.left)) broken.push('may take more than the budget');
    if (requests < 1 || most < 1) broken.push('no request');
    if (busy.some((other) => overlaps(other, window))) broken.push('overlaps in flight');
    if (window.from >= window.to || window.from % SECOND !== 0 || window.to % SECOND !== 0)
      broken.push('bad window');
    if (window.to > horizon(now, policy)) broken.push('beyond the horizon');
    if (ask === 'read') {
      const trouble = this.state.troubles.find((other) => overlaps(other, window));
      if (trouble && length(window) > trouble.span) broken.push('longer than a trouble allows');
      const hint = hints.findLast((other) => overlaps(other, window));
      if (hint && length(window) > SECOND && (hint.perMinute * length(window)) / MINUTE > requests * PAGE + 1)
        broken.push('hint not heeded');
    }
  }

  /** @returns requests taken */
  #answer(owed: OwedWindow, now: EpochMs, tooMany: (hint: DensityHint) => void): number {
    const { window, ask, look, most } = owed;
    if (ask === 'count') {
      this.state = { ...this.state, coverage: coverProbe(this.state.coverage, window, now, policy) };
      return 1;
    }
    if (ask === 'filtered') return Math.min(owed.requests, most);
    const records = this.#records(window);
    const pages = Math.max(1, Math.ceil(records / PAGE));
    if (pages > most && length(window) > SECOND) {
      tooMany({ ...window, perMinute: (records * MINUTE) / length(window) });
      return 1;
    }
    if (look !== 'live' && this.#isTroubled(window)) {
      const { troubles } = noteTrouble(this.state.troubles, window, 'unsettled', now);
      this.state = { ...this.state, troubles };
      return Math.min(pages, most);
    }
    const live = look === 'live' && {
      lastLiveAt: now,
      liveFrom: this.state.liveFrom ?? liveWindow({ state: this.state, policy, now }).from,
    };
    const perMinute = (records * MINUTE) / length(window);
    this.state = {
      ...this.state,
      ...live,
      coverage: coverRead(this.state.coverage, window, now, policy),
      troubles: settleTroubles(this.state.troubles, window),
      learned: { ...this.state.learned, perMinute: (this.state.learned.perMinute + perMinute) / 2 },
    };
    return Math.min(pages, most);
  }
}

const worldArb: fc.Arbitrary<World> = fc.record({
  densities: fc.array(fc.constantFrom(0, 0.3, 3, 40, 400), { minLength: 1, maxLength: 6 }),
  total: fc.constantFrom(3, 7, 11, 50, 120),
  lanes: fc.integer({ min: 1, max: 4 }),
  turns: fc.array(fc.nat(3), { minLength: 1, maxLength: 5 }),
  troubled: fc.option(fc.nat(100), { nil: undefined }),
});

/** What the rate can't carry never ends: these it carries even at their densest. */
const carried = ({ densities, total }: World): boolean => {
  const density = { perMinute: Math.max(...densities), durations: durationPrior(), pageLimit: PAGE };
  return planRequests(policy, density).requestsPerMinute <= 0.6 * total;
};

test('whatever the densities, budget and lanes: no rule is broken at any step', () => {
  fc.assert(
    fc.property(worldArb, (world) => {
      const executor = new Executor(world);
      for (let tick = 0; tick < 25; tick += 1) executor.tick(START + tick * MINUTE);
      return executor.broken.length === 0;
    }),
    { numRuns: 150 },
  );
});

test('where the budget carries it, everything up to the horizon is covered and no look is owed', () => {
  fc.assert(
    fc.property(worldArb.filter(carried), (world) => {
      const executor = new Executor(world);
      let tick = 0;
      for (; tick < 400; tick += 1) {
        const now = START + tick * MINUTE;
        const end = executor.tick(now);
        const wanted = { from: fetchFrom(executor.state, policy), to: horizon(now, policy) };
        const owed = owedByLook(end).some(({ windows }) => windows.length > 0);
        if (gapsIn(executor.state.coverage, wanted).length === 0 && !owed) break;
      }
      return tick < 400 && executor.broken.length === 0;
    }),
    { numRuns: 100 },
  );
});

test('while budget is left, nothing that fits into it stays owed', () => {
  fc.assert(
    fc.property(worldArb, (world) => {
      const executor = new Executor({ ...world, lanes: 1 });
      for (let tick = 0; tick < 10; tick += 1) {
        const end = executor.tick(START + tick * MINUTE);
        const owed = owedByLook(end).flatMap(({ windows }) => windows);
        const fits = owed.some(({ ask, requests }) => ask !== 'filtered' || requests <= end.budget.left);
        if (end.budget.left >= 1 && fits) return false;
      }
      return true;
    }),
    { numRuns: 100 },
  );
});

test('every look that owes something gets its tenth of the budget', () => {
  const executor = new Executor({ densities: [30], total: 50, lanes: 1, turns: [0], troubled: undefined });
  for (let tick = 0; tick < 90; tick += 1) executor.tick(START + tick * MINUTE);
  // Then three hours of silence, and all later looks undone: each class owes more than a tick's worth.
  const coverage = executor.state.coverage.map((span) => ({ ...span, readAge: 0, probeAge: 0 }));
  executor.state = { ...executor.state, coverage };
  const end = executor.tick(START + 270 * MINUTE);
  const owing = owedByLook(end).flatMap(({ look, windows }) => (windows.length > 0 ? [look] : []));
  expect(owing).toContain('gap');
  expect(owing).toContain('edit');
  // A window of n requests takes n pages or one less.
  for (const look of owing.filter((one) => one !== 'just-ended'))
    expect([look, (executor.spent[look] ?? 0) >= 4]).toEqual([look, true]);
  expect(executor.spent.live).toBeGreaterThan(0);
});

test('with a budget of a handful the newest calls are asked for first', () => {
  for (const total of [1, 2, 3, 5, 7, 11, 19]) {
    const executor = new Executor({ densities: [3], total, lanes: 1, turns: [0], troubled: undefined });
    for (let tick = 0; tick < 200; tick += 1) executor.tick(START + tick * MINUTE);
    const now = START + 260 * MINUTE;
    executor.tick(now);
    expect([total, executor.state.lastLiveAt]).toEqual([total, now]);
  }
});

test('asking what comes next stays far below 5 ms with days of debts', () => {
  const rich = policyOf(Account.parse({ name: 'main', secretId: 'secret' }));
  const now = START + 9 * DAY;
  let coverage: Coverage = [];
  // Nine days in which every tenth block was lost and each look came late by up to an hour.
  for (let at = START; at < now; at += 15 * MINUTE) {
    const late = ((at / MINUTE) % 7) * 10 * MINUTE;
    if ((at / MINUTE) % 10 !== 5)
      coverage = coverRead(coverage, { from: at, to: at + 15 * MINUTE }, at + HOUR + late, rich);
  }
  const initial = initialState(START);
  const learned = { ...initial.learned, perMinute: 200 };
  const state = {
    ...initial,
    liveFrom: START,
    lastTickAt: now,
    lastLiveAt: now - 5 * MINUTE,
    learned,
    coverage,
  };
  const situation: Situation = {
    standing: standingPlan(state, rich, now),
    state,
    policy: rich,
    now,
    only: undefined,
    done: new Set(),
    suspects: [],
    hints: [],
    busy: [],
    skipped: [],
    budget: { total: 50, left: 50, spent: {} },
  };
  for (let warm = 0; warm < 20; warm += 1) nextWindow(situation);
  const before = process.cpuUsage().user;
  for (let round = 0; round < 50; round += 1) nextWindow(situation);
  expect((process.cpuUsage().user - before) / 1000 / 50).toBeLessThan(5);
});

test('what a count misses is found by halving or by reading all, whichever is cheaper, and none is left', () => {
  const spans = fc.constantFrom(15 * MINUTE, HOUR);
  fc.assert(
    fc.property(
      spans,
      fc.constantFrom(1, 3, 30, 300),
      fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 60 }),
      (span, pages, shares) => {
        const missing = shares.map((share) => START + share * span);
        const inside = (window: Window) => missing.filter((at) => window.from <= at && at < window.to).length;
        const pagesOf = (window: Window) => (pages * length(window)) / span;
        const found = new Set<number>();
        let requests = 0;
        const queue = suspectsOf({ from: START, to: START + span }, pages, missing.length);
        for (let next = queue.pop(); next; next = queue.pop()) {
          const here = inside(next);
          if (next.whole || pagesOf(next) <= 2 || length(next) <= SECOND) {
            requests += Math.ceil(pagesOf(next));
            for (const at of missing) if (next.from <= at && at < next.to) found.add(at);
          } else {
            requests += 1;
            if (here > 0) queue.push(...suspectsOf(next, pagesOf(next), here));
          }
        }
        const each = 2 * Math.log2(Math.max(1, pages / 2)) + 4;
        return (
          found.size === new Set(missing).size && requests <= Math.min(pages, missing.length * each) * 1.3 + 2
        );
      },
    ),
    { numRuns: 500 },
  );
});
