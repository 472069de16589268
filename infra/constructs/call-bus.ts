import { Aws, Duration, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Archive, CfnEventBusPolicy, EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { EVENT_SOURCE } from '../../shared/contract/call-event.ts';
import type { EncryptionKey } from './encryption-key.ts';
import type { NodeFunction } from './node-function.ts';

/** What an account needs to keep rules on a bus of another. */
const RULE_ACTIONS = [
  'events:PutRule',
  'events:DescribeRule',
  'events:EnableRule',
  'events:DisableRule',
  'events:DeleteRule',
  'events:PutTargets',
  'events:ListTargetsByRule',
  'events:RemoveTargets',
];

export interface CallBusProps {
  readonly keep: boolean;
  readonly key: EncryptionKey;
  /** The name of a bus that is there already; its policy is its owner's. */
  readonly reuse: string | undefined;
  readonly archiveDays: number;
  /** Ids of AWS accounts that may put rules of their own on the bus, and so read what is published. */
  readonly trusted: readonly string[];
}

/** The bus on which every new or changed call is told, and the archive from which it is told again. */
export class CallBus extends Construct {
  readonly bus: IEventBus;

  constructor(scope: Construct, id: string, { keep, key, reuse, archiveDays, trusted }: CallBusProps) {
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
    for (const account of trusted) this.#trust(account);
  }

  #make(keep: boolean): EventBus {
    // A bus must be named. The stack's own id makes the name new with every stack, so that a bus
    // that was kept never blocks the next deployment.
    const unique = Fn.select(2, Fn.split('/', Aws.STACK_ID));
    const bus = new EventBus(this, 'Bus', { eventBusName: Fn.join('-', ['smartflo-calls', unique]) });
    bus.applyRemovalPolicy(keep ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
    return bus;
  }

  /** Another account makes, sees and removes its own rules here, and nobody else's. */
  #trust(account: string): void {
    new CfnEventBusPolicy(this, `Trust${account}`, {
      eventBusName: this.bus.eventBusName,
      statementId: `rules-of-${account}`,
      statement: {
        Effect: 'Allow',
        Principal: { AWS: `arn:${Aws.PARTITION}:iam::${account}:root` },
        Action: RULE_ACTIONS,
        Resource: Stack.of(this).formatArn({
          service: 'events',
          resource: 'rule',
          resourceName: `${this.bus.eventBusName}/*`,
        }),
        Condition: { StringEqualsIfExists: { 'events:creatorAccount': account } },
      },
    });
  }

  grantPublish(fn: NodeFunction<{ EVENT_BUS_NAME: string }>): void {
    fn.give('EVENT_BUS_NAME', this.bus.eventBusName);
    fn.allow(['events:PutEvents'], [this.bus.eventBusArn]);
  }
}
