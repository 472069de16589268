import { Duration } from 'aws-cdk-lib';
import { type Alarm, ComparisonOperator, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { ownMetric } from './own-metric.ts';
import { runbookAlarm } from './runbook-alarm.ts';

const MINUTE = Duration.minutes(1);
const HOUR = Duration.hours(1);

/** Days that a credential still lives: above the first bound nobody is told, and once from each bound on. */
const CREDENTIAL_BOUNDS = [
  { from: 7, to: 14 },
  { from: 2, to: 7 },
  { from: -1, to: 2 },
] as const;

/** What must be known of one account: whether it lags, whether it is complete, whether its credential lives. */
export class AccountAlarms extends Construct {
  readonly lag: Alarm;
  readonly incomplete: Alarm;
  /** From the mildest on. */
  readonly credential: readonly Alarm[];

  constructor(scope: Construct, id: string, { account }: { account: string }) {
    super(scope, id);
    this.lag = runbookAlarm(
      this,
      'Lag',
      {
        runbook: 'lag',
        impact: `Calls of account ${account} reach their readers more than ten minutes late.`,
        missing: { means: 'trouble', because: 'a poller that works says its lag every minute.' },
      },
      {
        metric: ownMetric('Lag', 'poller', { account, statistic: 'Maximum', period: MINUTE }),
        threshold: 600,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: 5,
      },
    );
    this.incomplete = runbookAlarm(
      this,
      'Incomplete',
      {
        runbook: 'incomplete',
        impact: `Records of a finished day of account ${account} are missing or differ, and repair did not help.`,
        missing: {
          means: 'as before',
          because: 'the prover speaks when it has proved, and its word holds until its next.',
        },
      },
      {
        metric: ownMetric('Incomplete', 'prover', { account, statistic: 'Maximum', period: HOUR }),
        threshold: 1,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: 1,
      },
    );
    const days = ownMetric('CredentialDaysLeft', 'poller', { account, statistic: 'Minimum', period: HOUR });
    this.credential = CREDENTIAL_BOUNDS.map(({ from, to }) =>
      runbookAlarm(
        this,
        `Credential${to}Days`,
        {
          runbook: 'credential',
          impact: `In ${to} days or fewer account ${account} can't be polled: its password or token ends, or was refused.`,
          missing: {
            means: 'nothing',
            because: 'a credential that does not tell its end can not be counted down.',
          },
        },
        {
          // Each bound has a span of its own: a credential that ends, or is refused at once, tells once.
          metric: new MathExpression({
            expression: `IF(days > ${from} AND days <= ${to}, 1, 0)`,
            usingMetrics: { days },
            period: HOUR,
            label: `${to} days or fewer`,
          }),
          threshold: 1,
          comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
          evaluationPeriods: 1,
        },
      ),
    );
  }
}
