import type { ProvisionedFunction } from '../local/provision.ts';
import type { Ms } from '../shared/core/time.ts';
import { startAwsStub } from './aws-stub.ts';
import { SECRET, startSource } from './source.ts';
import { consumeAll, demand, MeasuredFunction, Missing, pollAll, pollTick } from './stages.ts';

/** How one function does at one size, in a process of its own. */
export interface Size {
  readonly records: number;
  readonly cpuMs: Ms;
  readonly peakMemoryMb: number;
  readonly heapMb: number;
}

export interface Growth {
  readonly poller: readonly Size[];
  readonly consumer: readonly Size[];
}

const CALLS_A_MINUTE = 200;
/** Run before, so that what is compared is not the warming up. */
const WARM_UP_RECORDS = 5_000;
/** Answers of the source that are kept; a larger run asks the fake itself. */
const KEPT_BYTES = 1024 ** 3;

/** The same work at several sizes, pages as by default. */
export const measureGrowth = async (
  functions: { poller: ProvisionedFunction; consumer: ProvisionedFunction; batchSize: number },
  sizes: readonly number[],
  pageLimit: number,
): Promise<Growth> => {
  const growth = { poller: [] as Size[], consumer: [] as Size[] };
  const small = await startSource({ records: WARM_UP_RECORDS, callsPerMinute: CALLS_A_MINUTE });
  for (const wanted of sizes) {
    const stub = await startAwsStub(SECRET);
    const source = await startSource({
      records: wanted,
      callsPerMinute: CALLS_A_MINUTE,
      keptBytes: KEPT_BYTES,
    });
    const poller = new MeasuredFunction(functions.poller, stub.env);
    const consumer = new MeasuredFunction(functions.consumer, stub.env);
    try {
      await pollAll(poller, small, { account: 'warm-up', pageLimit });
      await consumeAll(consumer, stub.messages, functions.batchSize);
      poller.take();
      consumer.take();
      stub.forget();
      const { sent } = await pollAll(poller, source, { account: 'growth', pageLimit });
      demand('records sent to the queue', sent, source.records);
      growth.poller.push({ ...poller.take(), records: source.records });
      await consumeAll(consumer, stub.messages, functions.batchSize);
      demand('events', stub.events.total, source.records);
      growth.consumer.push({ ...consumer.take(), records: source.records });
    } finally {
      for (const fn of [poller, consumer]) fn.end();
      await source.close();
      await stub.close();
    }
  }
  await small.close();
  return growth;
};

/** How many times the time ten times the records take: between the first size and the second. */
export const growthOf = ([small, large]: readonly Size[]): { time: number; memory: number } =>
  small && large
    ? {
        // To exactly ten times: sizes are drawn, so they are only about it.
        time: (10 * (large.cpuMs / large.records)) / (small.cpuMs / small.records),
        memory: large.peakMemoryMb / small.peakMemoryMb,
      }
    : { time: Number.NaN, memory: Number.NaN };

/** A source that takes its time: what part of C × limit / P comes through in one whole tick. */
export interface SlowSource {
  readonly concurrency: number;
  /** All that the invocation took, start and end too. */
  readonly seconds: number;
  readonly requests: number;
  readonly recordsPerSecond: number;
  readonly limit: number;
  readonly share: number;
  /** What requests brought no new record: short last pages of windows, and the first of one that proved too large. */
  readonly unfilled: number;
  /** What of the time of all that may be in flight none was. */
  readonly idle: number;
  readonly peakMemoryMb: number;
}

const LATENCY: Ms = 250;
const SLOW_PAGE = 100;
/** More than a tick can fetch: a poller that is catching up has more to fetch when it ends. */
const SLOW_RECORDS_A_LANE = 21_000;

/** The first round asks at full speed: the fake makes most answers then, and the function is warm. */
export const measureSlowSource = async (
  poller: ProvisionedFunction,
  concurrency: number,
): Promise<SlowSource> => {
  const stub = await startAwsStub(SECRET);
  const records = SLOW_RECORDS_A_LANE * concurrency;
  const source = await startSource({ records, callsPerMinute: CALLS_A_MINUTE });
  const fn = new MeasuredFunction(poller, stub.env);
  try {
    await pollTick(fn, source, { account: 'warm-up', pageLimit: SLOW_PAGE, concurrency });
    fn.take();
    stub.forget();
    source.slowTo(LATENCY);
    const report = await pollTick(fn, source, { account: 'slow', pageLimit: SLOW_PAGE, concurrency });
    if (report.owed.backfill === undefined)
      throw new Missing('a tick that ends for want of calls is no whole one');
    const { wallMs, peakMemoryMb } = fn.take();
    const recordsPerSecond = (1_000 * report.sent) / wallMs;
    const limit = (1_000 * concurrency * SLOW_PAGE) / LATENCY;
    return {
      concurrency,
      seconds: wallMs / 1_000,
      requests: report.requests,
      recordsPerSecond,
      limit,
      share: recordsPerSecond / limit,
      unfilled: 1 - report.sent / (report.requests * SLOW_PAGE),
      idle: 1 - (report.requests * LATENCY) / (concurrency * wallMs),
      peakMemoryMb,
    };
  } finally {
    fn.end();
    await Promise.all([source.close(), stub.close()]);
  }
};
