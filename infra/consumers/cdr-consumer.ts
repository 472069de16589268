import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { type Alarm, ComparisonOperator } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { AttributeType, Billing, type CfnGlobalTable, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Grant } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type CallEvent, EVENT_SOURCE } from '../../shared/contract/call-event.ts';
import { runbookAlarm } from '../constructs/runbook-alarm.ts';

/** Which calls a consumer hears of. What is left out is not looked at; several values mean any of them. */
export interface CallPattern {
  /** Default: both. Days that are proven are told on the same bus, and are none of a call's. */
  readonly detailTypes?: readonly CallEvent['detail-type'][];
  /** The Smartflo accounts, as named in the configuration of the pipeline. */
  readonly accounts?: readonly string[];
  readonly origins?: readonly CallEvent['detail']['origin'][];
  /** `inbound`, `outbound`. */
  readonly directions?: readonly string[];
  /** `answered`, `missed`. */
  readonly statuses?: readonly string[];
}

export interface CdrConsumerProps {
  /** The pipeline's bus: `EventBus.fromEventBusName(...)`, or `fromEventBusArn` from another AWS account. */
  readonly bus: IEventBus;
  /** Default: every call. */
  readonly pattern?: CallPattern;
  /** Reads the queue, and may use the guard's table. Without one the queue is yours to read. */
  readonly handler?: LambdaFunction;
  /** How often an event is tried before it is a dead letter. Default: 20. */
  readonly tries?: number;
  /** Handlers at once, 2 at least. Default: 2. */
  readonly maxConcurrency?: number;
  /** Whom the alarms tell. Without one they are only shown. */
  readonly alarmTopic?: ITopic;
  /**
   * Encrypts queues and table. Its policy must let events.amazonaws.com decrypt and generate data keys. Default: keys
   * that AWS manages, at no cost.
   */
  readonly key?: IKey;
}

/** Environment variable of the handler: name of the guard's table. */
export const REVISIONS_TABLE_VARIABLE = 'REVISIONS_TABLE';

const RETENTION = Duration.days(14);

/**
 * Whatever hears of calls, in one piece: a rule with the pattern, a queue that outlasts an outage of the handler,
 * dead letters, an alarm on each, and the table by which the handler's guard drops what is repeated or out of date
 * (`guarded` and `createConsumerHandler` of this package).
 */
export class CdrConsumer extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly rule: Rule;
  /** What the guard knows: which revision of each call is done. */
  readonly revisions: TableV2;
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: CdrConsumerProps) {
    super(scope, id);
    const { bus, pattern = {}, handler, tries = 20, maxConcurrency = 2, alarmTopic, key } = props;
    const atRest = {
      enforceSSL: true,
      retentionPeriod: RETENTION,
      ...(key
        ? { encryption: QueueEncryption.KMS, encryptionMasterKey: key, dataKeyReuse: Duration.hours(1) }
        : { encryption: QueueEncryption.SQS_MANAGED }),
    };
    this.deadLetters = new Queue(this, 'DeadLetters', atRest);
    const timeout = handler?.timeout ?? Duration.seconds(60);
    this.queue = new Queue(this, 'Queue', {
      ...atRest,
      visibilityTimeout: Duration.seconds(6 * timeout.toSeconds()), // Lambda asks for six times its timeout
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: tries },
    });
    this.rule = new Rule(this, 'Rule', {
      eventBus: bus,
      description: `Calls for ${this.node.path}.`,
      eventPattern: eventPattern(pattern),
      // What the bus can't deliver within a day lies with the rest that was given up.
      targets: [
        new SqsQueue(this.queue, { deadLetterQueue: this.deadLetters, maxEventAge: Duration.days(1) }),
      ],
    });
    this.revisions = new TableV2(this, 'Revisions', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      timeToLiveAttribute: 'expires',
      billing: Billing.onDemand(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      // Nothing but memory of what came: without it events are worked on once more.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    if (key) {
      // The construct takes a key only where the template names its region.
      const table = this.revisions.node.defaultChild as CfnGlobalTable;
      table.addPropertyOverride('SSESpecification', { SSEEnabled: true, SSEType: 'KMS' });
      table.addPropertyOverride('Replicas.0.SSESpecification', { KMSMasterKeyId: key.keyArn });
    }
    if (handler) this.#connect(handler, maxConcurrency, key);
    this.alarms = [this.#old(), this.#dead()];
    if (alarmTopic) for (const alarm of this.alarms) alarm.addAlarmAction(new SnsAction(alarmTopic));
  }

  #connect(handler: LambdaFunction, maxConcurrency: number, key: IKey | undefined): void {
    handler.addEventSource(
      new SqsEventSource(this.queue, { batchSize: 10, maxConcurrency, reportBatchItemFailures: true }),
    );
    handler.addEnvironment(REVISIONS_TABLE_VARIABLE, this.revisions.tableName);
    Grant.addToPrincipal({
      grantee: handler,
      actions: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
      resourceArns: [this.revisions.tableArn],
    });
    key?.grantEncryptDecrypt(handler);
  }

  #old(): Alarm {
    return runbookAlarm(
      this,
      'Old',
      {
        runbook: 'messages-old',
        impact: `Calls wait over 15 minutes for ${this.node.path}.`,
        missing: { means: 'nothing', because: 'SQS counts no queue that nobody has used for hours.' },
      },
      {
        metric: this.queue.metricApproximateAgeOfOldestMessage({
          statistic: 'Maximum',
          period: Duration.minutes(5),
        }),
        threshold: Duration.minutes(15).toSeconds(),
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: 1,
      },
    );
  }

  #dead(): Alarm {
    return runbookAlarm(
      this,
      'Dead',
      {
        runbook: 'dead-letters',
        impact: `${this.node.path} has given up calls: they reach it no more until somebody sends them again.`,
        missing: { means: 'nothing', because: 'SQS counts no queue that nobody has used for hours.' },
      },
      {
        metric: this.deadLetters.metricApproximateNumberOfMessagesVisible({
          statistic: 'Maximum',
          period: Duration.minutes(5),
        }),
        threshold: 1,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        evaluationPeriods: 1,
      },
    );
  }
}

const CALLS: readonly CallEvent['detail-type'][] = ['CallCreated', 'CallChanged'];

const eventPattern = ({ detailTypes = CALLS, accounts, origins, directions, statuses }: CallPattern) => {
  const any = (values: readonly string[] | undefined) => (values ? [...values] : undefined);
  const given = (pairs: Record<string, string[] | undefined>) =>
    Object.fromEntries(Object.entries(pairs).filter(([, values]) => values !== undefined));
  const summary = given({ direction: any(directions), status: any(statuses) });
  const detail = {
    ...given({ account: any(accounts), origin: any(origins) }),
    ...(Object.keys(summary).length > 0 && { summary }),
  };
  return {
    source: [EVENT_SOURCE],
    detailType: [...detailTypes],
    ...(Object.keys(detail).length > 0 && { detail }),
  };
};
