import { Aws, Duration } from 'aws-cdk-lib';
import { type Alarm, ComparisonOperator } from 'aws-cdk-lib/aws-cloudwatch';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import {
  ContextAttribute,
  Schedule,
  ScheduleExpression,
  ScheduleTargetInput,
  TimeWindow,
} from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';
import { CompactorEnv } from '../../functions/compactor/env.ts';
import type { CompactionOrderInput } from '../../shared/contract/compaction.ts';
import type { Config } from '../config.ts';
import { ExactRole } from './exact-role.ts';
import { type FunctionSurroundings, NodeFunction } from './node-function.ts';
import { runbookAlarm } from './runbook-alarm.ts';

/** What comes late for a finished day is in `calls` within an hour: at most this, and a run, after it came. */
const EVERY = Duration.minutes(30);

/** A run that fails or comes late is of no use: the next one owes the same and more. */
const NO_RETRY = { retryAttempts: 0, maxEventAge: EVERY };

export interface CompactorProps extends FunctionSurroundings {
  readonly config: Pick<Config, 'accounts' | 'curatedAfterDays'>;
}

/** Every half hour: finished days become columnar files. */
export class Compactor extends Construct {
  readonly fn: NodeFunction<CompactorEnv>;
  readonly alarm: Alarm;

  constructor(scope: Construct, id: string, { config, ...surroundings }: CompactorProps) {
    super(scope, id);
    this.fn = new NodeFunction(this, 'Compactor', {
      folder: 'compactor',
      description: 'Makes columnar files of finished days, and makes them again when something comes late.',
      env: CompactorEnv,
      timeout: Duration.minutes(15),
      memoryMb: 1_769, // one whole core: it computes all the time
      ...surroundings,
    });
    this.fn.lambda.configureAsyncInvoke({
      ...NO_RETRY,
      onFailure: new SqsDestination(surroundings.undelivered.queue),
    });

    this.alarm = runbookAlarm(
      this,
      'NotCurated',
      {
        runbook: 'not-curated',
        impact:
          'For six hours a finished day could not be made into files: it costs more to ask, and what came late for it may be in calls_raw alone.',
        missing: {
          means: 'nothing',
          because: 'where nothing runs, calls reads those days as they came, which is right and only dearer.',
        },
      },
      {
        metric: this.fn.lambda.metricErrors({ statistic: 'Sum', period: Duration.hours(1) }),
        threshold: 1,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: 6,
      },
    );

    const caller = new ExactRole(this, 'Schedules', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    });
    caller.allow(['lambda:InvokeFunction'], [this.fn.lambda.functionArn]);
    surroundings.undelivered.grantSend(caller);
    const order: CompactionOrderInput = {
      scheduledAt: ContextAttribute.scheduledTime,
      curatedAfterDays: config.curatedAfterDays,
      volatilePaths: Object.fromEntries(
        config.accounts.map(({ name, volatilePaths }) => [name, volatilePaths]),
      ),
    };
    new Schedule(this, 'Schedule', {
      schedule: ScheduleExpression.rate(EVERY),
      timeWindow: TimeWindow.off(),
      target: new LambdaInvoke(this.fn.lambda, {
        input: ScheduleTargetInput.fromObject(order),
        role: caller.role,
        deadLetterQueue: surroundings.undelivered.queue,
        ...NO_RETRY,
      }),
    });
  }
}
