import { withAccounts } from '../../cli/cost/accounts.ts';
import { deployedResources } from '../../cli/cost/deployed-resources.ts';
import { type Estimate, estimateCost } from '../../cli/cost/estimate.ts';
import {
  checkedPrices,
  priceOf,
  PRICES_FROM,
  PRICES_OF,
  type Region,
  REGIONS,
  uncheckedPrices,
} from '../../cli/cost/prices.ts';
import { DAYS } from '../../cli/cost/use.ts';
import { Config } from '../../shared/contract/config.ts';

const MONTHLY_CALLS = [20_000, 200_000, 3_000_000];
const KEPT = 12;
const DASHBOARD = priceOf('dashboards').usd['us-east-1'];

const dollars = (usd: number): string => usd.toFixed(2);
const calls = (count: number): string => count.toLocaleString('en-IN');
const sum = (figures: readonly number[]): number => figures.reduce((total, figure) => total + figure, 0);

/** The estimates of so many accounts, by calls a month. */
const estimatesOf = async (accounts: number, monthly: readonly number[]): Promise<Estimate[]> => {
  const config = withAccounts(Config.parse({}), accounts);
  const resources = await deployedResources(config);
  const polled = config.accounts.map((account) => ({ ...account, secretId: account.name }));
  return monthly.map((count) =>
    estimateCost(resources, { callsPerDay: count / DAYS, accounts: polled, monthsKept: KEPT }),
  );
};

const byService = (estimates: readonly Estimate[], region: Region): string => {
  const services = [...new Set(estimates.flatMap(({ lines }) => lines.map(({ service }) => service)))].sort();
  const figure = ({ lines }: Estimate, service: string) =>
    sum(
      lines.filter((line) => line.service === service).map((line) => line.fixed[region] + line.calls[region]),
    );
  const row = (name: string, of: (estimate: Estimate) => number) =>
    `| ${name} | ${estimates.map((estimate) => dollars(of(estimate))).join(' | ')} |`;
  return [
    `| ${region} | no calls | ${MONTHLY_CALLS.map((count) => `${calls(count)} calls`).join(' | ')} |`,
    `|---|${'--:|'.repeat(estimates.length)}`,
    ...services.map((service) => row(service, (estimate) => figure(estimate, service))),
    row('**a month, US dollars**', ({ fixed, calls: added }) => fixed[region] + added[region]),
    row("less AWS's lasting free allowances, at most", ({ allowances }) => -allowances[region]),
  ].join('\n');
};

const perMillion = (estimate: Estimate, region: Region): string =>
  dollars((estimate.calls[region] * 1_000_000) / (MONTHLY_CALLS.at(-1) ?? 1));

/** docs/cost.md. */
export const costPage = async (): Promise<string> => {
  const one = await estimatesOf(1, [0, ...MONTHLY_CALLS]);
  const [two] = await estimatesOf(2, [0]);
  const [idle] = one;
  const busiest = one.at(-1);
  if (!two || !idle || !busiest) throw new RangeError('nothing was estimated');
  const more = (region: Region) => dollars(two.fixed[region] - idle.fixed[region]);
  return `# What it costs

With no call at all a deployment with one account costs $${dollars(idle.fixed['us-east-1'])} a month in us-east-1 and
$${dollars(idle.fixed['ap-south-1'])} in ap-south-1; each further account $${more('us-east-1')} and $${more('ap-south-1')}.
$${DASHBOARD} of it is the dashboard. No free allowance is taken off. There is no NAT, no VPC and nothing else that is paid by the hour.

For your own numbers, accounts and \`cdk.json\`:

\`\`\`
npx smartflo-cdr cost --calls-per-day 20000 --accounts 2
\`\`\`

## One account, every secondary index, a year of calls kept

${REGIONS.map((region) => byService(one, region)).join('\n\n')}

At 30,00,000 calls a month a further million costs about $${perMillion(busiest, 'us-east-1')} in us-east-1 and
$${perMillion(busiest, 'ap-south-1')} in ap-south-1, storage of the year included. Over half of it are the secondary
indexes: each is one more write a call, and one more copy to keep. Switch off those you do not query by
(\`indexes\`, docs/configuring.md).

## What is counted, and how

- Every resource of the synthesised template, by its type; a type that nobody has priced ends the estimate.
- The poller's waiting for the source: Lambda is paid for it. Its length follows from the requests that the planner
  owes at that density, the account's rate, and an assumed answer time of 0.4 s.
- Requests a tick and messages a call as counted with the real poller in virtual time; entries, events and objects
  by their mean sizes (cli/cost/measured.ts names where each figure is from, and which are assumed).
- Calls are taken to come evenly over day and accounts. Queries (Athena, $5 a TB scanned), data out of AWS, support
  and tax are not in it.
- Metrics that are sent only when something is wrong cost nothing while nothing is; a test of a clean day holds which
  are sent. That a metric is paid for by the hour in which it comes is from AWS's price page, and was not compared
  here. With the first call one more is, at $0.30.
- The hourly proof lists the last ten days of every account whether there are calls or not; each further thousand
  objects of a day is one more list.
- Free allowances are shown apart, for another system in the same AWS account may use them up.

## Prices

${PRICES_FROM}, looked at on ${PRICES_OF} (cli/cost/prices.ts). The
project can not ask AWS's price list, so they were compared with public texts that quote it. AWS may have changed a
price since the date of its text.

${checkedPrices()
  .map(({ source, prices }) => `- ${source}: ${prices.join('; ')}`)
  .join('\n')}

For these nothing was found, and the price as commonly known stands in, in ap-south-1 mostly that of us-east-1:

${uncheckedPrices(REGIONS)
  .map((price) => `- ${price}`)
  .join('\n')}

---

This page is made by \`npm run docs\`; a test fails when it is stale.
`;
};
