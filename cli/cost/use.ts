import * as z from 'zod';
import type { Account } from '../../shared/contract/account.ts';
import { policyOf } from '../../shared/contract/account.ts';
import { METRICS } from '../../shared/contract/metrics.ts';
import { durationPrior } from '../../shared/core/durations.ts';
import { planRequests } from '../../shared/core/request-plan.ts';
import { rateSeconds } from '../../local/template-shapes.ts';
import type { TemplateResource } from '../../local/template.ts';
import {
  ARCHIVE_BYTES,
  BATCH_LOG_BYTES,
  BATCH_SECONDS,
  CALL_METRICS,
  COMPACTOR_LISTS,
  CREDENTIAL_TOLD,
  DAY_LISTS,
  ENTRY_BYTES,
  ENTRY_OVERHEAD,
  EVENT_BYTES,
  LOG_COMPRESSION,
  RECORD_SECONDS,
  RECORDS_PER_CALL,
  CURATED_BYTES,
  CURATION_PASSES,
  CURATION_SECONDS,
  GENERATIONS,
  IDLE_CURATION_SECONDS,
  MASKED_BYTES,
  IDLE_PROOF_SECONDS,
  PROOF_SECONDS,
  LIST_NAMES,
  OTHER_DOCUMENTS,
  PROOFS,
  PROVEN_DAYS,
  SECRET_READS_PER_HOUR,
  SLICES_PER_DAY,
  SOURCE_LATENCY,
  TICK_LOG_BYTES,
  TICK_OVERHEAD,
  tickUse,
} from './measured.ts';
import type { Quantity } from './quantity.ts';

/** A month of 30 days, as calls a month are calls a day times 30. */
export const DAYS = 30;
const MINUTES = DAYS * 1_440;
const SECONDS = MINUTES * 60;
const GB = 1e9;

/** What of a template decides how dear its use is. */
export interface Shape {
  /** Invocations a minute by schedules, all accounts together. */
  readonly ticksPerMinute: number;
  readonly pollerGb: number;
  readonly consumerGb: number;
  /** Of the index table. */
  readonly secondaryIndexes: number;
  /** Queues that a function reads: Lambda asks them all the time. */
  readonly readQueues: number;
  readonly archiveDays: number;
  readonly recovery: boolean;
  readonly masksLogs: boolean;
  /** Functions beside poller and consumer, as if every run took all its time. */
  readonly others: readonly {
    readonly name: string;
    readonly runs: number;
    readonly gb: number;
    /** Seconds of one run at most. */
    readonly timeout: number;
  }[];
}

const FunctionFacts = z.object({
  Properties: z.looseObject({ MemorySize: z.number().default(128), Timeout: z.number().default(3) }),
  Metadata: z.looseObject({ 'smartflo-cdr:function': z.string().optional() }),
});
const ScheduleFacts = z.looseObject({
  ScheduleExpression: z.string(),
  Target: z.looseObject({ Arn: z.looseObject({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) }) }),
});
const TableFacts = z.looseObject({
  GlobalSecondaryIndexes: z.array(z.unknown()).default([]),
});
const ArchiveFacts = z.looseObject({ RetentionDays: z.number().default(0) });

const runsAMonth = (expression: string): number =>
  expression.startsWith('cron') ? DAYS : SECONDS / rateSeconds(expression);

/** What local mode's reader leaves of a template, as far as it decides the bill. */
export const shapeOf = (resources: readonly TemplateResource[]): Shape => {
  const ofType = (type: string) => resources.filter(({ Type }) => Type === type);
  const functions = ofType('AWS::Lambda::Function').map((resource) => {
    const { Properties, Metadata } = FunctionFacts.parse(resource);
    return {
      logicalId: resource.logicalId,
      name: Metadata['smartflo-cdr:function'] ?? resource.logicalId,
      gb: Properties.MemorySize / 1_024,
      timeout: Properties.Timeout,
    };
  });
  const schedules = ofType('AWS::Scheduler::Schedule').map(({ Properties }) => {
    const { ScheduleExpression, Target } = ScheduleFacts.parse(Properties);
    return { runs: runsAMonth(ScheduleExpression), target: Target.Arn['Fn::GetAtt'][0] };
  });
  const runsOf = (logicalId: string) =>
    schedules.filter(({ target }) => target === logicalId).reduce((sum, { runs }) => sum + runs, 0);
  const named = (wanted: string) => functions.find(({ name }) => name === wanted);
  const poller = named('poller');
  const text = JSON.stringify(resources.map(({ Properties }) => Properties));
  return {
    ticksPerMinute: poller ? runsOf(poller.logicalId) / MINUTES : 0,
    pollerGb: poller?.gb ?? 0,
    consumerGb: named('consumer')?.gb ?? 0,
    secondaryIndexes: Math.max(
      0,
      ...ofType('AWS::DynamoDB::GlobalTable').map(
        ({ Properties }) => TableFacts.parse(Properties).GlobalSecondaryIndexes.length,
      ),
    ),
    readQueues: ofType('AWS::Lambda::EventSourceMapping').length,
    archiveDays: Math.max(
      0,
      ...ofType('AWS::Events::Archive').map(({ Properties }) => ArchiveFacts.parse(Properties).RetentionDays),
    ),
    recovery: text.includes('"PointInTimeRecoveryEnabled":true'),
    masksLogs: text.includes('"DataProtectionPolicy"'),
    others: functions
      .filter(({ name, logicalId }) => !['poller', 'consumer'].includes(name) && runsOf(logicalId) > 0)
      .map(({ name, logicalId, gb, timeout }) => ({
        name,
        runs: runsOf(logicalId),
        gb,
        timeout,
      })),
  };
};

/** Calls, evenly over the day and over the accounts. */
export interface Load {
  readonly callsPerDay: number;
  readonly accounts: readonly Account[];
  /** Months of calls that are kept when the bill comes. */
  readonly monthsKept: number;
}

/** Seconds that a tick lasts: it waits for its answers, and for the turns that its rate leaves it. */
export const tickSeconds = (account: Account, callsPerMinute: number): number => {
  const policy = policyOf(account);
  const density = { perMinute: callsPerMinute, pageLimit: policy.pageLimit, durations: durationPrior() };
  const requests = planRequests(policy, density).requestsPerMinute;
  const turns = Math.max(0, requests - 1) / policy.requestsPerSecond + SOURCE_LATENCY;
  const answers = (requests * SOURCE_LATENCY) / policy.concurrency;
  return Math.min(50, TICK_OVERHEAD + Math.max(turns, answers));
};

/** Seconds of all runs of a function that a schedule calls; to its time limit where nothing is known of it. */
const runSeconds = (
  name: string,
  { runs, timeout, records }: { runs: number; timeout: number; records: number },
): number => {
  if (name === 'prover') return runs * IDLE_PROOF_SECONDS + records * PROOFS * PROOF_SECONDS;
  if (name === 'compactor') return runs * IDLE_CURATION_SECONDS + records * GENERATIONS * CURATION_SECONDS;
  return runs * timeout;
};

/** Lambda keeps five long polls of 20 s open on a queue, however empty. */
const IDLE_POLLS = (5 * SECONDS) / 20;
/**
 * While it is in use a service asks for a data key about every five minutes: so DynamoDB's documentation has it, and of
 * S3 (with a bucket key), logs and buses it is assumed. The queue asks once an hour (dataKeyReuse).
 */
const KEY_USES = SECONDS / 300;
const HOURS = DAYS * 24;
/** What each part uses that is encrypted: ledger, bucket, log; the index and the bus with calls. */
const KEYS_OF = { poller: 3, consumer: 3, buses: 2, prover: 4, compactor: 2 } as const;

/** What a month's calls, and a month's waiting for them, use. */
export const usedQuantities = (shape: Shape, { callsPerDay, accounts, monthsKept }: Load): Quantity[] => {
  const perMinute = callsPerDay / 1_440 / accounts.length;
  const use = tickUse(perMinute);
  const ticks = MINUTES * accounts.length;
  const invocations = MINUTES * shape.ticksPerMinute;
  const calls = callsPerDay * DAYS;
  const records = calls * RECORDS_PER_CALL;
  const messages = ticks * use.messages;
  // Few messages come together: they are sealed page by page, and each page takes its turn.
  const batches = messages / Math.max(1, Math.min(10, use.messages / 4));
  const entries = (calls * monthsKept * (ENTRY_BYTES + ENTRY_OVERHEAD)) / GB;
  const seconds = Math.max(...accounts.map((account) => tickSeconds(account, perMinute)));
  const logs = (invocations * TICK_LOG_BYTES + batches * BATCH_LOG_BYTES) / GB;
  const at = (price: Quantity['price'], amount: number, what: string): Quantity => ({ price, amount, what });
  const runs = (wanted: string) => shape.others.find(({ name }) => name === wanted)?.runs ?? 0;
  const dataKeys =
    KEY_USES * (KEYS_OF.poller + (calls > 0 ? KEYS_OF.consumer + KEYS_OF.buses : 0)) +
    runs('prover') * KEYS_OF.prover +
    runs('compactor') * KEYS_OF.compactor +
    (calls > 0 ? 2 * HOURS : 0);
  const secretReads = HOURS * SECRET_READS_PER_HOUR * accounts.length;
  const dayObjects = messages / DAYS / accounts.length;
  const proofLists = accounts.length * (1 + PROVEN_DAYS * (DAY_LISTS + dayObjects / LIST_NAMES));
  const kept = Object.entries(METRICS)
    .filter(([name, metric]) => !('sent' in metric) && (calls > 0 || !CALL_METRICS.has(name)))
    .map(([, metric]) => metric.kept);
  const perAccount = kept.filter((place) => place === 'metric of an account').length;
  const shared = kept.filter((place) => place === 'metric').length;
  return [
    at('lambdaSeconds', invocations * seconds * shape.pollerGb, 'poller, mostly waiting for the source'),
    at('lambdaSeconds', (batches * BATCH_SECONDS + records * RECORD_SECONDS) * shape.consumerGb, 'consumer'),
    at('lambdaRequests', invocations + batches, 'ticks and batches'),
    at('schedules', invocations, 'schedules'),
    ...shape.others.flatMap(({ name, runs, gb, timeout }) => [
      at('lambdaSeconds', runSeconds(name, { runs, timeout, records }) * gb, name),
      at('lambdaRequests', runs, `runs of ${name}`),
      at('schedules', runs, `schedule of ${name}`),
    ]),
    at('tableWrites', ticks * use.ledgerUnits, 'ledger, written'),
    at('tableReads', ticks * (use.ledgerGets + OTHER_DOCUMENTS) * 2, 'ledger, read'),
    at('tableWrites', records, 'index entries'),
    at('tableWrites', records * shape.secondaryIndexes, `${shape.secondaryIndexes} secondary indexes`),
    // Looked for as of lately, which is half a unit.
    at('tableReads', records / 2, 'index entries, looked for before they are written'),
    at(
      'tableStorage',
      entries * (1 + shape.secondaryIndexes),
      `index and its copies, ${monthsKept} months kept`,
    ),
    ...(shape.recovery ? [at('tableBackup', entries, 'point-in-time recovery of the index')] : []),
    at('bucketWrites', messages, 'archive objects'),
    at('bucketWrites', ticks * use.objectPuts, 'sent lists, written'),
    at('bucketReads', ticks * use.objectGets, 'sent lists, read'),
    at('bucketStorage', (records * monthsKept * ARCHIVE_BYTES) / GB, `archive, ${monthsKept} months kept`),
    at(
      'bucketReads',
      messages * GENERATIONS * CURATION_PASSES,
      'archive objects, read for files of finished days',
    ),
    at(
      'bucketStorage',
      (records * monthsKept * GENERATIONS * (CURATED_BYTES + MASKED_BYTES)) / GB,
      `files of finished days, ${monthsKept} months kept`,
    ),
    at('bucketWrites', DAYS * SLICES_PER_DAY * accounts.length, 'slices of finished days, for proofs'),
    at('bucketWrites', runs('prover') * proofLists, 'days listed for proofs'),
    at('bucketReads', messages * PROOFS, 'archive objects, read for proofs'),
    at(
      'bucketWrites',
      runs('compactor') * (COMPACTOR_LISTS + accounts.length),
      'days listed for files of finished ones',
    ),
    at('queueRequests', shape.readQueues * IDLE_POLLS, 'asking an empty queue'),
    at('queueRequests', messages * 3, 'messages: sent, received, deleted'),
    at('events', records, 'events'),
    ...(shape.archiveDays > 0
      ? [
          at('eventArchiving', (records * EVENT_BYTES) / GB, 'bus archive, written'),
          at('eventArchive', (records * EVENT_BYTES * (shape.archiveDays / DAYS)) / GB, 'bus archive, kept'),
        ]
      : []),
    at('secretRequests', secretReads, 'credentials, read'),
    at('keyRequests', dataKeys + secretReads, 'data keys'),
    at('metrics', perAccount * accounts.length, 'metrics of each account'),
    at('metrics', CREDENTIAL_TOLD * accounts.length, 'days that a credential has left, near its end'),
    at('metrics', shared, 'metrics of all accounts together'),
    at('logsIn', logs, 'logs and metrics'),
    at('logsKept', logs * LOG_COMPRESSION * 12, 'logs, at most a year'),
    ...(shape.masksLogs ? [at('logsMasked', logs, 'personal data masked')] : []),
  ];
};
