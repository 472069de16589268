import { setTimeout as wait } from 'node:timers/promises';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { createDynamoDbCallIndex } from '../shared/adapters/dynamodb-call-index.ts';
import { deadLetterUrlOf } from '../shared/adapters/sqs-dead-letters.ts';
import { instantOf } from '../shared/contract/account.ts';
import { type TickInput, TickReport } from '../shared/contract/tick.ts';
import { type EpochMs, istDate, type Ms, SECOND } from '../shared/core/time.ts';
import { type Comparison, compare, countQuarantined } from './comparison.ts';
import { type Composition, CONSUMERS, compose } from './composition.ts';
import { clientsOf, type EmbeddedClients } from './embedded/clients.ts';
import { type Batch, startEventSource } from './event-source.ts';
import type { Invocation } from './function-host.ts';
import { callNewsOf, type Fetched, RunFigures, type RunTotals } from './run-figures.ts';
import { openRunLog, type RunLog } from './run-log.ts';
import type { Sideline } from './sidelines.ts';
import { catchUp, type Ending, follow, type SchedulerPorts } from './scheduler.ts';
import { type Figures, type LocalStatus, NO_FIGURES, writeStatus } from './status.ts';
import type { LocalSystem, Opened } from './local-system.ts';
import { type FetchSpan, fetchSpan, tickInput } from './tick-input.ts';

/** As deployed; whoever watches simulated calls wants more life. */
const INTERVAL: Ms = 60 * SECOND;
const SIMULATED_INTERVAL: Ms = 10 * SECOND;
/** What a killed consumer leaves is seen again after this; above the function's timeout. */
const VISIBILITY_SECONDS = 90;
/** After a stop, what is in flight gets this long; what it had not finished is owed again. */
const GRACE: Ms = 2 * SECOND;
const STATUS_EVERY: Ms = 2 * SECOND;
const DEPTH_EVERY: Ms = SECOND / 4;
/** A queue that has not moved for so long is stuck. */
const STUCK: Ms = 2 * VISIBILITY_SECONDS * SECOND;

const Reports = z.array(TickReport);

export const runSystem = async (opened: Opened): Promise<LocalSystem> => {
  const { folder, options, startedAt } = opened;
  const log = openRunLog(folder.log, () => new Date());
  const span = fetchSpan(options, folder.mark.fetchFrom, startedAt);
  if (span.to === undefined) await folder.remember(span.from);
  try {
    const composition = await compose(opened, span, log);
    const rangeOnly = options.once && span.to !== undefined;
    return new RunningSystem(opened, composition, log, span, rangeOnly);
  } catch (thrown) {
    log.write('error', 'the start failed', {
      reason: thrown instanceof Error ? thrown.stack : String(thrown),
    });
    await log.close();
    throw thrown;
  }
};

class RunningSystem implements LocalSystem {
  readonly #opened: Opened;
  readonly #parts: Composition;
  readonly #log: RunLog;
  readonly #clients: EmbeddedClients;
  readonly #figures: RunFigures;
  readonly #source: { stop(): Promise<void> };
  readonly #from: EpochMs;
  readonly #writing: NodeJS.Timeout;
  /** Resolves when a tick in flight is no longer waited for. */
  readonly #abandoned: Promise<undefined>;
  #only: TickInput['only'];
  #deadLetterUrl: string | undefined;
  #phase: LocalStatus['phase'] = 'starting';
  #depths: Pick<Figures, 'waiting' | 'deadLetters' | 'quarantined'> = NO_FIGURES;

  constructor(opened: Opened, parts: Composition, log: RunLog, span: FetchSpan, rangeOnly: boolean) {
    this.#opened = opened;
    this.#parts = parts;
    this.#log = log;
    this.#from = span.from;
    this.#only = opened.options.only ?? (rangeOnly ? ['backfill'] : undefined);
    this.#abandoned = afterStop(opened.options.stop, GRACE);
    this.#clients = clientsOf(parts.aws);
    this.#figures = new RunFigures(
      opened.before,
      { from: span.from, to: span.to ?? opened.startedAt },
      opened.startedAt,
    );
    parts.aws.onEvent((received) => {
      const event = this.#figures.takeEvent(received, Date.now());
      if (event) opened.options.hear({ kind: 'call', call: callNewsOf(event), event });
    });
    this.#source = startEventSource({
      queueUrl: parts.names.queueUrl,
      batchSize: parts.provisioned.eventSources[0]?.batchSize ?? 1,
      concurrency: CONSUMERS,
      visibilityTimeoutSeconds: VISIBILITY_SECONDS,
      sqs: this.#clients.sqs,
      invoke: (event) => parts.consumer.invoke(event),
      onBatch: (batch) => this.#takeBatch(batch),
      onTrouble: (thrown) => log.write('warn', 'the queue could not be asked', { reason: String(thrown) }),
    });
    this.#writing = setInterval(() => void this.#writeStatus(), STATUS_EVERY);
    log.write('info', 'started', {
      accounts: parts.accounts.map(({ name }) => name),
      simulated: opened.choice.simulated,
    });
  }

  status(): LocalStatus {
    const now = Date.now();
    return {
      ...this.#opened.status,
      phase: this.#phase,
      updatedAt: new Date(now).toISOString(),
      accounts: this.#parts.accounts.map(({ name }) => name),
      figures: this.#figures.figures(now, this.#depths),
    };
  }

  progress(): Fetched {
    return this.#figures.progress;
  }

  totals(): RunTotals {
    return this.#figures.totals;
  }

  async catchUp(): Promise<Ending> {
    this.#phase = 'catching-up';
    const ending = await catchUp(this.#scheduler(), !this.#opened.options.once);
    const { fetched } = this.#figures;
    const complete = fetched === undefined || fetched.coveredSeconds >= fetched.wantedSeconds;
    const ordered = this.#opened.options.only !== undefined;
    if (ending.kind !== 'caught-up' || this.#only === undefined || complete || ordered) return ending;
    // The span reaches into times that an earlier run has watched: what is missing there is a gap, not backfill.
    this.#only = ['gap', 'backfill'];
    return catchUp(this.#scheduler(), !this.#opened.options.once);
  }

  async runSidelines(): Promise<void> {
    await Promise.all(this.#parts.sidelines.map((sideline) => this.#runSideline(sideline)));
  }

  async #runSideline({ name, run }: Sideline): Promise<void> {
    const invocation = await Promise.race([run(Date.now()), this.#abandoned]);
    if (invocation === undefined) return;
    if (invocation.outcome === 'returned')
      this.#log.write('info', `${name} ran`, { result: invocation.result });
    else this.#log.write('warn', `${name} failed`, { reason: reasonOf(invocation) });
  }

  async follow(): Promise<Ending> {
    this.#phase = 'live';
    const running = this.#parts.sidelines.map((sideline) =>
      setInterval(() => void this.#runSideline(sideline), sideline.every),
    );
    try {
      return await this.#followTicks();
    } finally {
      for (const interval of running) clearInterval(interval);
    }
  }

  #followTicks(): Promise<Ending> {
    return follow(this.#scheduler(), this.#opened.choice.simulated ? SIMULATED_INTERVAL : INTERVAL);
  }

  async drain(): Promise<'drained' | 'stuck' | 'stopped'> {
    let movedAt = performance.now();
    let waiting = Number.POSITIVE_INFINITY;
    for (;;) {
      await this.#measure();
      if (this.#depths.waiting === 0) return 'drained';
      if (this.#opened.options.stop.aborted) return 'stopped';
      if (this.#depths.waiting !== waiting) movedAt = performance.now();
      if (performance.now() - movedAt > STUCK) return 'stuck';
      waiting = this.#depths.waiting;
      await wait(DEPTH_EVERY);
    }
  }

  async compare(what: 'all' | 'today'): Promise<Comparison> {
    await this.#measure();
    const [account] = this.#parts.accounts;
    const comparison = await compare(
      {
        root: this.#opened.folder.root,
        index: createDynamoDbCallIndex(this.#clients.dynamo, this.#parts.names.indexTable),
        volatilePaths: account?.volatilePaths ?? [],
        eventsFrom: account?.eventsFrom === undefined ? this.#from : instantOf(account.eventsFrom),
        since: this.#opened.startedAt,
      },
      what === 'today' ? istDate(Date.now()) : undefined,
      what === 'today' ? 0 : this.totals().sent,
    );
    if (what === 'all') {
      this.#figures.takeStored({ archived: comparison.archive.records, indexed: comparison.index.records });
    }
    return comparison;
  }

  async settle(): Promise<void> {
    await Promise.race([this.#source.stop(), wait(GRACE, undefined, { ref: false })]);
    this.#parts.poller.kill();
    this.#parts.consumer.kill();
    await this.#source.stop();
  }

  async close(): Promise<void> {
    clearInterval(this.#writing);
    this.#phase = 'stopped';
    await this.settle();
    await this.#measure().catch(() => {});
    await this.#writeStatus();
    await this.#parts.close();
    for (const client of Object.values(this.#clients)) client.destroy();
    this.#log.write('info', 'stopped', { ...this.totals() });
    await this.#log.close();
    this.#opened.folder.release();
  }

  #scheduler(): SchedulerPorts {
    return {
      tick: (scheduledAt) => this.#tick(scheduledAt),
      hear: (reports) => this.#takeReports(reports),
      clock: {
        monotonic: () => performance.now(),
        real: () => Date.now(),
        sleep: (duration) => wait(duration),
      },
      stop: this.#opened.options.stop,
    };
  }

  async #tick(scheduledAt: EpochMs): Promise<readonly TickReport[]> {
    const { accounts, poller } = this.#parts;
    const invocation = await Promise.race([
      poller.invoke(tickInput(scheduledAt, accounts, this.#only)),
      this.#abandoned,
    ]);
    if (!invocation) {
      this.#figures.takeCutOff();
      return [];
    }
    const reports = invocation.outcome === 'returned' ? Reports.safeParse(invocation.result) : undefined;
    if (reports?.success) return reports.data;
    const reason = reasonOf(invocation);
    this.#log.write('error', 'the poller failed', {
      reason,
      ...(invocation.outcome === 'failed' && { stack: invocation.error.stack }),
    });
    return accounts.map(({ name }) => failedReport(name, reason));
  }

  #takeReports(reports: readonly TickReport[]): void {
    if (reports.length === 0) return;
    this.#figures.takeReports(reports);
    for (const report of reports) {
      this.#log.write(report.outcome === 'done' ? 'info' : 'warn', 'tick', report);
    }
    this.#opened.options.hear({ kind: 'turn', reports });
  }

  #takeBatch({ returned, invocation }: Batch): void {
    if (invocation.outcome === 'returned' && returned === 0) return;
    if (invocation.outcome === 'ended' && this.#opened.options.stop.aborted) {
      this.#log.write('info', 'messages are left for the next start', { returned });
      return;
    }
    this.#figures.takeError();
    const stack = invocation.outcome === 'failed' ? invocation.error.stack : undefined;
    this.#opened.options.hear({ kind: 'returned', messages: returned, reason: reasonOf(invocation) });
    this.#log.write('warn', 'messages went back to the queue', {
      returned,
      reason: reasonOf(invocation),
      stack,
    });
  }

  async #measure(): Promise<void> {
    const { queueUrl } = this.#parts.names;
    this.#deadLetterUrl ??= await deadLetterUrlOf(this.#clients.sqs, queueUrl);
    const [waiting, deadLetters, quarantined] = await Promise.all([
      this.#depthOf(queueUrl),
      this.#depthOf(this.#deadLetterUrl),
      countQuarantined(this.#opened.folder.root, 0),
    ]);
    this.#depths = { waiting, deadLetters, quarantined };
  }

  async #depthOf(QueueUrl: string): Promise<number> {
    const { Attributes = {} } = await this.#clients.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    return (
      Number(Attributes['ApproximateNumberOfMessages']) +
      Number(Attributes['ApproximateNumberOfMessagesNotVisible'])
    );
  }

  async #writeStatus(): Promise<void> {
    try {
      if (this.#phase !== 'stopped') await this.#measure();
      await writeStatus(this.status());
    } catch (thrown) {
      this.#log.write('warn', 'the status could not be written', { reason: String(thrown) });
    }
  }
}

/** Resolves some time after the stop; never, where it never comes. */
const afterStop = (stop: AbortSignal, grace: Ms): Promise<undefined> =>
  new Promise((resolve) => {
    const end = () => void setTimeout(() => resolve(undefined), grace).unref();
    if (stop.aborted) end();
    else stop.addEventListener('abort', end, { once: true });
  });

const reasonOf = (invocation: Invocation): string =>
  invocation.outcome === 'failed' ? invocation.error.name : invocation.outcome;

const failedReport = (account: string, reason: string): TickReport => ({
  account,
  outcome: 'failed',
  reason,
  requests: 0,
  records: 0,
  sent: 0,
  owed: {},
  exceptions: 0,
});
