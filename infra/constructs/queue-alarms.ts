import { Duration } from 'aws-cdk-lib';
import { type Alarm, ComparisonOperator } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { runbookAlarm } from './runbook-alarm.ts';

export type WatchedQueue = Pick<
  IQueue,
  | 'metricApproximateNumberOfMessagesVisible'
  | 'metricApproximateAgeOfOldestMessage'
  | 'metricNumberOfMessagesSent'
>;

export interface QueueAlarmsProps {
  readonly queue: WatchedQueue;
  /** By a name for the alarm's id. */
  readonly deadLetters: Readonly<Record<string, WatchedQueue>>;
  readonly undelivered: WatchedQueue;
}

const how = { statistic: 'Maximum', period: Duration.minutes(5) };
/** SQS stops counting a queue that nobody has used for six hours. */
const UNUSED = 'SQS counts no queue that nobody has used for hours, and that holds nothing.';

/** What waits too long, and what was given up. */
export class QueueAlarms extends Construct {
  /** What waits too long for its consumer. */
  readonly old: Alarm;
  readonly deadLetters: readonly Alarm[];
  /** Invocations that did not run, or failed, one after the other. */
  readonly undelivered: Alarm;

  constructor(scope: Construct, id: string, { queue, deadLetters, undelivered }: QueueAlarmsProps) {
    super(scope, id);
    this.undelivered = runbookAlarm(
      this,
      'Undelivered',
      {
        runbook: 'undelivered',
        impact: 'Ticks or runs of other functions fail one after the other: what they do is late.',
        missing: { means: 'nothing', because: UNUSED },
      },
      {
        // One lost tick is nothing: the next owes the same and more.
        metric: undelivered.metricNumberOfMessagesSent({ statistic: 'Sum', period: Duration.minutes(15) }),
        threshold: 5,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: 1,
      },
    );
    this.old = runbookAlarm(
      this,
      'Old',
      {
        runbook: 'messages-old',
        impact: 'Calls that were fetched wait over 15 minutes for the consumer: neither archived nor told.',
        missing: { means: 'nothing', because: UNUSED },
      },
      {
        metric: queue.metricApproximateAgeOfOldestMessage(how),
        threshold: Duration.minutes(15).toSeconds(),
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: 1,
      },
    );
    this.deadLetters = Object.entries(deadLetters).flatMap(([name, letters]) => [
      runbookAlarm(
        this,
        `${name}DeadLetters`,
        {
          runbook: 'dead-letters',
          impact:
            'Something was given up after all its tries: it goes nowhere until somebody sends it again.',
          missing: { means: 'nothing', because: UNUSED },
        },
        {
          metric: letters.metricApproximateNumberOfMessagesVisible(how),
          threshold: 1,
          comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
          evaluationPeriods: 1,
        },
      ),
      runbookAlarm(
        this,
        `${name}DeadLettersOld`,
        {
          runbook: 'dead-letters',
          impact: 'What was given up is lost in four days at most: SQS deletes it 14 days after it was sent.',
          missing: { means: 'nothing', because: UNUSED },
        },
        {
          metric: letters.metricApproximateAgeOfOldestMessage(how),
          threshold: Duration.days(10).toSeconds(),
          comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
          evaluationPeriods: 1,
        },
      ),
    ]);
  }
}
