import type { Duration } from 'aws-cdk-lib';
import { Metric, Unit } from 'aws-cdk-lib/aws-cloudwatch';
import { METRIC_NAMESPACE, METRICS, type MetricName } from '../../shared/contract/metrics.ts';

/** The functions that count. It is their folder's name, and the dimension `service` of all that they count. */
export type Counting = 'poller' | 'consumer' | 'prover';

const UNITS = { Seconds: Unit.SECONDS, Count: Unit.COUNT, Percent: Unit.PERCENT } as const;

/**
 * A metric as the code emits it: namespace, name and dimensions follow from the contract.
 * @throws for one that is kept in the log, and for an account where the metric has none, or the other way round.
 */
export const ownMetric = (
  name: MetricName,
  service: Counting,
  { account, ...how }: { statistic: string; period: Duration; account?: string; label?: string },
): Metric => {
  const { unit, kept } = METRICS[name];
  if (kept === 'log') throw new RangeError(`${name} is a number in the log, not a metric`);
  if ((kept === 'metric of an account') !== (account !== undefined))
    throw new RangeError(`${name} is kept as ${kept}`);
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName: name,
    dimensionsMap: { service, ...(account !== undefined && { account }) },
    unit: UNITS[unit],
    ...how,
  });
};
