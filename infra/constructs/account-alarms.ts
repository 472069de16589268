import { Duration } from 'aws-cdk-lib';
import { type Alarm, ComparisonOperator, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { ownMetric } from './own-metric.ts';
import { runbookAlarm } from './runbook-alarm.ts';

const MINUTE = Duration.minutes(1);
const HOUR = Duration.hours(1);

/**
 * Days that a credential still lives at which somebody is told. An alarm tells when it is raised, so it is let go for
 * the day before each further one.
 */
const TOLD_AT = [14, 7, 2] as const;

/** What must be known of one account: whether it lags, whether it is complete, whether its credential lives. */
export class AccountAlarms extends Construct {
  readonly lag: Alarm;
  readonly incomplete: Alarm;
  /** It ends soon; it was refused, or is over. */
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
          means: 'nothing',
          because: 'the prover says it every hour for as long as it lasts, and is watched itself.',
        },
      },
      {
        metric: ownMetric('Incomplete', 'prover', { account, statistic: 'Maximum', period: HOUR }),
        threshold: 1,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        // An hour that was left out takes nothing back.
        evaluationPeriods: 3,
        datapointsToAlarm: 1,
      },
    );
    const days = ownMetric('CredentialDaysLeft', 'poller', { account, statistic: 'Minimum', period: HOUR });
    const spans = TOLD_AT.map((to, at) => ({ to, from: TOLD_AT[at + 1] ?? -1 }));
    const ends = runbookAlarm(
      this,
      'CredentialEnds',
      {
        runbook: 'credential',
        impact: `Soon account ${account} can't be polled: its password or token ends in 14, 7 or 2 days.`,
        missing: {
          means: 'nothing',
          because: 'more days than 14 are not sent, and a credential that does not tell its end has none.',
        },
      },
      {
        metric: new MathExpression({
          expression: `IF(${spans.map(({ from, to }) => `days > ${from + 1} AND days <= ${to}`).join(' OR ')}, 1, 0)`,
          usingMetrics: { days },
          period: HOUR,
          label: 'days left, told',
        }),
        threshold: 1,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: 1,
      },
    );
    const refused = runbookAlarm(
      this,
      'CredentialRefused',
      {
        runbook: 'credential',
        impact: `Account ${account} is not polled: its password or token was refused, or is over.`,
        missing: {
          means: 'nothing',
          because: 'no days left are sent by every tick for as long as it lasts.',
        },
      },
      {
        metric: days,
        threshold: 0,
        comparisonOperator: ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: 1,
      },
    );
    this.credential = [ends, refused];
  }
}
