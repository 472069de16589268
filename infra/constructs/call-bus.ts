import { Aws, Fn, RemovalPolicy } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import type { NodeFunction } from './node-function.ts';

/** The bus on which every new or changed call is told. */
export class CallBus extends Construct {
  readonly bus: EventBus;

  constructor(scope: Construct, id: string, { keep }: { keep: boolean }) {
    super(scope, id);
    // A bus must be named. The stack's own id makes the name new with every stack, so that a bus
    // that was kept never blocks the next deployment.
    const unique = Fn.select(2, Fn.split('/', Aws.STACK_ID));
    this.bus = new EventBus(this, 'Bus', { eventBusName: Fn.join('-', ['smartflo-calls', unique]) });
    this.bus.applyRemovalPolicy(keep ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
  }

  grantPublish(fn: NodeFunction<{ EVENT_BUS_NAME: string }>): void {
    fn.give('EVENT_BUS_NAME', this.bus.eventBusName);
    fn.allow(['events:PutEvents'], [this.bus.eventBusArn]);
  }
}
