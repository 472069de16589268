import { Duration } from 'aws-cdk-lib';
import { ContextAttribute } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type * as z from 'zod';
import { PollerEnv } from '../../functions/poller/env.ts';
import type { TickInput } from '../../shared/contract/tick.ts';
import { type FunctionSurroundings, NodeFunction } from './node-function.ts';
import { Timetable } from './timetable.ts';

/** At most so many pollers at once; accounts are spread over as many schedules. */
const SCHEDULES = 5;
/** It waits most of its time, and waiting is paid by the megabyte. */
export const POLLER_MB = 256;

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
    const timetable = new Timetable(this, 'Schedules', {
      fn: this.fn,
      every: Duration.minutes(1),
      maxAge: Duration.minutes(1),
      undelivered: surroundings.undelivered,
    });
    this.schedules = Math.min(SCHEDULES, accounts.length);
    for (let index = 0; index < this.schedules; index += 1) {
      const tick: TickInput = {
        scheduledAt: ContextAttribute.scheduledTime,
        accounts: accounts.filter((_, at) => at % this.schedules === index),
      };
      timetable.add(`Schedule${index}`, tick);
    }
  }
}
