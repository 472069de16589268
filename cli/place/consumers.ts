import {
  DescribeRuleCommand,
  type EventBridgeClient,
  ListTargetsByRuleCommand,
  TestEventPatternCommand,
} from '@aws-sdk/client-eventbridge';
import { GetQueueAttributesCommand, GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SystemNames } from '../../local/system-names.ts';
import { deadLetterUrlOf } from '../../shared/adapters/sqs-dead-letters.ts';
import { createSqsQueue } from '../../shared/adapters/sqs-queue.ts';
import type { Queue } from '../../shared/ports/queue.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure } from '../failure.ts';

/** Who gets the events of this system: queues, reached directly or through a rule of the bus. */
export interface Consumer {
  readonly via: 'queue' | 'rule';
  readonly name: string;
  /** What the envelope of an event names as its origin: the AWS account and region of the system. */
  readonly sender: { readonly account: string; readonly region: string };
  readonly queues: readonly { readonly url: string; readonly queue: Queue }[];
  /** Whether the rule's pattern lets an event pass, as EventBridge says; a queue takes every event. */
  passes(envelope: string): Promise<boolean>;
}

/** Finds consumers by their names. */
export interface Consumers {
  /** @throws {Failure} where nothing fit has this name. */
  find(name: string): Promise<Consumer>;
}

const QUEUE_ARN = /^arn:[^:]+:sqs:([^:]*):([^:]*):(.+)$/;

const named = (thrown: unknown, ...names: string[]): boolean =>
  thrown instanceof Error && names.some((name) => thrown.name.includes(name));

/** @param kind of the place: the bus of a data folder has no rules */
export const createConsumers = (
  { sqs, events }: { sqs: SQSClient; events: EventBridgeClient },
  { queueUrl, eventBus }: SystemNames,
  kind: 'folder' | 'stack',
): Consumers => {
  const urlOf = async (name: string): Promise<string | undefined> => {
    const [, , owner, queue] = QUEUE_ARN.exec(name) ?? [];
    try {
      if (/^https?:/.test(name)) {
        await sqs.send(new GetQueueAttributesCommand({ QueueUrl: name, AttributeNames: ['QueueArn'] }));
        return name;
      }
      const asked = new GetQueueUrlCommand({
        QueueName: queue ?? name,
        ...(owner && kind === 'stack' && { QueueOwnerAWSAccountId: owner }),
      });
      return (await sqs.send(asked)).QueueUrl;
    } catch (thrown) {
      if (named(thrown, 'QueueDoesNotExist', 'NonExistentQueue', 'InvalidAddress', 'InvalidParameterValue'))
        return undefined;
      throw thrown;
    }
  };

  /** The system's own queue takes packs, not events: an event there would end in quarantine. */
  const refuseOwn = async (url: string): Promise<void> => {
    const nameOf = (at: string) => at.slice(at.lastIndexOf('/') + 1);
    const own = [queueUrl, await deadLetterUrlOf(sqs, queueUrl)].map(nameOf);
    if (!own.includes(nameOf(url))) return;
    throw new Failure('replay-target-unfit', "this is the system's own queue", {
      came: nameOf(url),
      wanted: 'a queue of a consumer of events',
      cure: 'name the queue, or the rule, by which the consumer gets its events',
      exit: EXIT.usage,
    });
  };

  const opened = async (via: Consumer['via'], name: string, urls: readonly string[]) => {
    for (const url of urls) await refuseOwn(url);
    const sender = { account: queueUrl.split('/').at(-2) ?? '', region: await sqs.config.region() };
    return { via, name, sender, queues: urls.map((url) => ({ url, queue: createSqsQueue(sqs, url) })) };
  };

  const ruleOf = async (name: string): Promise<Consumer | undefined> => {
    const bus = { EventBusName: eventBus };
    try {
      const [{ EventPattern }, { Targets = [] }] = await Promise.all([
        events.send(new DescribeRuleCommand({ Name: name, ...bus })),
        events.send(new ListTargetsByRuleCommand({ Rule: name, ...bus })),
      ]);
      const shaped = Targets.find(({ Input, InputPath, InputTransformer }) =>
        Boolean(Input ?? InputPath ?? InputTransformer),
      );
      if (shaped) throw unfitRule(name, `its target ${shaped.Id ?? ''} reshapes events`);
      const others = Targets.filter(({ Arn = '' }) => !QUEUE_ARN.test(Arn));
      if (others.length > 0)
        throw unfitRule(name, `its targets are no queues: ${others.map(({ Arn }) => Arn).join(', ')}`);
      const urls = await Promise.all(Targets.map(({ Arn = '' }) => urlOf(Arn)));
      const found = urls.filter((url) => url !== undefined);
      if (found.length === 0) throw unfitRule(name, 'it has no target');
      return {
        ...(await opened('rule', name, found)),
        async passes(Event) {
          if (EventPattern === undefined) return false;
          return (await events.send(new TestEventPatternCommand({ EventPattern, Event }))).Result ?? false;
        },
      };
    } catch (thrown) {
      if (named(thrown, 'ResourceNotFound')) return undefined;
      throw thrown;
    }
  };

  return {
    async find(name) {
      const url = await urlOf(name);
      if (url !== undefined) return { ...(await opened('queue', name, [url])), passes: async () => true };
      const rule = kind === 'stack' ? await ruleOf(name) : undefined;
      if (rule) return rule;
      throw new Failure('replay-target-unknown', 'nothing to replay to has this name', {
        came: name,
        wanted:
          kind === 'stack'
            ? `an SQS queue (name, URL or ARN), or a rule of the bus ${eventBus}`
            : 'an SQS queue of the data folder: its bus keeps no rules, so none can be looked up here',
        cure:
          kind === 'stack'
            ? `aws events list-rules --event-bus-name ${eventBus} lists the rules`
            : 'name a queue, or --stack for the rules of a deployed system',
        exit: EXIT.usage,
      });
    },
  };
};

const unfitRule = (name: string, came: string): Failure =>
  new Failure('replay-target-unfit', `the rule ${name} can not be served directly`, {
    came,
    wanted: 'a rule whose targets are SQS queues that get events as they are',
    cure: 'name the queue of the consumer instead of the rule',
    exit: EXIT.usage,
  });
