import type { LookAge } from './coverage.ts';
import { type Density, expectedPages, type JustEndedStep, justEndedSteps } from './just-ended.ts';
import { type Look, liveReach, type Policy, TICK } from './policy.ts';
import { HOUR, MINUTE, type Ms } from './time.ts';

/** The share of the rate above which edits are stretched: the rest is for gaps, backfill and bad days. */
const COMFORTABLE = 0.8;

/** What one look costs, requests a minute. */
export interface PlannedLook {
  readonly look: Look;
  readonly requestsPerMinute: number;
  readonly note: string;
}

/** What an account needs at a density, and what it may spend. Requests a minute. */
export interface RequestPlan {
  readonly looks: readonly PlannedLook[];
  readonly requestsPerMinute: number;
  readonly capacityPerMinute: number;
  readonly fits: boolean;
  /** Ages of the edit looks that the rate can't carry, left out in this order. */
  readonly stretched: readonly Ms[];
}

const perMinute = (look: LookAge, requestsPerBlock: number): number =>
  (requestsPerBlock * MINUTE) / look.block;

/** One full read of a block, in windows of at most 20 pages: requests a block. */
const readRequests = ({ block }: LookAge, { perMinute: density, pageLimit }: Density): number =>
  expectedPages((density * block) / MINUTE, pageLimit);

/** What of the newest starts a tick reads in full. */
const liveSpan = (policy: Policy): Ms => liveReach(policy) - policy.settle;

const live = (policy: Policy, density: Density): number =>
  Math.ceil(expectedPages((density.perMinute * liveSpan(policy)) / MINUTE, density.pageLimit) - 0.5);

const steps = (policy: Policy, density: Density): JustEndedStep[] =>
  policy.settle >= policy.longestCall
    ? []
    : justEndedSteps(liveReach(policy), policy.longestCall + TICK, TICK, policy.settle, density);

const justEnded = (policy: Policy, density: Density): number =>
  steps(policy, density).reduce((sum, { requests }) => sum + requests, 0);

/** Probes that no edit of the same age does already. */
const ownProbes = (policy: Policy, edits: readonly LookAge[]): LookAge[] =>
  policy.probes.filter(
    (probe) => !edits.some(({ age, block }) => age === probe.age && block === probe.block),
  );

const sum = (parts: readonly number[]): number => parts.reduce((total, part) => total + part, 0);

const editRequests = (edits: readonly LookAge[], density: Density): number =>
  sum(edits.map((look) => perMinute(look, readRequests(look, density))));

/** Which edits go first when the rate is short: the ones whose span is read again soonest. The last stays. */
const stretchOrder = (edits: readonly LookAge[]): LookAge[] =>
  [...edits].sort((a, b) => a.age - b.age).slice(0, -1);

/** The edit looks that fit into 80 % of the rate beside everything else, and the ones left out. */
export const affordableEdits = (
  policy: Policy,
  density: Density,
): { edits: readonly LookAge[]; stretched: readonly Ms[] } => {
  const comfortable = COMFORTABLE * policy.requestsPerSecond * 60;
  const others =
    live(policy, density) + justEnded(policy, density) + sum(policy.probes.map((look) => perMinute(look, 1)));
  let edits = policy.edits;
  const stretched: Ms[] = [];
  for (const look of stretchOrder(policy.edits)) {
    if (others + editRequests(edits, density) <= comfortable) break;
    edits = edits.filter((other) => other !== look);
    stretched.push(look.age);
  }
  return { edits, stretched };
};

/** What polling an account costs at a steady density, by look. */
export const planRequests = (policy: Policy, density: Density): RequestPlan => {
  const { edits, stretched } = affordableEdits(policy, density);
  const hours = (ages: readonly Ms[]) => ages.map((age) => `${age / HOUR} h`).join(', ');
  const looks: PlannedLook[] = [
    {
      look: 'live',
      requestsPerMinute: live(policy, density),
      note:
        policy.settle < MINUTE
          ? `newest ${policy.live / MINUTE} min, every tick`
          : `${liveSpan(policy) / MINUTE} min of starts, ${policy.settle / MINUTE} min ago, every tick`,
    },
    {
      look: 'just-ended',
      requestsPerMinute: justEnded(policy, density),
      note: `${steps(policy, density).length} filtered reads, every tick`,
    },
    {
      look: 'probe',
      requestsPerMinute: sum(ownProbes(policy, edits).map((look) => perMinute(look, 1))),
      note: 'counts of every block as it ages',
    },
    {
      look: 'edit',
      requestsPerMinute: editRequests(edits, density),
      note: `full reads at ${hours(edits.map(({ age }) => age))}`,
    },
  ];
  const requestsPerMinute = sum(looks.map((look) => look.requestsPerMinute));
  const capacityPerMinute = policy.requestsPerSecond * 60;
  return {
    looks,
    requestsPerMinute,
    capacityPerMinute,
    fits: requestsPerMinute <= capacityPerMinute,
    stretched,
  };
};
