import { gunzipSync } from 'node:zlib';
import type { ProvisionedFunction } from '../local/provision.ts';
import { PackMessage } from '../shared/contract/pack-message.ts';
import { type AwsStub, startAwsStub } from './aws-stub.ts';
import { perThousand, type RequestCounts } from './request-count.ts';
import { absentPrograms, fetchByShell } from './shell-peer.ts';
import { SECRET, type Source } from './source.ts';
import { consumeAll, demand, MeasuredFunction, median, Missing, pollAll, type Taken } from './stages.ts';

/** One stage against AWS that answers at once: medians over the rounds. */
export interface Stage {
  /** Records a second of CPU time, all threads of the process, user and system. */
  readonly perCore: number;
  /** CPU time of one record in µs. */
  readonly cpuMicros: number;
  /** Of the last round. */
  readonly peakMemoryMb: number;
  readonly heapMb: number;
  /** AWS requests for every 1,000 records. */
  readonly calls: RequestCounts;
}

export interface Throughput {
  readonly records: number;
  readonly pageLimit: number;
  readonly requestsPerThousand: number;
  readonly poller: Stage;
  /** The consumer up to the archive's object. */
  readonly archiver: Stage;
  readonly consumer: Stage;
  readonly oneByOne: Stage;
  /** Records a second of CPU time from the API to the archive: poller and archiver together. */
  readonly ingestPerCore: number;
  /** Undefined where a program is absent: `shellAbsent` names it. */
  readonly shellPerCore: number | undefined;
  readonly shellAbsent: readonly string[];
  /** Medians of the ratios of each round. */
  readonly ingestToShell: number | undefined;
  readonly consumerToOneByOne: number;
  readonly archiveBytesPerRecord: number;
  readonly recordsPerObject: number;
}

export interface ThroughputFunctions {
  readonly poller: ProvisionedFunction;
  readonly consumer: ProvisionedFunction;
  readonly archiver: ProvisionedFunction;
  readonly oneByOne: ProvisionedFunction;
  readonly batchSize: number;
}

/** Records that the one-by-one consumer gets: it is so slow that they tell enough. */
const ONE_BY_ONE_RECORDS = 4_000;

const linesOf = (body: string): string[] => {
  const pack = PackMessage.parse(JSON.parse(body));
  if (pack.body !== 'inline') throw new Missing('a pack of the fake is too large for its message');
  return gunzipSync(Buffer.from(pack.ndjson, 'base64')).toString('utf8').split('\n').slice(0, -1);
};

interface Round {
  readonly taken: Taken;
  readonly calls: RequestCounts;
  readonly records: number;
}

const stageOf = (rounds: readonly Round[]): Stage => {
  const last = rounds.at(-1);
  if (!last) throw new Missing('no round was run');
  const cpuMicros = median(rounds.map(({ taken, records }) => (1_000 * taken.cpuMs) / records));
  return {
    cpuMicros,
    perCore: 1e6 / cpuMicros,
    peakMemoryMb: last.taken.peakMemoryMb,
    heapMb: last.taken.heapMb,
    calls: perThousand(last.calls, last.records),
  };
};

const micros = ({ taken, records }: Round): number => (1_000 * taken.cpuMs) / records;

/**
 * Each stage alone, turn by turn with what it is held against. The first round warms up and is not counted.
 * @param dir for what the shell writes
 */
export const measureThroughput = async (
  functions: ThroughputFunctions,
  source: Source,
  { rounds, pageLimit, dir }: { rounds: number; pageLimit: number; dir: string },
): Promise<Throughput> => {
  const stub: AwsStub = await startAwsStub(SECRET);
  const start = (fn: ProvisionedFunction) => new MeasuredFunction(fn, stub.env);
  const poller = start(functions.poller);
  const archiver = start(functions.archiver);
  const consumer = start(functions.consumer);
  const oneByOne = start(functions.oneByOne);
  const shellAbsent = absentPrograms();
  const found: Record<'poller' | 'archiver' | 'consumer' | 'oneByOne', Round[]> = {
    poller: [],
    archiver: [],
    consumer: [],
    oneByOne: [],
  };
  const shell: number[] = [];
  let requests = 0;
  let archive = { bytes: 0, objects: 0 };

  try {
    for (let round = 0; round <= rounds; round += 1) {
      const keep = (stage: keyof typeof found, fn: MeasuredFunction, records: number) => {
        const measured = { taken: fn.take(), calls: stub.count.take(), records };
        if (round > 0) found[stage].push(measured);
      };
      stub.forget();
      source.takePaths();
      const polled = await pollAll(poller, source, { account: `round-${round}`, pageLimit });
      const paths = source.takePaths();
      keep('poller', poller, source.records);
      demand('records sent to the queue', polled.sent, source.records);
      requests = polled.requests;

      if (shellAbsent.length === 0) {
        const { cpuMs, lines } = await fetchByShell(source.url, paths, dir);
        // Windows are asked a second wide of their bounds, so some records come twice.
        if (lines < source.records) throw new Missing(`the shell fetched ${lines} of ${source.records}`);
        if (round > 0) shell.push((1_000 * cpuMs) / lines);
      }

      const bodies = stub.messages.splice(0);
      await consumeAll(archiver, bodies, functions.batchSize);
      keep('archiver', archiver, source.records);
      demand('archive objects', stub.archive.size, bodies.length);
      archive = {
        objects: stub.archive.size,
        bytes: [...stub.archive.values()].reduce((sum, { length }) => sum + length, 0),
      };

      stub.forget();
      await consumeAll(consumer, bodies, functions.batchSize);
      keep('consumer', consumer, source.records);
      demand('events', stub.events.total, source.records);
      demand(
        'index entries',
        [...stub.puts.keys].filter((key) => key.endsWith('/call')).length,
        source.records,
      );

      stub.forget();
      const singles = bodies.flatMap(linesOf).slice(0, ONE_BY_ONE_RECORDS);
      await consumeAll(oneByOne, singles, functions.batchSize);
      keep('oneByOne', oneByOne, singles.length);
      demand('events, one by one', stub.events.total, singles.length);
    }
  } finally {
    for (const fn of [poller, archiver, consumer, oneByOne]) fn.end();
    await stub.close();
  }

  const ratios = (ours: readonly number[], theirs: readonly number[]) =>
    median(ours.map((own, round) => (theirs[round] ?? Number.NaN) / own));
  const ingest = found.poller.map((round, place) => {
    const archived = found.archiver[place];
    return micros(round) + (archived ? micros(archived) : Number.NaN);
  });
  return {
    records: source.records,
    pageLimit,
    requestsPerThousand: (1_000 * requests) / source.records,
    poller: stageOf(found.poller),
    archiver: stageOf(found.archiver),
    consumer: stageOf(found.consumer),
    oneByOne: stageOf(found.oneByOne),
    ingestPerCore: 1e6 / median(ingest),
    shellPerCore: shell.length === 0 ? undefined : 1e6 / median(shell),
    shellAbsent,
    ingestToShell: shell.length === 0 ? undefined : ratios(ingest, shell),
    consumerToOneByOne: ratios(found.consumer.map(micros), found.oneByOne.map(micros)),
    archiveBytesPerRecord: archive.bytes / source.records,
    recordsPerObject: source.records / archive.objects,
  };
};
