import { Account, policyOf } from '../../shared/contract/account.ts';
import { durationPrior } from '../../shared/core/durations.ts';
import { planRequests } from '../../shared/core/request-plan.ts';
import { HOUR } from '../../shared/core/time.ts';
import { table } from '../columns.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { rate } from '../figures.ts';
import type { Terminal } from '../terminal.ts';

export interface PlanOptions {
  readonly callsPerMinute: number;
  readonly page: number;
  readonly rate: number;
}

/** What polling needs of the source's rate limit, look by look, and whether the rate carries it. */
export const plan = (terminal: Terminal, options: PlanOptions): ExitCode => {
  const account = Account.parse({ name: 'plan', secretId: 'plan', pageLimit: options.page });
  const estimate = planRequests(
    { ...policyOf(account), requestsPerSecond: options.rate },
    { perMinute: options.callsPerMinute, pageLimit: options.page, durations: durationPrior() },
  );
  const exit = estimate.fits ? EXIT.ok : EXIT.finding;
  const verdict = estimate.fits
    ? `fits: ${rate(estimate.requestsPerMinute)} of ${rate(estimate.capacityPerMinute)} requests a minute`
    : `DOES NOT FIT: needs ${rate(estimate.requestsPerMinute / 60)} requests a second, may take ${rate(options.rate)}`;
  if (terminal.manners.json) {
    terminal.document('plan/1', { ...options, ...estimate, verdict });
    return exit;
  }
  const rows = estimate.looks.map(({ look, requestsPerMinute, note }) => [
    look,
    rate(requestsPerMinute),
    note,
  ]);
  rows.push([
    'all',
    rate(estimate.requestsPerMinute),
    `of ${rate(estimate.capacityPerMinute)} that the rate allows`,
  ]);
  terminal.print(table(['look', 'requests/min', 'what it does'], rows, terminal.output.columns, [1]));
  terminal.print(`\n${verdict}`);
  if (estimate.stretched.length > 0) {
    terminal.print(
      `left out for want of rate: full reads at ${estimate.stretched.map((age) => `${age / HOUR} h`).join(', ')}`,
    );
  }
  return exit;
};
