import * as z from 'zod';
import { DAY, MINUTE, SECOND, type EpochMs, type Ms } from '../../shared/core/time.ts';
import type { Datapoint } from './emitted-metrics.ts';
import { evaluateMath, type Series } from './metric-math.ts';
import type { Resource } from './stacks.ts';

export type State = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

const Dimensions = z
  .array(z.object({ Name: z.string(), Value: z.unknown() }))
  .default([])
  .transform((list) =>
    Object.fromEntries(
      list.map(({ Name, Value }) => [Name, typeof Value === 'string' ? Value : JSON.stringify(Value)]),
    ),
  );
const Watched = z.object({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions,
});
const Query = z.object({
  Id: z.string(),
  Expression: z.string().optional(),
  MetricStat: z
    .object({ Metric: Watched, Period: z.number(), Stat: z.string(), Unit: z.string().optional() })
    .optional(),
  ReturnData: z.boolean().optional(),
});
const AlarmProperties = z.object({
  ComparisonOperator: z.string(),
  EvaluationPeriods: z.number(),
  DatapointsToAlarm: z.number().optional(),
  Threshold: z.number().optional(),
  ThresholdMetricId: z.string().optional(),
  TreatMissingData: z.enum(['breaching', 'notBreaching', 'ignore', 'missing']),
  AlarmActions: z.array(z.unknown()).default([]),
  AlarmDescription: z.string(),
  Namespace: z.string().optional(),
  MetricName: z.string().optional(),
  Dimensions,
  Statistic: z.string().optional(),
  Period: z.number().optional(),
  Unit: z.string().optional(),
  Metrics: z.array(Query).optional(),
});

/** One metric that an alarm looks at: its dimensions' values as text, an intrinsic as its JSON. */
export interface WatchedMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly unit: string | undefined;
  readonly statistic: string;
  /** Seconds. */
  readonly period: number;
}

const keyOf = ({ namespace, name, dimensions }: Pick<Datapoint, 'namespace' | 'name' | 'dimensions'>) =>
  JSON.stringify([namespace, name, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);

/** The values that have come, by metric and minute. */
export class Metrics {
  readonly #minutes = new Map<string, Map<number, Datapoint[]>>();

  add(datapoints: readonly Datapoint[]): void {
    for (const datapoint of datapoints) {
      const key = keyOf(datapoint);
      const minutes = this.#minutes.get(key) ?? new Map<number, Datapoint[]>();
      const minute = Math.floor(datapoint.at / MINUTE);
      minutes.set(minute, [...(minutes.get(minute) ?? []), datapoint]);
      this.#minutes.set(key, minutes);
    }
  }

  /** A statistic over the period that starts at `from`; undefined where nothing came, or nothing with this unit. */
  statistic(metric: WatchedMetric, from: EpochMs): number | undefined {
    const minutes = this.#minutes.get(keyOf(metric));
    if (!minutes) return undefined;
    const first = Math.floor(from / MINUTE);
    const values: number[] = [];
    for (let minute = first; minute < first + (metric.period * SECOND) / MINUTE; minute += 1)
      for (const { value, unit } of minutes.get(minute) ?? [])
        if (metric.unit === undefined || metric.unit === unit) values.push(value);
    if (values.length === 0) return undefined;
    const sum = values.reduce((total, value) => total + value, 0);
    switch (metric.statistic) {
      case 'SampleCount':
        return values.length;
      case 'Sum':
        return sum;
      case 'Average':
        return sum / values.length;
      case 'Maximum':
        return values.reduce((most, value) => Math.max(most, value));
      case 'Minimum':
        return values.reduce((least, value) => Math.min(least, value));
      default:
        throw new RangeError(`no statistic ${metric.statistic} here`);
    }
  }
}

const WEEK: Ms = 7 * DAY;
const WEEKS = 4;

/** Below which a figure is unusual: by the same period of past weeks, as CloudWatch learns it. */
const lowerBound =
  (series: Series, deviations: number): Series =>
  (from) => {
    const past = Array.from({ length: WEEKS }, (_, index) => series(from - (index + 1) * WEEK)).filter(
      (value) => value !== undefined,
    );
    if (past.length < 2) return undefined;
    const mean = past.reduce((sum, value) => sum + value, 0) / past.length;
    const variance = past.reduce((sum, value) => sum + (value - mean) ** 2, 0) / past.length;
    return mean - deviations * Math.max(Math.sqrt(variance), mean / 10);
  };

/** An alarm of a template, evaluated as CloudWatch does: over whole periods, missing ones by its own rule. */
export class TemplateAlarm {
  readonly id: string;
  readonly description: string;
  readonly tells: boolean;
  readonly watched: readonly WatchedMetric[];
  state: State = 'INSUFFICIENT_DATA';
  readonly #properties: z.infer<typeof AlarmProperties>;
  readonly #period: number;

  constructor(id: string, resource: Resource) {
    const properties = AlarmProperties.parse(resource.Properties);
    this.id = id;
    this.#properties = properties;
    this.description = properties.AlarmDescription;
    this.tells = properties.AlarmActions.length > 0;
    this.watched = watchedBy(properties).map(([, metric]) => metric);
    this.#period = Math.max(...this.watched.map(({ period }) => period));
  }

  /** The state at an instant, given all that came before it. */
  evaluate(metrics: Metrics, now: EpochMs): State {
    const { EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods, TreatMissingData } = this.#properties;
    const length = this.#period * SECOND;
    const last = Math.floor(now / length) * length;
    const verdicts = Array.from({ length: EvaluationPeriods }, (_, index) =>
      this.#breaches(metrics, last - (index + 1) * length),
    );
    const known = verdicts.filter((verdict) => verdict !== undefined);
    if (known.length === 0 && TreatMissingData === 'ignore') return this.state;
    if (known.length === 0 && TreatMissingData === 'missing') this.state = 'INSUFFICIENT_DATA';
    else {
      const missing = TreatMissingData === 'breaching' ? verdicts.length - known.length : 0;
      const breaching = known.filter(Boolean).length + missing;
      this.state = breaching >= DatapointsToAlarm ? 'ALARM' : 'OK';
    }
    return this.state;
  }

  #breaches(metrics: Metrics, from: EpochMs): boolean | undefined {
    const { Metrics: queries, Threshold, ThresholdMetricId, ComparisonOperator } = this.#properties;
    const series = Object.fromEntries(
      watchedBy(this.#properties).map(([id, metric]): [string, Series] => [
        id,
        (at) => metrics.statistic(metric, at),
      ]),
    );
    const band = queries?.find(({ Id }) => Id === ThresholdMetricId)?.Expression;
    if (band !== undefined) {
      const [, id = '', deviations] = /^ANOMALY_DETECTION_BAND\((\w+), (\d+)\)$/.exec(band) ?? [];
      const worked = queries?.find(({ Id }) => Id === id)?.Expression;
      const usual = worked === undefined ? series[id] : evaluateMath(worked, series);
      if (!usual || ComparisonOperator !== 'LessThanLowerThreshold') throw new SyntaxError(band);
      const [value, lower] = [usual(from), lowerBound(usual, Number(deviations))(from)];
      return value === undefined || lower === undefined ? undefined : value < lower;
    }
    const expression = queries?.find(({ Expression }) => Expression !== undefined)?.Expression;
    const value = evaluateMath(expression ?? Object.keys(series)[0] ?? '', series)(from);
    if (value === undefined || Threshold === undefined) return undefined;
    switch (ComparisonOperator) {
      case 'GreaterThanThreshold':
        return value > Threshold;
      case 'GreaterThanOrEqualToThreshold':
        return value >= Threshold;
      case 'LessThanThreshold':
        return value < Threshold;
      case 'LessThanOrEqualToThreshold':
        return value <= Threshold;
      default:
        throw new RangeError(`no ${ComparisonOperator} here`);
    }
  }
}

const watchedBy = ({
  Metrics: queries,
  ...single
}: z.infer<typeof AlarmProperties>): [id: string, metric: WatchedMetric][] => {
  if (!queries) {
    const {
      Namespace = '',
      MetricName = '',
      Statistic = '',
      Period = 0,
      Unit,
      Dimensions: dimensions,
    } = single;
    return [
      [
        'm',
        {
          namespace: Namespace,
          name: MetricName,
          dimensions,
          unit: Unit,
          statistic: Statistic,
          period: Period,
        },
      ],
    ];
  }
  return queries.flatMap(({ Id, MetricStat }): [string, WatchedMetric][] => {
    if (!MetricStat) return [];
    const { Metric, Period, Stat, Unit } = MetricStat;
    const { Namespace: namespace, MetricName: name, Dimensions: dimensions } = Metric;
    return [[Id, { namespace, name, dimensions, unit: Unit, statistic: Stat, period: Period }]];
  });
};
