import { Duration } from 'aws-cdk-lib';
import {
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  MathExpression,
  SingleValueWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { COUNTED, DAYS_LOOKED_AT, METRIC_NAMESPACE, TICK_ENDED } from '../../shared/contract/metrics.ts';
import { ownMetric } from './own-metric.ts';

interface Watched {
  readonly lambda: IFunction;
  readonly logGroup: ILogGroup;
}

export interface PipelineDashboardProps {
  readonly queue: IQueue;
  readonly deadLetters: IQueue;
  readonly poller: Watched;
  readonly consumer: Watched;
  readonly prover: Watched;
  readonly index: ITable;
}

/** Columns of a dashboard. */
const WIDTH = 24;

/** Whether anything is wrong at all, in four numbers; then what is done, how it ends, how the source is, what it costs. */
export class PipelineDashboard extends Construct {
  readonly name: string;

  constructor(scope: Construct, id: string, props: PipelineDashboardProps) {
    super(scope, id);
    const dashboard = new Dashboard(this, 'Board', {
      defaultInterval: Duration.hours(12),
      widgets: [
        firstNumbers(props),
        heading('Throughput', 'Records sent to the queue, windows read, records archived, events published.'),
        throughput(props),
        heading('Outcomes', 'How ticks end, by account; what was put aside or given up.'),
        outcomes(props),
        heading('The source', 'How long it takes to answer, and why ticks end early.'),
        source(props),
        heading(
          'Cost drivers',
          'Index writes, events and the time of functions: nine tenths of what calls cost.',
        ),
        costDrivers(props),
      ],
    });
    this.name = dashboard.dashboardName;
  }
}

const heading = (title: string, about: string): IWidget[] => [
  new TextWidget({ markdown: `## ${title}\n${about}`, width: WIDTH, height: 2 }),
];

/** The worst lag of all accounts, from the metric of each: fifty accounts are one expression. */
const worstLag = (period: Duration): IMetric => {
  const search = `{${METRIC_NAMESPACE},account,service} MetricName="Lag" service="poller"`;
  return new MathExpression({
    expression: `MAX(SEARCH('${search}', 'Maximum', ${period.toSeconds()}))`,
    usingMetrics: {},
    period,
    label: 'the worst account',
  });
};

const oldest = (queue: IQueue, label: string): IMetric =>
  queue.metricApproximateAgeOfOldestMessage({ statistic: 'Maximum', period: Duration.minutes(1), label });

const logTable = (title: string, { logGroup }: Watched, queryLines: string[], width = WIDTH / 2): IWidget =>
  new LogQueryWidget({
    title,
    logGroupNames: [logGroup.logGroupName],
    view: LogQueryVisualizationType.TABLE,
    queryLines,
    width,
    height: 6,
  });

const logLine = (title: string, { logGroup }: Watched, queryLines: string[], width = WIDTH / 2): IWidget =>
  new LogQueryWidget({
    title,
    logGroupNames: [logGroup.logGroupName],
    view: LogQueryVisualizationType.LINE,
    queryLines,
    width,
    height: 6,
  });

const ticks = `filter message = "${TICK_ENDED}"`;
const counted = `filter message = "${COUNTED}"`;

/**
 * Lag, completeness of yesterday and today, age of what waits, days left. Where a metric comes only when something is
 * wrong, the figure is taken from the log, in which it always stands.
 */
const firstNumbers = ({ queue, deadLetters, poller, prover }: PipelineDashboardProps): IWidget[] => {
  const number = (title: string, metrics: IMetric[], width: number) =>
    new SingleValueWidget({ title, metrics, width, height: 4, setPeriodToTimeRange: false });
  const perAccount = (title: string, { logGroup }: Watched, queryLines: string[], width: number) =>
    new LogQueryWidget({
      title,
      logGroupNames: [logGroup.logGroupName],
      view: LogQueryVisualizationType.TABLE,
      queryLines: [...queryLines, 'limit 5'],
      width,
      height: 4,
    });
  return [
    number('Lag, seconds', [worstLag(Duration.minutes(1))], 4),
    perAccount(
      'Missing of finished days, records',
      prover,
      [
        `filter message = "${DAYS_LOOKED_AT}"`,
        'stats latest(incomplete) as missing by account',
        'sort missing desc',
      ],
      5,
    ),
    perAccount(
      'Missing of today, seconds of calls',
      poller,
      [ticks, 'stats latest(missingToday) as missing by account', 'sort missing desc'],
      5,
    ),
    number('Oldest message, seconds', [oldest(queue, 'queue'), oldest(deadLetters, 'dead letters')], 5),
    perAccount(
      'Credential, days left',
      poller,
      [ticks, 'filter ispresent(daysLeft)', 'stats latest(daysLeft) as days by account', 'sort days asc'],
      5,
    ),
  ];
};

const minutes = { statistic: 'Sum', period: Duration.minutes(5) };
const graph = (title: string, left: IMetric[], width = WIDTH / 2): IWidget =>
  new GraphWidget({ title, left, width, height: 6, leftYAxis: { min: 0 } });

const throughput = ({ poller, consumer }: PipelineDashboardProps): IWidget[] => [
  logLine('Fetched', poller, [ticks, 'stats sum(sent) as records, sum(covered) as windows by bin(5m)']),
  logLine('Stored and told', consumer, [
    counted,
    'stats sum(RecordsIngested) as archived, sum(EventsPublished) as published by bin(5m)',
  ]),
];

const outcomes = ({ poller, deadLetters }: PipelineDashboardProps): IWidget[] => [
  logTable('Ticks', poller, [ticks, 'stats count() as ticks by account, outcome', 'sort ticks desc']),
  graph('Put aside and given up', [
    ownMetric('Exceptions', 'poller', { ...minutes, label: 'seconds with an exception' }),
    ownMetric('Quarantined', 'consumer', { ...minutes, label: 'quarantined' }),
    deadLetters.metricApproximateNumberOfMessagesVisible({
      statistic: 'Maximum',
      period: minutes.period,
      label: 'dead letters',
    }),
  ]),
];

const source = ({ poller }: PipelineDashboardProps): IWidget[] => [
  logLine(
    'Answer time, ms',
    poller,
    [ticks, 'stats avg(latency) as mean, pct(latency, 95) as p95 by bin(5m)'],
    WIDTH / 3,
  ),
  logTable(
    'Why ticks ended early',
    poller,
    [ticks, 'filter ispresent(reason)', 'stats count() as ticks by reason, account', 'sort ticks desc'],
    WIDTH / 3,
  ),
  logLine(
    'Rate used, percent of the worst tick',
    poller,
    [ticks, 'stats max(budgetUsed) as used by bin(5m)'],
    WIDTH / 3,
  ),
];

const costDrivers = ({ poller, consumer, index }: PipelineDashboardProps): IWidget[] => [
  graph(
    'Index, write units',
    [index.metric('ConsumedWriteCapacityUnits', { ...minutes, label: 'without secondary indexes' })],
    WIDTH / 3,
  ),
  logLine('Events', consumer, [counted, 'stats sum(EventsPublished) as events by bin(5m)'], WIDTH / 3),
  graph(
    'Time of functions, ms',
    [
      poller.lambda.metricDuration({ ...minutes, label: 'poller, waiting included' }),
      consumer.lambda.metricDuration({ ...minutes, label: 'consumer' }),
    ],
    WIDTH / 3,
  ),
];
