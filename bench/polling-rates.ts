import { mix } from '../local/fake-smartflo/random.ts';
import { Account, policyOf } from '../shared/contract/account.ts';
import { durationPrior } from '../shared/core/durations.ts';
import type { Policy } from '../shared/core/policy.ts';
import { planRequests } from '../shared/core/request-plan.ts';
import { HOUR, MINUTE, type Ms, parseIstStamp } from '../shared/core/time.ts';
import { minutes, VirtualAccount } from './virtual-account.ts';

const MIDNIGHT = parseIstStamp('2026-03-10 00:00:00') ?? 0;

/** One density, as long as it takes for the looks that are measured to be due, and the rate that it is given. */
export interface Density {
  readonly callsPerMinute: number;
  readonly requestsPerSecond: number;
  /** Virtual time: the first part lets looks fall due, requests are counted in the rest. */
  readonly warmUp: Ms;
  readonly counted: Ms;
  /** Requests a minute (performance.md, target 8). */
  readonly target: number;
}

/** Looks older than the warm-up are not due in so short a time: the plan's own figures are added for them. */
export const SHORT: readonly Density[] = [
  { callsPerMinute: 20, requestsPerSecond: 1, warmUp: 28 * HOUR, counted: 4 * HOUR, target: 8 },
  { callsPerMinute: 200, requestsPerSecond: 1, warmUp: 8 * HOUR, counted: 2 * HOUR, target: 30 },
  { callsPerMinute: 2_000, requestsPerSecond: 5, warmUp: 4 * HOUR, counted: HOUR, target: 250 },
];

/** With every look of the first nine days due; the last takes an hour. */
export const LONG: readonly Density[] = SHORT.map((density) => ({
  ...density,
  warmUp: 9 * 24 * HOUR,
  counted: 24 * HOUR,
}));

/** Ticks that do not run: one in twenty, in no order. */
const isLost = (at: number): boolean => mix(5, at / MINUTE) % 20 === 0;
/**
 * A call of 2 h whose record comes 25 min late is first seen by the probe at 3 h, counted from the end of its block
 * of 15 min: what started in the last hours may still be owed, and does not count as missing.
 */
const FOUND_BY: Ms = 3.5 * HOUR;

export interface PollingRate {
  readonly callsPerMinute: number;
  readonly measured: number;
  /** For looks that the measured stretch is too young for, by the plan. */
  readonly planned: number;
  readonly requestsPerMinute: number;
  readonly target: number;
  readonly missing: number;
  readonly records: number;
}

const oldLooks = (policy: Policy, { callsPerMinute, warmUp }: Density): number => {
  const density = { perMinute: callsPerMinute, pageLimit: policy.pageLimit, durations: durationPrior() };
  const young = ({ age, block }: { age: Ms; block: Ms }) => age + block <= warmUp;
  const youngPolicy = {
    ...policy,
    probes: policy.probes.filter(young),
    edits: policy.edits.filter(young),
  };
  return (
    planRequests(policy, density).requestsPerMinute - planRequests(youngPolicy, density).requestsPerMinute
  );
};

/** Requests a minute to the source, one tick in twenty lost, 2 % of records up to 25 min late. */
export const measurePollingRate = async (density: Density): Promise<PollingRate> => {
  const { callsPerMinute, requestsPerSecond, warmUp, counted, target } = density;
  const account = new VirtualAccount({
    callsPerMinute,
    requestsPerSecond,
    startedAt: MIDNIGHT,
    thin: true,
  });
  const countFrom = MIDNIGHT + warmUp;
  const end = countFrom + counted;
  let requests = 0;
  for (const at of minutes(MIDNIGHT + 2 * MINUTE, end)) {
    if (isLost(at)) continue;
    const report = await account.tick(at);
    if (at >= countFrom) requests += report.requests;
  }
  const measured = (requests * MINUTE) / counted;
  const policy = policyOf(
    Account.parse({ name: 'main', secretId: 'bench', cps: requestsPerSecond, share: 1 }),
  );
  const planned = oldLooks(policy, density);
  return {
    callsPerMinute,
    measured,
    planned,
    requestsPerMinute: measured + planned,
    target,
    missing: account.missingAt(end - FOUND_BY),
    records: account.packs.records,
  };
};

/** Bytes at rest a record where an account of 20 calls a minute is followed live, and how full its packs are. */
export const measureLivePacks = async (): Promise<{ bytesPerRecord: number; recordsPerPack: number }> => {
  const account = new VirtualAccount({
    callsPerMinute: 20,
    requestsPerSecond: 1,
    startedAt: MIDNIGHT,
    thin: false,
  });
  for (const at of minutes(MIDNIGHT + 2 * MINUTE, MIDNIGHT + 3 * HOUR)) await account.tick(at);
  const { records, messages, bytes } = account.packs;
  return { bytesPerRecord: bytes / records, recordsPerPack: records / messages };
};
