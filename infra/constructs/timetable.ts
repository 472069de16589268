import { Aws, type Duration } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { Schedule, ScheduleExpression, ScheduleTargetInput, TimeWindow } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Construct } from 'constructs';
import { ExactRole } from './exact-role.ts';
import type { NodeFunction } from './node-function.ts';
import type { Undelivered } from './undelivered.ts';

export interface TimetableProps {
  readonly fn: Pick<NodeFunction<Record<string, string>>, 'lambda'>;
  readonly every: Duration;
  /** An invocation that comes later is of no use: the next one owes the same and more. So there are no retries either. */
  readonly maxAge: Duration;
  /** Where an invocation goes that did not run, or failed. */
  readonly undelivered: Undelivered;
}

/** Invokes a function by the clock, once each time, and keeps what did not run: the role that does it, and schedules. */
export class Timetable extends ExactRole {
  readonly #scope: Construct;
  readonly #props: TimetableProps;

  constructor(scope: Construct, id: string, props: TimetableProps) {
    super(scope, id, {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    });
    this.#scope = scope;
    this.#props = props;
    const { fn, undelivered } = props;
    this.allow(['lambda:InvokeFunction'], [fn.lambda.functionArn]);
    undelivered.grantSend(this);
    fn.lambda.configureAsyncInvoke({
      ...this.#once(),
      // Beside the dead letter, which is the input alone: this says with what it failed.
      onFailure: new SqsDestination(undelivered.queue),
    });
  }

  /** @param input what the function is invoked with; stands beside the timetable, so that its id names it. */
  add(id: string, input: object): void {
    const { fn, every, undelivered } = this.#props;
    // oxlint-disable-next-line no-new -- a construct is made for its template
    new Schedule(this.#scope, id, {
      schedule: ScheduleExpression.rate(every),
      timeWindow: TimeWindow.off(),
      target: new LambdaInvoke(fn.lambda, {
        input: ScheduleTargetInput.fromObject(input),
        role: this.role,
        deadLetterQueue: undelivered.queue,
        ...this.#once(),
      }),
    });
  }

  #once() {
    return { retryAttempts: 0, maxEventAge: this.#props.maxAge };
  }
}
