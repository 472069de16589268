import { Duration } from 'aws-cdk-lib';
import { type Alarm, ComparisonOperator } from 'aws-cdk-lib/aws-cloudwatch';
import { ContextAttribute } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { CompactorEnv } from '../../functions/compactor/env.ts';
import type { NodeHeap } from '../../shared/contract/node-heap.ts';
import type { CompactionOrderInput } from '../../shared/contract/compaction.ts';
import type { Config } from '../config.ts';
import { type FunctionSurroundings, NodeFunction } from './node-function.ts';
import { runbookAlarm } from './runbook-alarm.ts';
import { Timetable } from './timetable.ts';

/** What comes late for a finished day is in `calls` within an hour: at most this, and a run, after it came. */
const EVERY = Duration.minutes(30);

/**
 * With the 88 MB a semi-space that the runtime would give, ten thousand calls took twice the memory for the same CPU
 * (docs/performance.md, "Finished days as files"). Some 20 MB are held of old objects; the rest is for a strange day.
 */
const HEAP: NodeHeap = { oldMb: 300, semiSpaceMb: 2 };

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
      heap: HEAP,
      ...surroundings,
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

    const timetable = new Timetable(this, 'Schedules', {
      fn: this.fn,
      every: EVERY,
      maxAge: EVERY,
      undelivered: surroundings.undelivered,
    });
    const order: CompactionOrderInput = {
      scheduledAt: ContextAttribute.scheduledTime,
      curatedAfterDays: config.curatedAfterDays,
      volatilePaths: Object.fromEntries(
        config.accounts.map(({ name, volatilePaths }) => [name, volatilePaths]),
      ),
    };
    timetable.add('Schedule', order);
  }
}
