import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Account, policyOf } from '../../shared/contract/account.ts';
import { initialState } from '../../shared/core/account-state.ts';
import { coverRead } from '../../shared/core/coverage.ts';
import { durationPrior } from '../../shared/core/durations.ts';
import { owedByLook, type Situation, standingPlan } from '../../shared/core/planner.ts';
import type { Look } from '../../shared/core/policy.ts';
import { affordableEdits, planRequests } from '../../shared/core/request-plan.ts';
import { DAY, HOUR, MINUTE, parseIstDate } from '../../shared/core/time.ts';

const MIDNIGHT = parseIstDate('2026-03-10') ?? 0;

const policyAt = (cps: number) =>
  policyOf(Account.parse({ name: 'main', secretId: 'secret', cps, share: 1 }));

const densityArb = fc.record({
  perMinute: fc.constantFrom(0, 1, 20, 200, 1_000, 2_000, 5_000),
  durations: fc.constant(durationPrior()),
  pageLimit: fc.constantFrom(20, 100, 1_000),
});
const rateArb = fc.constantFrom(0.05, 0.2, 1, 2, 4, 5, 10, 50);

test('a short rate leaves out edits, the soonest repeated first and never the last; live, just-ended and probes stay', () => {
  fc.assert(
    fc.property(densityArb, rateArb, (density, rate) => {
      const policy = policyAt(rate);
      const rich = planRequests(policyAt(1_000_000), density);
      const plan = planRequests(policy, density);
      const { edits, stretched } = affordableEdits(policy, density);
      const ages = policy.edits.map(({ age }) => age).sort((a, b) => a - b);
      const of = ({ looks }: typeof plan, wanted: Look) =>
        looks.find(({ look }) => look === wanted)?.requestsPerMinute ?? 0;
      return (
        rich.stretched.length === 0 &&
        stretched.join() === ages.slice(0, stretched.length).join() &&
        edits.map(({ age }) => age).join() === ages.slice(stretched.length).join() &&
        edits.length > 0 &&
        of(plan, 'live') === of(rich, 'live') &&
        of(plan, 'just-ended') === of(rich, 'just-ended') &&
        // What an edit had counted along is counted by the probe alone.
        of(plan, 'probe') >= of(rich, 'probe')
      );
    }),
    { numRuns: 300 },
  );
});

test('no edit is left out that 80 % of the rate would carry', () => {
  fc.assert(
    fc.property(densityArb, rateArb, (density, rate) => {
      const policy = policyAt(rate);
      const { edits, stretched } = affordableEdits(policy, density);
      const last = policy.edits.find(({ age }) => age === stretched.at(-1));
      if (last === undefined) return true;
      const probed = policy.probes.reduce((sum, { block }) => sum + MINUTE / block, 0);
      const plan = planRequests({ ...policyAt(1_000_000), edits: [last, ...edits] }, density);
      const needed = plan.looks.reduce(
        (sum, { look, requestsPerMinute }) => sum + (look === 'probe' ? probed : requestsPerMinute),
        0,
      );
      return needed > 0.8 * rate * 60;
    }),
    { numRuns: 300 },
  );
});

test('whether a configuration fits is told by figures', () => {
  const durations = durationPrior();
  const carried = planRequests(policyAt(1), { perMinute: 200, durations, pageLimit: 100 });
  expect(carried).toMatchObject({ fits: true, stretched: [], capacityPerMinute: 60 });
  const beyond = planRequests(policyAt(1), { perMinute: 2_000, durations, pageLimit: 100 });
  expect(beyond.fits).toBe(false);
  expect(beyond.requestsPerMinute).toBeGreaterThan(60);
  expect(planRequests(policyAt(5), { perMinute: 2_000, durations, pageLimit: 100 }).fits).toBe(true);
});

test('with nine days of undone looks, a rate that carries no edits still owes every probe', () => {
  const owedAt = (cps: number) => {
    const policy = policyAt(cps);
    const now = MIDNIGHT + 9 * DAY;
    let coverage = coverRead([], { from: MIDNIGHT, to: now }, now, policy);
    coverage = coverage.map((span) => ({ ...span, readAge: 0, probeAge: 0 }));
    const initial = initialState(MIDNIGHT);
    const learned = { ...initial.learned, perMinute: 2_000 };
    const state = {
      ...initial,
      liveFrom: MIDNIGHT,
      lastTickAt: now,
      lastLiveAt: now - MINUTE,
      learned,
      coverage,
    };
    const standing = standingPlan(state, policy, now);
    const situation: Situation = {
      standing,
      state,
      policy,
      now,
      only: undefined,
      done: new Set(),
      suspects: [],
      hints: [],
      busy: [],
      skipped: [],
      budget: { total: 50, left: 50, spent: {} },
    };
    const probes = owedByLook(situation).find(({ look }) => look === 'probe')?.windows ?? [];
    return {
      edits: standing.edits.length,
      hours: probes.reduce((sum, { window }) => sum + (window.to - window.from), 0) / HOUR,
    };
  };
  const rich = owedAt(1_000);
  const poor = owedAt(1);
  expect(poor.edits).toBeLessThan(rich.edits);
  expect(poor.hours).toBeGreaterThanOrEqual(rich.hours);
  expect(poor.hours).toBeGreaterThan(100);
});
