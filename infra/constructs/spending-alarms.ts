import { Duration } from 'aws-cdk-lib';
import { type Alarm, ComparisonOperator, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { runbookAlarm } from './runbook-alarm.ts';

export interface SpendingProps {
  readonly poller: Pick<IFunction, 'metricInvocations' | 'metricThrottles' | 'metricDuration'>;
  readonly pollerMb: number;
  readonly consumer: Pick<IFunction, 'metricThrottles'>;
  readonly index: Pick<ITable, 'metric'>;
  readonly secondaryIndexes: number;
  /** Schedules that invoke the poller once a minute. */
  readonly schedules: number;
  /** US dollars a day above which somebody is told. */
  readonly dailyUsd: number;
}

/**
 * US dollars of what grows with calls, at the dearer of the regions in docs/cost.md (November 2026): a write unit,
 * an event, a second of Lambda's memory. They are nine tenths of a bill that has grown.
 */
const USD = { writeUnit: 0.71e-6, event: 1e-6, gbSecond: 1.333_34e-5 } as const;

/** CloudWatch's expressions know no exponents: in 3e-9 it would look for a metric e. */
const decimal = (usd: number): string => usd.toFixed(15).replace(/0+$/, '');

const { GREATER_THAN_OR_EQUAL_TO_THRESHOLD, GREATER_THAN_THRESHOLD } = ComparisonOperator;

/** More is done than was planned, or than AWS lets us. */
export class SpendingAlarms extends Construct {
  /** It makes calls late: a symptom among others, which one reason may bring together. */
  readonly throttling: readonly Alarm[];
  readonly causes: readonly Alarm[];

  constructor(scope: Construct, id: string, props: SpendingProps) {
    super(scope, id);
    this.throttling = this.#throttled(props);
    this.causes = [this.#runaway(props), this.#spending(props)];
  }

  /** One for each: a metric that was never counted would leave a sum of them without a value. */
  #throttled({ poller, consumer, index }: SpendingProps): Alarm[] {
    const how = { statistic: 'Sum', period: Duration.minutes(5) };
    const throttled = {
      Poller: poller.metricThrottles(how),
      Consumer: consumer.metricThrottles(how),
      Writes: index.metric('WriteThrottleEvents', how),
    };
    return Object.entries(throttled).map(([name, metric]) =>
      runbookAlarm(
        this,
        `${name}Throttled`,
        {
          runbook: 'throttling',
          impact:
            'AWS lets fewer functions or writes run than are needed: calls will be late, and none is lost.',
          missing: { means: 'nothing', because: 'what is not used is not throttled.' },
        },
        {
          metric,
          threshold: 5,
          comparisonOperator: GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
          evaluationPeriods: 2,
        },
      ),
    );
  }

  /** A schedule too many, a retry that should not be, a loop. */
  #runaway({ poller, schedules }: SpendingProps): Alarm {
    const minutes = 15;
    return runbookAlarm(
      this,
      'Runaway',
      {
        runbook: 'poller-runaway',
        impact:
          'The poller runs more often than its schedules: the rate that live dialling needs is used up.',
        missing: { means: 'nothing', because: 'a poller that does not run does not run away.' },
      },
      {
        metric: poller.metricInvocations({ statistic: 'Sum', period: Duration.minutes(minutes) }),
        threshold: schedules * minutes * 1.5,
        comparisonOperator: GREATER_THAN_THRESHOLD,
        evaluationPeriods: 1,
      },
    );
  }

  #spending({ poller, pollerMb, index, secondaryIndexes, dailyUsd }: SpendingProps): Alarm {
    const how = { statistic: 'Sum', period: Duration.hours(6) };
    const day = Duration.days(1).toSeconds() / how.period.toSeconds();
    // What is written anew is published, once: the index counts for the bus too.
    const entry = USD.writeUnit * (1 + secondaryIndexes) + USD.event;
    const waiting = (USD.gbSecond * pollerMb) / 1_024 / 1_000;
    return runbookAlarm(
      this,
      'Spending',
      {
        runbook: 'spending',
        impact: `What calls cost goes on at more than $${dailyUsd} a day.`,
        missing: { means: 'nothing', because: 'what does not run costs nothing by the call.' },
      },
      {
        metric: new MathExpression({
          expression: `${day} * (FILL(writes, 0) * ${decimal(entry)} + FILL(waiting, 0) * ${decimal(waiting)})`,
          usingMetrics: {
            writes: index.metric('ConsumedWriteCapacityUnits', how),
            waiting: poller.metricDuration(how),
          },
          period: how.period,
          label: 'US dollars a day',
        }),
        threshold: dailyUsd,
        comparisonOperator: GREATER_THAN_THRESHOLD,
        evaluationPeriods: 1,
      },
    );
  }
}
