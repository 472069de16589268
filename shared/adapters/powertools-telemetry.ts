import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { MiddlewareObj } from '@middy/core';
import { LOG_FACTS } from '../contract/log-facts.ts';
import { COUNTED, isSent, METRIC_NAMESPACE, METRICS, type MetricName } from '../contract/metrics.ts';
import type { Facts, Telemetry } from '../ports/telemetry.ts';

/**
 * Logs as JSON lines and metrics in CloudWatch's embedded format, both on stdout. Figures that are kept in the log
 * are summed over an invocation and stand in one line of it.
 *
 * @param part the function's name in logs and, as dimension `service`, in metrics.
 * @returns the port, and the middleware that adds the request id to logs and writes the metrics at the end of each
 *   invocation, also of one that throws.
 */
export const createPowertoolsTelemetry = (
  part: string,
): { telemetry: Telemetry; middleware: MiddlewareObj[] } => {
  const logger = new Logger({ serviceName: part });
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: part });
  const sums = new Map<MetricName, number>();
  const flush = (): void => {
    // Powertools warns in prose, on every idle tick, when there is nothing to write.
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    if (sums.size > 0) logger.info(COUNTED, Object.fromEntries(sums));
    sums.clear();
  };
  return {
    telemetry: {
      log: (level, message, facts = {}) => logger[level](message, listed(facts)),
      count(metric, value, account) {
        const { unit, kept } = METRICS[metric];
        if (kept === 'log') return void sums.set(metric, (sums.get(metric) ?? 0) + value);
        if (!isSent(metric, value)) return;
        if (kept === 'metric' || account === undefined) return metrics.addMetric(metric, unit, value);
        metrics.singleMetric().addDimension('account', account).addMetric(metric, unit, value);
      },
    },
    middleware: [injectLambdaContext(logger), { after: flush, onError: flush }],
  };
};

const listed = (facts: Facts): Facts =>
  Object.fromEntries(LOG_FACTS.flatMap((name) => (facts[name] === undefined ? [] : [[name, facts[name]]])));
