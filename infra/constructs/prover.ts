import { Aws, Duration } from 'aws-cdk-lib';
import { type Alarm, ComparisonOperator, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
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
import type * as z from 'zod';
import { ProverEnv } from '../../functions/prover/env.ts';
import type { ProveInput } from '../../shared/contract/prove-order.ts';
import { ExactRole } from './exact-role.ts';
import { type FunctionSurroundings, NodeFunction } from './node-function.ts';
import { runbookAlarm } from './runbook-alarm.ts';

/** The next hour's look owes the same and more. */
const NO_RETRY = { retryAttempts: 0, maxEventAge: Duration.minutes(30) };

export interface ProverProps extends FunctionSurroundings {
  readonly accounts: readonly ProveInput['accounts'][number][];
}

/** Every hour: schedule → prover, for the days that are due. */
export class Prover extends Construct {
  readonly fn: NodeFunction<z.input<typeof ProverEnv>>;
  readonly alarm: Alarm;

  constructor(scope: Construct, id: string, { accounts, ...surroundings }: ProverProps) {
    super(scope, id);
    this.fn = new NodeFunction(this, 'Prover', {
      folder: 'prover',
      description: 'Proves day by day that source, archive and index agree, and has made good what differs.',
      env: ProverEnv,
      timeout: Duration.minutes(15),
      memoryMb: 512,
      ...surroundings,
    });
    this.fn.lambda.configureAsyncInvoke({
      ...NO_RETRY,
      onFailure: new SqsDestination(surroundings.undelivered.queue),
    });
    const how = { statistic: 'Sum', period: Duration.hours(1) };
    this.alarm = runbookAlarm(
      this,
      'NotProving',
      {
        runbook: 'not-proving',
        impact: 'For three hours no day could be proven: whether calls are missing is not known, nor healed.',
        missing: { means: 'trouble', because: 'a prover that is invoked counts, however it ends.' },
      },
      {
        metric: new MathExpression({
          expression: 'runs - errors',
          usingMetrics: {
            runs: this.fn.lambda.metricInvocations(how),
            errors: this.fn.lambda.metricErrors(how),
          },
          period: how.period,
          label: 'runs that ended well',
        }),
        threshold: 1,
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        evaluationPeriods: 3,
      },
    );
    const caller = new ExactRole(this, 'Schedules', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    });
    caller.allow(['lambda:InvokeFunction'], [this.fn.lambda.functionArn]);
    surroundings.undelivered.grantSend(caller);
    const order: ProveInput = { scheduledAt: ContextAttribute.scheduledTime, accounts: [...accounts] };
    new Schedule(this, 'Schedule', {
      schedule: ScheduleExpression.rate(Duration.hours(1)),
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
