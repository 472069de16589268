import { policyOf } from '../../shared/contract/account.ts';
import { durationPrior } from '../../shared/core/durations.ts';
import { planRequests } from '../../shared/core/request-plan.ts';
import { readConfiguration } from '../configuration.ts';
import { type Check, checksOf } from './check.ts';

const { ok, warn, fail } = checksOf('configuration');

/** The block "smartflo" of cdk.json, and whether its rates carry what it asks for. @param perMinute calls */
export const checkConfiguration = (perMinute: number): Check[] => {
  try {
    const { config, file } = readConfiguration();
    return [
      ok('configuration', `${file} fits: ${config.accounts.map(({ name }) => name).join(', ')}`),
      ...config.accounts.map((account): Check => {
        const policy = policyOf({ ...account, secretId: account.name });
        const density = { perMinute, pageLimit: policy.pageLimit, durations: durationPrior() };
        const plan = planRequests(policy, density);
        const needs = `${account.name}: ${plan.requestsPerMinute.toFixed(1)} of ${plan.capacityPerMinute.toFixed(0)} requests a minute at ${perMinute} calls a minute`;
        return plan.fits
          ? ok(`rate-${account.name}`, needs)
          : warn(
              `rate-${account.name}`,
              needs,
              'raise share or cps of the account, npx smartflo-cdr plan shows by how much',
            );
      }),
    ];
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return [
      fail(
        'configuration',
        why,
        'correct the block "smartflo" of cdk.json; docs/configuring.md has every field',
      ),
    ];
  }
};
