import { Aws, Duration } from 'aws-cdk-lib';
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
import { PollerEnv } from '../../functions/poller/env.ts';
import type { TickInput } from '../../shared/contract/tick.ts';
import { ExactRole } from './exact-role.ts';
import { type FunctionSurroundings, NodeFunction } from './node-function.ts';

/** At most so many pollers at once; accounts are spread over as many schedules. */
const SCHEDULES = 5;
/** It waits most of its time, and waiting is paid by the megabyte. */
export const POLLER_MB = 256;

/** A tick that comes late is of no use: the next one owes the same and more. */
const NO_RETRY = { retryAttempts: 0, maxEventAge: Duration.minutes(1) };

export interface PollerProps extends FunctionSurroundings {
  readonly accounts: readonly TickInput['accounts'][number][];
}

/** Every minute, per account: schedules → poller. */
export class Poller extends Construct {
  readonly fn: NodeFunction<z.input<typeof PollerEnv>>;
  /** How many of them invoke it every minute. */
  readonly schedules: number;

  constructor(scope: Construct, id: string, { accounts, ...surroundings }: PollerProps) {
    super(scope, id);
    this.fn = new NodeFunction(this, 'Poller', {
      folder: 'poller',
      description: 'Asks Smartflo for the calls that are owed, and queues what differs.',
      env: PollerEnv,
      timeout: Duration.seconds(60),
      memoryMb: POLLER_MB,
      ...surroundings,
    });
    this.fn.lambda.configureAsyncInvoke({
      ...NO_RETRY,
      // Beside the dead letter, which is the tick alone: this says with what it failed.
      onFailure: new SqsDestination(surroundings.undelivered.queue),
    });

    const caller = new ExactRole(this, 'Schedules', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    });
    caller.allow(['lambda:InvokeFunction'], [this.fn.lambda.functionArn]);
    surroundings.undelivered.grantSend(caller);
    this.schedules = Math.min(SCHEDULES, accounts.length);
    for (let index = 0; index < this.schedules; index += 1) {
      const tick: TickInput = {
        scheduledAt: ContextAttribute.scheduledTime,
        accounts: accounts.filter((_, at) => at % this.schedules === index),
      };
      new Schedule(this, `Schedule${index}`, {
        schedule: ScheduleExpression.rate(Duration.minutes(1)),
        timeWindow: TimeWindow.off(),
        target: new LambdaInvoke(this.fn.lambda, {
          input: ScheduleTargetInput.fromObject(tick),
          role: caller.role,
          deadLetterQueue: surroundings.undelivered.queue,
          ...NO_RETRY,
        }),
      });
    }
  }
}
