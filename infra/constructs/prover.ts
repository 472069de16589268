import { Duration } from 'aws-cdk-lib';
import { type Alarm, ComparisonOperator, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { ContextAttribute } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type * as z from 'zod';
import { ProverEnv } from '../../functions/prover/env.ts';
import type { NodeHeap } from '../../shared/contract/node-heap.ts';
import type { ProveInput } from '../../shared/contract/prove-order.ts';
import { type FunctionSurroundings, NodeFunction } from './node-function.ts';
import { runbookAlarm } from './runbook-alarm.ts';
import { Timetable } from './timetable.ts';

/**
 * A proof holds little for long, so a larger young generation saves it no time: with the 25 MB a semi-space that the
 * runtime would give, a day held half as much again for the same CPU (docs/performance.md, "The proof of a day").
 */
const HEAP: NodeHeap = { oldMb: 256, semiSpaceMb: 4 };

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
      heap: HEAP,
      ...surroundings,
    });
    const how = { statistic: 'Sum', period: Duration.hours(1) };
    this.alarm = runbookAlarm(
      this,
      'NotProving',
      {
        runbook: 'not-proving',
        impact:
          'For three hours some day, or every one, could not be proven: whether its calls are missing is not known, nor healed.',
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
    const timetable = new Timetable(this, 'Schedules', {
      fn: this.fn,
      every: Duration.hours(1),
      maxAge: Duration.minutes(30),
      undelivered: surroundings.undelivered,
    });
    const order: ProveInput = { scheduledAt: ContextAttribute.scheduledTime, accounts: [...accounts] };
    timetable.add('Schedule', order);
  }
}
