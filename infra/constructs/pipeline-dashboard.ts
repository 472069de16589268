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
import { COUNTED, METRIC_NAMESPACE, type MetricName, TICK_ENDED } from '../../shared/contract/metrics.ts';
import { type Counting, ownMetric } from './own-metric.ts';

interface Watched {
  readonly lambda: IFunction;
  readonly logGroup: ILogGroup;
}

export interface PipelineDashboardProps {
  readonly queue: IQueue;
  readonly deadLetters: IQueue;
  readonly poller: Watched;
  readonly consumer: Watched;
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

/** One figure of all accounts together, from the metric of each: fifty accounts are one expression. */
const overAccounts = (
  of: 'MAX' | 'MIN' | 'SUM',
  name: MetricName,
  service: Counting,
  period: Duration,
  label: string,
): IMetric => {
  const search = `{${METRIC_NAMESPACE},account,service} MetricName="${name}" service="${service}"`;
  const statistic = of === 'MIN' ? 'Minimum' : 'Maximum';
  return new MathExpression({
    expression: `${of}(SEARCH('${search}', '${statistic}', ${period.toSeconds()}))`,
    usingMetrics: {},
    period,
    label,
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

const firstNumbers = ({ queue, deadLetters, poller }: PipelineDashboardProps): IWidget[] => {
  const number = (title: string, metrics: IMetric[], width: number) =>
    new SingleValueWidget({ title, metrics, width, height: 4, setPeriodToTimeRange: false });
  return [
    number(
      'Lag, seconds',
      [overAccounts('MAX', 'Lag', 'poller', Duration.minutes(1), 'the worst account')],
      4,
    ),
    number(
      'Missing of yesterday, records',
      [overAccounts('SUM', 'Incomplete', 'prover', Duration.days(1), 'after repair')],
      4,
    ),
    new LogQueryWidget({
      title: 'Missing of today, seconds of calls',
      logGroupNames: [poller.logGroup.logGroupName],
      view: LogQueryVisualizationType.TABLE,
      queryLines: [ticks, 'stats latest(missingToday) as missing by account', 'sort missing desc', 'limit 5'],
      width: 6,
      height: 4,
    }),
    number('Oldest message, seconds', [oldest(queue, 'queue'), oldest(deadLetters, 'dead letters')], 6),
    number(
      'Credential, days left',
      [overAccounts('MIN', 'CredentialDaysLeft', 'poller', Duration.hours(1), 'the first to end')],
      4,
    ),
  ];
};

const minutes = { statistic: 'Sum', period: Duration.minutes(5) };
const graph = (title: string, left: IMetric[], width = WIDTH / 2): IWidget =>
  new GraphWidget({ title, left, width, height: 6, leftYAxis: { min: 0 } });

const throughput = ({ consumer }: PipelineDashboardProps): IWidget[] => [
  graph('Fetched', [
    ownMetric('RecordsSent', 'poller', { ...minutes, label: 'records sent' }),
    ownMetric('WindowsCovered', 'poller', { ...minutes, label: 'windows covered' }),
  ]),
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
  graph(
    'Rate used, percent',
    [
      ownMetric('BudgetUsed', 'poller', {
        statistic: 'Maximum',
        period: minutes.period,
        label: 'worst tick',
      }),
    ],
    WIDTH / 3,
  ),
];

const costDrivers = ({ poller, consumer, index }: PipelineDashboardProps): IWidget[] => [
  graph(
    'Index, write units',
    [index.metric('ConsumedWriteCapacityUnits', { ...minutes, label: 'without secondary indexes' })],
    WIDTH / 3,
  ),
  graph(
    'Events',
    [
      ownMetric('RecordsSent', 'poller', { ...minutes, label: 'one a record' }),
      ownMetric('RecordsChanged', 'poller', { ...minutes, label: 'of them changed' }),
    ],
    WIDTH / 3,
  ),
  graph(
    'Time of functions, ms',
    [
      poller.lambda.metricDuration({ ...minutes, label: 'poller, waiting included' }),
      consumer.lambda.metricDuration({ ...minutes, label: 'consumer' }),
    ],
    WIDTH / 3,
  ),
];
