import { DAY, type EpochMs, HOUR, parseIstDate } from '../../shared/core/time.ts';
import { AlarmWatch } from './alarm-watch.ts';
import type { Datapoint } from './emitted-metrics.ts';
import { stacksOf } from './stacks.ts';

export const MIDNIGHT = parseIstDate('2026-03-10') ?? 0;
export const NOON = MIDNIGHT + 12 * HOUR;
/** The alarms that are deployed unless configured otherwise. */
export const template = stacksOf();

/** Alarms by the path that their construct has, less the hash that the CDK adds. */
export const bare = (id: string): string =>
  id.replace(/^(Alarms|Prove|Compact)/, '').replace(/[0-9A-F]{8}$/, '');
export const raisedIn = (watch: AlarmWatch): string[] => [...watch.raised].map(bare).sort();
export const pagesIn = (watch: AlarmWatch): string[] => watch.pages.map(({ alarm }) => bare(alarm));

/** What AWS's services count by themselves, with the dimensions that they give it (their documentation, 2026-11). */
export const OF_AWS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'AWS/SQS': {
    ApproximateNumberOfMessagesVisible: ['QueueName'],
    ApproximateAgeOfOldestMessage: ['QueueName'],
    NumberOfMessagesSent: ['QueueName'],
  },
  'AWS/Lambda': {
    Invocations: ['FunctionName'],
    Errors: ['FunctionName'],
    Throttles: ['FunctionName'],
    Duration: ['FunctionName'],
  },
  'AWS/DynamoDB': {
    ConsumedWriteCapacityUnits: ['TableName'],
    WriteThrottleEvents: ['TableName'],
  },
};

/** A value of a service's own metric, under the dimensions that an alarm of that name watches. */
export const ofAws = (
  watch: AlarmWatch,
  alarm: string,
  name: string,
  value: number,
  at: EpochMs,
): Datapoint[] =>
  watch.alarms
    .filter(({ id }) => bare(id) === alarm)
    .flatMap(({ watched }) => watched)
    .filter((metric) => metric.name === name)
    .map(({ namespace, dimensions }) => ({ namespace, name, dimensions, value, at }));

/** Alarms that see a prover at work, as it is beside every fault but its own. */
export const watching = (): AlarmWatch => {
  const watch = new AlarmWatch(template);
  for (let at = MIDNIGHT - DAY; at < MIDNIGHT + 17 * DAY; at += HOUR) {
    watch.metrics.add(ofAws(watch, 'NotProving', 'Invocations', 1, at));
    watch.metrics.add(ofAws(watch, 'NotProving', 'Errors', 0, at));
  }
  return watch;
};

/** A poller that works: ten minutes of it stand before every fault. */
export const calm = {
  seed: 4,
  historyFrom: NOON - HOUR,
  startedAt: NOON,
  knobs: { calls: { callsPerMinute: 2 } },
};
