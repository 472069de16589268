/** Facts beside a constant message: ids, codes, counts. Never numbers, names, tokens, URLs or bodies. */
export type Facts = Readonly<Record<string, string | number | boolean | undefined>>;

/** Where handlers and use cases say what happened. Never throws. */
export interface Telemetry {
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, facts?: Facts): void;
  /** Adds to a metric of shared/contract/metrics.ts. */
  count(metric: string, value: number, account?: string): void;
}
