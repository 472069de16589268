import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { withAccounts } from '../../cli/cost/accounts.ts';
import { CATALOGUE, UnknownCost } from '../../cli/cost/catalogue.ts';
import { deployedResources } from '../../cli/cost/deployed-resources.ts';
import { estimateCost } from '../../cli/cost/estimate.ts';
import { MEASURED_TICKS, tickUse } from '../../cli/cost/measured.ts';
import { PRICES, REGIONS } from '../../cli/cost/prices.ts';
import { shapeOf, tickSeconds } from '../../cli/cost/use.ts';
import { atEveryWidth } from '../support/widths.ts';
import type { Account } from '../../shared/contract/account.ts';
import { Config } from '../../shared/contract/config.ts';

const config = Config.parse({});
const accountsOf = (wanted: number) =>
  withAccounts(config, wanted).accounts.map((account) => ({ ...account, secretId: account.name }));
const idle = (wanted: number) => ({ callsPerDay: 0, accounts: accountsOf(wanted), monthsKept: 12 });
const busy = { callsPerDay: 20_000, accounts: accountsOf(1), monthsKept: 12 };

let one: Awaited<ReturnType<typeof deployedResources>>;
let two: typeof one;

beforeAll(async () => {
  one = await deployedResources(config);
  two = await deployedResources(withAccounts(config, 2));
});

test('fixed cost: at most $10 a month for the first account and $3 for each more, without any allowance', () => {
  for (const region of REGIONS) {
    const first = estimateCost(one, idle(1)).fixed[region];
    expect(first, region).toBeLessThanOrEqual(10);
    expect(estimateCost(two, idle(2)).fixed[region] - first, region).toBeLessThanOrEqual(3);
  }
});

test('a resource that nobody has priced ends the estimate, by name', () => {
  const nat = { Type: 'AWS::EC2::NatGateway', Properties: {}, Metadata: {}, logicalId: 'Nat', stack: 'x' };
  expect(() => estimateCost([...one, nat], busy)).toThrow(UnknownCost);
  expect(() => estimateCost([...one, nat], busy)).toThrow(/AWS::EC2::NatGateway: say in cli/);
});

test('nothing is paid by the hour: no type of the catalogue is of EC2, RDS, ECS, OpenSearch or a load balancer', () => {
  const hourly = /^AWS::(EC2|RDS|ECS|EKS|OpenSearchService|Elastic|Kinesis|MSK|Redshift|NetworkFirewall)/;
  expect(Object.keys(CATALOGUE).filter((type) => hourly.test(type))).toEqual([]);
});

test('whatever costs something for being there is counted: without it the bill is lower', () => {
  const whole = estimateCost(one, busy);
  const standing = one.filter(({ Type }) => typeof CATALOGUE[Type] === 'function');
  expect(standing.length).toBeGreaterThan(0);
  for (const resource of standing) {
    const without = estimateCost(
      one.filter((other) => other !== resource),
      busy,
    );
    for (const region of REGIONS)
      expect(without.fixed[region], resource.logicalId).toBeLessThan(whole.fixed[region]);
  }
});

test('the poller is paid while it waits: an account that may ask less often waits longer', () => {
  const lambda = (accounts: Account[]) =>
    estimateCost(one, { ...busy, accounts })
      .lines.filter(({ what }) => what.startsWith('poller'))
      .reduce((sum, { fixed, calls }) => sum + fixed['us-east-1'] + calls['us-east-1'], 0);
  const [account] = accountsOf(1);
  if (!account) throw new Error('no account');
  expect(lambda([account])).toBeGreaterThan(0.5);
  expect(lambda([{ ...account, share: account.share / 3 }])).toBeGreaterThan(1.5 * lambda([account]));
  expect(tickSeconds({ ...account, share: account.share / 100 }, 10)).toBe(50);
});

test('the shape is read from the template: schedules, sizes, indexes', () => {
  expect(shapeOf(one)).toMatchObject({
    ticksPerMinute: 1,
    pollerGb: 0.25,
    consumerGb: 0.5,
    secondaryIndexes: 5,
  });
  expect(shapeOf(two).ticksPerMinute).toBe(2);
});

test('between what was measured a tick is between its neighbours, and on the points it is what was measured', () => {
  for (const { callsPerMinute, ...measured } of MEASURED_TICKS)
    for (const [name, value] of Object.entries(measured))
      expect(tickUse(callsPerMinute)[name as keyof typeof measured]).toBeCloseTo(value, 6);
  expect(tickUse(45).messages).toBeGreaterThan(tickUse(20).messages);
  expect(tickUse(45).messages).toBeLessThan(tickUse(70).messages);
  expect(tickUse(2_000).messages).toBeGreaterThan(tickUse(200).messages);
});

test('a million calls cost by the million: no price is off by its unit', () => {
  const { lines } = estimateCost(one, { ...busy, callsPerDay: 1_000_000 / 30 });
  const of = (what: string) => lines.find((line) => line.what === what)?.calls['us-east-1'] ?? 0;
  expect(of('index entries')).toBeCloseTo(0.625 * 1.03, 2);
  expect(of('events')).toBeCloseTo(1.03, 2);
  for (const { usd, per } of Object.values(PRICES))
    for (const region of REGIONS) expect([usd[region] > 0, per > 0]).toEqual([true, true]);
});

test('the example of docs/commands.md prints the bill, in a terminal of any width and in a pipe', async () => {
  const example = ['cost', '--calls-per-day', '20000', '--accounts', '2'];
  expect(readFileSync('docs/commands.md', 'utf8')).toContain(`npx smartflo-cdr ${example.join(' ')}\n`);
  for (const { exit, stdout } of await atEveryWidth(example)) {
    expect(exit).toBe(0);
    expect(stdout).toMatch(/a month, US dollars/);
  }
});
