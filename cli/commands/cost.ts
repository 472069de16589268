import { table, wrapped } from '../columns.ts';
import { fittingConfiguration } from '../configuration.ts';
import { deployedResources } from '../cost/deployed-resources.ts';
import { type CostLine, type Estimate, estimateCost } from '../cost/estimate.ts';
import { PRICES_FROM, PRICES_OF, REGIONS, type Region, uncheckedPrices } from '../cost/prices.ts';
import { withAccounts } from '../cost/accounts.ts';
import { DAYS } from '../cost/use.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { count } from '../figures.ts';
import type { Terminal } from '../terminal.ts';

export interface CostOptions {
  readonly callsPerDay: number;
  readonly accounts?: number;
  readonly keptMonths: number;
  readonly region?: Region;
}

/** A month's bill of what cdk.json describes, from the template that a deployment would use. */
export const cost = async (terminal: Terminal, options: CostOptions): Promise<ExitCode> => {
  const { callsPerDay, keptMonths: monthsKept } = options;
  const { config: written } = fittingConfiguration();
  const config = options.accounts === undefined ? written : withAccounts(written, options.accounts);
  const resources = await deployedResources(config);
  const accounts = config.accounts.map((account) => ({ ...account, secretId: account.name }));
  const estimate = estimateCost(resources, { callsPerDay, accounts, monthsKept });
  const regions = options.region ? [options.region] : [...REGIONS];
  if (terminal.manners.json) {
    terminal.document('cost/1', {
      callsPerDay,
      callsPerMonth: callsPerDay * DAYS,
      accounts: accounts.length,
      keptMonths: monthsKept,
      currency: 'USD',
      prices: { of: PRICES_OF, from: PRICES_FROM, unchecked: uncheckedPrices(regions) },
      ...narrowed(estimate, regions),
    });
    return EXIT.ok;
  }
  printEstimate(terminal, estimate, regions);
  const per = `${count(callsPerDay)} calls a day, ${accounts.length === 1 ? 'one account' : `${accounts.length} accounts`}`;
  const { columns } = terminal.output;
  terminal.print(`\n${wrapped(`for: ${per}, ${monthsKept} months of calls kept`, columns)}`);
  terminal.print(wrapped(`prices: ${PRICES_FROM}, of ${PRICES_OF}`, columns));
  const unchecked = uncheckedPrices(regions).length;
  if (unchecked > 0)
    terminal.print(
      wrapped(
        `${unchecked} of these prices were not compared with a source: docs/cost.md names them.`,
        columns,
      ),
    );
  terminal.say('\nnext: npx cdk deploy --all');
  return EXIT.ok;
};

const narrowed = ({ lines, fixed, calls, allowances }: Estimate, regions: readonly Region[]) => {
  const of = (figures: Readonly<Record<Region, number>>) =>
    Object.fromEntries(regions.map((region) => [region, round(figures[region])]));
  return {
    lines: lines.map((line) => ({ ...line, fixed: of(line.fixed), calls: of(line.calls) })),
    fixed: of(fixed),
    calls: of(calls),
    total: of({
      'us-east-1': fixed['us-east-1'] + calls['us-east-1'],
      'ap-south-1': fixed['ap-south-1'] + calls['ap-south-1'],
    }),
    allowances: of(allowances),
  };
};

/** A hundredth of a cent. */
const round = (usd: number): number => Math.round(usd * 10_000) / 10_000;
const dollars = (usd: number): string => usd.toFixed(2);

const printEstimate = (
  terminal: Terminal,
  { lines, fixed, calls, allowances }: Estimate,
  regions: readonly Region[],
): void => {
  const figures = (of: (region: Region) => number) => regions.map((region) => dollars(of(region)));
  const total = (own: readonly CostLine[], region: Region) =>
    own.reduce((sum, line) => sum + line.fixed[region] + line.calls[region], 0);
  const services = [...new Set(lines.map(({ service }) => service))];
  const rows = services.flatMap((service) => {
    const own = lines.filter((line) => line.service === service);
    return [
      [service, ...figures((region) => total(own, region))],
      ...own
        .filter((line) => regions.some((region) => total([line], region) >= 0.005))
        .map((line) => [`  ${line.what}`, ...figures((region) => total([line], region))]),
    ];
  });
  rows.push(
    ['fixed, without a call', ...figures((region) => fixed[region])],
    ['by the calls', ...figures((region) => calls[region])],
    ['a month, US dollars', ...figures((region) => fixed[region] + calls[region])],
    ['AWS gives every account for ever, at most', ...figures((region) => -allowances[region])],
  );
  const right = regions.map((_, at) => at + 1);
  terminal.print(table(['for', ...regions], rows, terminal.output.columns, right));
};
