import * as z from 'zod';
import { type FunctionHost, type Invocation, startFunctionHost, type Usage } from '../local/function-host.ts';
import type { ProvisionedFunction } from '../local/provision.ts';
import { type TickInput, TickReport } from '../shared/contract/tick.ts';
import { istStamp, MINUTE, type Ms } from '../shared/core/time.ts';
import type { Source } from './source.ts';

/** What a stretch of invocations of one process took. */
export interface Taken {
  readonly wallMs: Ms;
  readonly cpuMs: Ms;
  readonly peakMemoryMb: number;
  readonly heapMb: number;
}

/** A bench that measures something else than it says is worse than none. */
export class Missing extends Error {
  override readonly name = 'Missing';
}

export const demand = (what: string, found: number, wanted: number): void => {
  if (found !== wanted) throw new Missing(`${what}: found ${found}, wanted ${wanted}`);
};

export type Returned = Extract<Invocation, { outcome: 'returned' }>;

/** One process of a function, and what it has taken so far. */
export class MeasuredFunction {
  readonly #host: FunctionHost;
  readonly #lines: string[] = [];
  #usage: Usage = { peakMemoryMb: 0, heapMb: 0, cpuMs: 0 };
  #heapMb = 0;
  #wallMs = 0;
  #cpuTakenMs = 0;

  constructor(fn: ProvisionedFunction, env: Readonly<Record<string, string>>) {
    const write = (line: string) => {
      this.#lines.push(line);
      if (this.#lines.length > 20) this.#lines.shift();
    };
    this.#host = startFunctionHost(fn, { more: env, processes: 1, write });
  }

  async run(event: unknown): Promise<Returned> {
    const invocation = await this.#host.invoke(event);
    if (invocation.outcome !== 'returned' || !invocation.usage)
      throw new Missing(
        `an invocation ${invocation.outcome}: ${JSON.stringify(invocation)}\n${this.#lines.join('\n')}`,
      );
    this.#usage = invocation.usage;
    this.#heapMb = Math.max(this.#heapMb, invocation.usage.heapMb);
    this.#wallMs += invocation.durationMs;
    return invocation;
  }

  /** What was taken since the last time; memory since the process began. */
  take(): Taken {
    const { cpuMs, peakMemoryMb } = this.#usage;
    const taken = {
      wallMs: this.#wallMs,
      cpuMs: cpuMs - this.#cpuTakenMs,
      peakMemoryMb,
      heapMb: this.#heapMb,
    };
    this.#cpuTakenMs = cpuMs;
    this.#wallMs = 0;
    return taken;
  }

  end(): void {
    this.#host.kill();
  }
}

const Reports = z.array(TickReport).length(1);

export interface PollOptions {
  /** A new name is a new account: nothing of it is known yet. */
  readonly account: string;
  readonly pageLimit: number;
  readonly concurrency?: number;
}

/** Requests a second beyond what any run reaches: the rate is not what is measured. */
const UNLIMITED = 100_000;

/** One tick for one account. */
export const pollTick = async (
  poller: MeasuredFunction,
  source: Source,
  { account, pageLimit, concurrency = 1 }: PollOptions,
  minute = 0,
): Promise<TickReport> => {
  const { from, to } = source.window;
  const tick: TickInput = {
    scheduledAt: new Date(source.now + minute * MINUTE).toISOString(),
    only: ['backfill'],
    accounts: [
      {
        name: account,
        secretId: 'bench',
        baseUrl: source.url,
        cps: UNLIMITED,
        share: 1,
        pageLimit,
        concurrency,
        fetchFrom: istStamp(from),
        fetchTo: istStamp(to),
        eventsFrom: istStamp(from),
      },
    ],
  };
  const [report] = Reports.parse((await poller.run(tick)).result);
  if (report?.outcome !== 'done') throw new Missing(`a tick ended ${JSON.stringify(report)}`);
  return report;
};

/** Ticks for one account until all calls of the source are fetched. */
export const pollAll = async (
  poller: MeasuredFunction,
  source: Source,
  options: PollOptions,
): Promise<{ requests: number; sent: number; ticks: number }> => {
  const sum = { requests: 0, sent: 0, ticks: 0 };
  for (;;) {
    const report = await pollTick(poller, source, options, sum.ticks);
    sum.requests += report.requests;
    sum.sent += report.sent;
    sum.ticks += 1;
    if (Object.keys(report.owed).length === 0) return sum;
    if (report.records === 0) throw new Missing(`a tick fetched nothing: ${JSON.stringify(report)}`);
  }
};

const Failures = z.object({ batchItemFailures: z.array(z.unknown()).length(0) }).nullish();

/** @throws {Missing} where messages went back to the queue. */
export const consumed = (invocation: Returned): Returned => {
  if (!Failures.safeParse(invocation.result).success) throw new Missing('messages went back to the queue');
  return invocation;
};

/** Hands messages to a consumer, a batch after the other, as the queue's event source does. */
export const consumeAll = async (
  consumer: MeasuredFunction,
  bodies: readonly string[],
  batchSize: number,
): Promise<void> => {
  for (let first = 0; first < bodies.length; first += batchSize) {
    const Records = bodies.slice(first, first + batchSize).map((body, place) => ({
      messageId: `m${first + place}`,
      receiptHandle: 'bench',
      body,
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: '0',
        SenderId: 'bench',
        ApproximateFirstReceiveTimestamp: '0',
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:bench',
      awsRegion: 'us-east-1',
    }));
    consumed(await consumer.run({ Records }));
  }
};

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
};
