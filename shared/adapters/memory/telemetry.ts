import type { MetricName } from '../../contract/metrics.ts';
import type { Facts, Telemetry } from '../../ports/telemetry.ts';

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly facts: Facts;
}

/** Keeps every line, and the values of each metric in the order in which they came. */
export const createMemoryTelemetry = (): MemoryTelemetry => {
  const lines: LogLine[] = [];
  const metrics: MemoryTelemetry['metrics'] = [];
  return {
    lines,
    metrics,
    log: (level, message, facts = {}) => void lines.push({ level, message, facts }),
    count: (metric, value, account) => void metrics.push({ metric, value, account }),
  };
};

export interface MemoryTelemetry extends Telemetry {
  readonly lines: LogLine[];
  readonly metrics: {
    readonly metric: MetricName;
    readonly value: number;
    readonly account?: string | undefined;
  }[];
}
