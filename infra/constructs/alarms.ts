import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmRule,
  AlarmState,
  type CfnCompositeAlarm,
  ComparisonOperator,
  CompositeAlarm,
  type IAlarm,
  MathExpression,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { AccountAlarms } from './account-alarms.ts';
import { ownMetric } from './own-metric.ts';
import { QueueAlarms, type WatchedQueue } from './queue-alarms.ts';
import { RUNBOOK, runbookAlarm, unusuallyLowAlarm } from './runbook-alarm.ts';
import { SpendingAlarms, type SpendingProps } from './spending-alarms.ts';

const { GREATER_THAN_OR_EQUAL_TO_THRESHOLD, GREATER_THAN_THRESHOLD, LESS_THAN_THRESHOLD } =
  ComparisonOperator;

export interface AlarmsProps extends SpendingProps {
  readonly accounts: readonly string[];
  readonly queue: WatchedQueue;
  readonly deadLetters: Readonly<Record<string, WatchedQueue>>;
  /** Where an invocation goes that did not run, or failed. */
  readonly undelivered: WatchedQueue;
  /** Whoever is told. */
  readonly topic: ITopic;
}

/** Records an hour below which nothing is said about how many there are. */
const SILENCE_FLOOR = 20;

/** How long a symptom waits for its cause to be seen, before it is told by itself. */
const WAIT = Duration.minutes(10);

/**
 * Every alarm of a deployment. What is a cause is told by itself. What is a symptom (calls come late, or not at all)
 * is told by one composite, and only where no cause has been told: so one cause wakes somebody once.
 */
export class Alarms extends Construct {
  readonly #telling: ITopic;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { accounts, topic } = props;
    this.#telling = topic;
    const ofAccounts = accounts.map((account) => new AccountAlarms(this, account, { account }));
    const queues = new QueueAlarms(this, 'Queues', props);
    const spending = new SpendingAlarms(this, 'Spending', props);
    const refuses = this.#sourceRefuses(accounts.length);

    this.#tell(
      refuses,
      ...queues.deadLetters,
      ...spending.causes,
      this.#countMismatch(),
      this.#quarantine(),
      this.#changeStorm(),
      ...ofAccounts.flatMap(({ incomplete, credential }) => [incomplete, ...credential]),
    );
    const symptoms = [
      this.#nothingCovered(),
      this.#sweepDebt(),
      this.#rateBudget(),
      this.#silence(),
      queues.old,
      queues.undelivered,
      ...spending.throttling,
      ...ofAccounts.map(({ lag }) => lag),
    ];
    const cause = this.#cause(accounts.length);
    // These are not told by themselves; that nobody can judge one any more is.
    for (const alarm of [...symptoms, cause]) alarm.addInsufficientDataAction(new SnsAction(topic));
    const behind = new CompositeAlarm(this, 'Behind', {
      alarmDescription: `Calls are late, or fewer than they should be, and no cause has been told. What to do: ${RUNBOOK}#behind`,
      alarmRule: inAlarm(symptoms),
      actionsSuppressor: cause,
      actionsSuppressorWaitPeriod: WAIT,
      actionsSuppressorExtensionPeriod: WAIT,
    });
    behind.addAlarmAction(new SnsAction(topic));
    // Where none is given the construct writes one of its own, which a second deployment would collide with.
    (behind.node.defaultChild as CfnCompositeAlarm).addPropertyDeletionOverride('AlarmName');
  }

  #tell(...alarms: readonly Alarm[]): void {
    for (const alarm of alarms) alarm.addAlarmAction(new SnsAction(this.#telling));
  }

  #nothingCovered(): Alarm {
    return runbookAlarm(
      this,
      'NothingCovered',
      {
        runbook: 'nothing-covered',
        impact: 'No account gets any call: for three periods no window was read.',
        missing: {
          means: 'trouble',
          because: 'a poller that works covers a window a minute, however quiet the night.',
        },
      },
      {
        // A tick that covered a window says how many records it sent, none among them.
        metric: ownMetric('RecordsSent', 'poller', { statistic: 'SampleCount', period: Duration.minutes(2) }),
        threshold: 1,
        comparisonOperator: LESS_THAN_THRESHOLD,
        evaluationPeriods: 3,
      },
    );
  }

  #sweepDebt(): Alarm {
    return runbookAlarm(
      this,
      'SweepDebt',
      {
        runbook: 'sweep-debt',
        impact:
          'Late and edited calls are found later than promised: more than a day of looks is owed for six hours.',
        missing: { means: 'nothing', because: 'less than half a day of debt is not sent.' },
      },
      {
        metric: ownMetric('SweepDebt', 'poller', { statistic: 'Maximum', period: Duration.hours(1) }),
        threshold: Duration.days(1).toSeconds(),
        comparisonOperator: GREATER_THAN_THRESHOLD,
        evaluationPeriods: 6,
      },
    );
  }

  #rateBudget(): Alarm {
    return runbookAlarm(
      this,
      'RateBudget',
      {
        runbook: 'rate-budget',
        impact: 'The rate carries no more calls: what is owed takes over 90 % of it for three hours.',
        missing: { means: 'nothing', because: 'less than 80 % of the rate is not sent.' },
      },
      {
        metric: ownMetric('BudgetUsed', 'poller', { statistic: 'Maximum', period: Duration.minutes(5) }),
        threshold: 90,
        comparisonOperator: GREATER_THAN_THRESHOLD,
        evaluationPeriods: 36,
      },
    );
  }

  #silence(): Alarm {
    const period = Duration.hours(1);
    return unusuallyLowAlarm(
      this,
      'Silence',
      {
        runbook: 'silence',
        impact:
          'Far fewer calls come than in the same hours of past weeks: telephony, or what we may see, has changed.',
        missing: {
          means: 'nothing',
          because: 'a poller that does not run is told by its lag, and says nothing of calls.',
        },
      },
      {
        // Where few calls come an hour without any is usual: below the floor all hours are alike.
        metric: new MathExpression({
          expression: `IF(records > ${SILENCE_FLOOR}, records, ${SILENCE_FLOOR})`,
          usingMetrics: { records: ownMetric('RecordsSent', 'poller', { statistic: 'Sum', period }) },
          period,
          label: 'records an hour',
        }),
        stdDevs: 3,
        evaluationPeriods: 2,
      },
    );
  }

  /** Ticks ended by the source before their time, for ten minutes. One account is enough where there are few. */
  #sourceRefuses(accounts: number): Alarm {
    return runbookAlarm(
      this,
      'SourceRefuses',
      {
        runbook: 'source-refuses',
        impact:
          'Smartflo does not answer, or not usefully: calls will be late until it does, and none is lost.',
        missing: { means: 'nothing', because: 'it is counted only when it happens.' },
      },
      {
        metric: ownMetric('TicksRefused', 'poller', { statistic: 'Sum', period: Duration.minutes(5) }),
        threshold: 3 + Math.floor(accounts / 10),
        comparisonOperator: GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: 2,
      },
    );
  }

  /**
   * Most of the ticks are hindered by what is told by itself: it holds Behind back, and tells nothing. One account of
   * several that is hindered does not, for the others' symptoms are none of its.
   *
   * Its id is not `Cause`: that was a composite, and CloudFormation changes no resource into one of another type.
   */
  #cause(accounts: number): Alarm {
    return runbookAlarm(
      this,
      'CauseKnown',
      {
        runbook: 'behind',
        impact:
          'Calls are late for a cause that was told by itself (source or credential), so Behind is not told.',
        missing: { means: 'nothing', because: 'it is counted only when it happens.' },
      },
      {
        metric: ownMetric('TicksHindered', 'poller', { statistic: 'Sum', period: Duration.minutes(5) }),
        threshold: 3 * accounts,
        comparisonOperator: GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: 1,
      },
    );
  }

  #countMismatch(): Alarm {
    return this.#anyAtAll('CountMismatch', 'Exceptions', 'poller', {
      runbook: 'count-mismatch',
      impact:
        'Smartflo counts calls that it does not show, and reading again did not help: they may be missing.',
    });
  }

  #quarantine(): Alarm {
    return this.#anyAtAll('Quarantine', 'Quarantined', 'consumer', {
      runbook: 'quarantine',
      impact: 'Something came that can be archived but not indexed: nobody finds it until it is looked at.',
    });
  }

  #anyAtAll(
    id: string,
    name: 'Exceptions' | 'Quarantined',
    service: 'poller' | 'consumer',
    { runbook, impact }: { runbook: string; impact: string },
  ): Alarm {
    return runbookAlarm(
      this,
      id,
      { runbook, impact, missing: { means: 'nothing', because: 'it is counted only when it happens.' } },
      {
        metric: ownMetric(name, service, { statistic: 'Sum', period: Duration.minutes(5) }),
        threshold: 1,
        comparisonOperator: GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: 1,
      },
    );
  }

  #changeStorm(): Alarm {
    return runbookAlarm(
      this,
      'ChangeStorm',
      {
        runbook: 'change-storm',
        impact: 'Over a fifth of the records read again have changed: consumers are flooded, the bill grows.',
        missing: { means: 'nothing', because: 'it is counted only when records are read again.' },
      },
      {
        metric: ownMetric('ExcessChanges', 'poller', { statistic: 'Sum', period: Duration.hours(1) }),
        // Of a handful of records a fifth is one edit: so many changes above it there must be.
        threshold: 10,
        comparisonOperator: GREATER_THAN_THRESHOLD,
        evaluationPeriods: 1,
      },
    );
  }
}

const inAlarm = (alarms: readonly IAlarm[]) =>
  AlarmRule.anyOf(...alarms.map((alarm) => AlarmRule.fromAlarm(alarm, AlarmState.ALARM)));
