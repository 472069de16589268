import { Aws, Duration, Fn, RemovalPolicy } from 'aws-cdk-lib';
import { Archive, EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { EVENT_SOURCE } from '../../shared/contract/call-event.ts';
import type { EncryptionKey } from './encryption-key.ts';
import type { NodeFunction } from './node-function.ts';

export interface CallBusProps {
  readonly keep: boolean;
  readonly key: EncryptionKey;
  /** The name of a bus that is there already; its policy is its owner's. */
  readonly reuse: string | undefined;
  readonly archiveDays: number;
}

/** The bus on which every new or changed call is told, and the archive from which it is told again. */
export class CallBus extends Construct {
  readonly bus: IEventBus;

  constructor(scope: Construct, id: string, { keep, key, reuse, archiveDays }: CallBusProps) {
    super(scope, id);
    this.bus = reuse === undefined ? this.#make(keep) : EventBus.fromEventBusName(this, 'Reused', reuse);
    // Not kept with the rest: what is in it is in the bucket as well, and replay is for the last days.
    new Archive(this, 'Replay', {
      description: 'Smartflo calls, for replay to a consumer.',
      sourceEventBus: this.bus,
      eventPattern: { source: [EVENT_SOURCE] },
      retention: Duration.days(archiveDays),
      kmsKey: key.key,
    });
  }

  #make(keep: boolean): EventBus {
    // A bus must be named. The stack's own id makes the name new with every stack, so that a bus
    // that was kept never blocks the next deployment.
    const unique = Fn.select(2, Fn.split('/', Aws.STACK_ID));
    const bus = new EventBus(this, 'Bus', { eventBusName: Fn.join('-', ['smartflo-calls', unique]) });
    bus.applyRemovalPolicy(keep ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
    return bus;
  }

  grantPublish(fn: NodeFunction<{ EVENT_BUS_NAME: string }>): void {
    fn.give('EVENT_BUS_NAME', this.bus.eventBusName);
    fn.allow(['events:PutEvents'], [this.bus.eventBusArn]);
  }
}
