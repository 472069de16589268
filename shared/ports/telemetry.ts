import type { LogFact } from '../contract/log-facts.ts';
import type { MetricName } from '../contract/metrics.ts';

/** Facts beside a constant message: ids, codes, counts. Never numbers, names, tokens, URLs or bodies. */
export type Facts = Readonly<Partial<Record<LogFact, string | number | boolean | undefined>>>;

/** Where handlers and use cases say what happened. Never throws. */
export interface Telemetry {
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, facts?: Facts): void;
  /** Adds a value to a metric; one that is kept per account needs the account. */
  count(metric: MetricName, value: number, account?: string): void;
}
