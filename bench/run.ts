import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ProvisionedFunction } from '../local/provision.ts';
import { startAwsStub } from './aws-stub.ts';
import { bundleKb, bundleLike } from './bundle.ts';
import { measureEndToEnd } from './end-to-end.ts';
import { functionNamed, provisionBench, SYNTHESIS } from './functions.ts';
import { measureLoads } from './loading.ts';
import { LONG, measureLivePacks, measurePollingRate, SHORT } from './polling-rates.ts';
import { measureQuestions } from './questions.ts';
import { linesOf, verdictLines } from './report.ts';
import { measureGrowth, measureSlowSource } from './scale.ts';
import { SECRET, startSource } from './source.ts';
import type { Figures, FunctionLoad } from './targets.ts';
import { judgeFigures } from './targets.ts';
import { measureThroughput } from './throughput.ts';

const USAGE = `npm run bench -- [options]
  --calls N      records of the fake, about (20,000)
  --rounds N     measured rounds of each stage, after one that warms up (5)
  --only A,B     of: ${['stages', 'end-to-end', 'load', 'live', 'slow', 'growth', 'rates', 'questions'].join(', ')}
  --million      growth up to a million records
  --nine-days    requests a minute over nine virtual days and one more, nothing taken from the plan
  --json         one document on stdout; lines for people are on stderr either way`;

const { values: options } = parseArgs({
  options: {
    calls: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string' },
    million: { type: 'boolean', default: false },
    'nine-days': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const CALLS_A_MINUTE = 200;
/** Full packs need pages that fill them; the default is 100. */
const FULL_PAGES = 1_000;
const DEFAULT_PAGES = 100;
const LOADS = 15;

const wanted = options.only?.split(',');
const wants = (section: string): boolean => wanted?.includes(section) ?? true;
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const wholeAbove0 = (name: string, text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new RangeError(`--${name}: wanted a whole number above 0, got ${text}\n${USAGE}`);
  return value;
};

interface Deployed {
  readonly poller: ProvisionedFunction;
  readonly consumer: ProvisionedFunction;
  readonly batchSize: number;
}

const deploy = async (): Promise<Deployed> => {
  const provisioned = await provisionBench();
  return {
    poller: functionNamed(provisioned, 'poller'),
    consumer: functionNamed(provisioned, 'consumer'),
    batchSize: provisioned.eventSources[0]?.batchSize ?? 10,
  };
};

const loadsOf = async ({ poller, consumer }: Deployed, dir: string): Promise<FunctionLoad[]> => {
  const barePoller = await bundleLike(poller, 'bare-poller-clients', dir);
  const bareConsumer = await bundleLike(consumer, 'bare-consumer-clients', dir);
  const stub = await startAwsStub(SECRET);
  const functions = [poller, barePoller, consumer, bareConsumer];
  const loads = await measureLoads(functions, stub.env, LOADS);
  await stub.close();
  const kb = await Promise.all(functions.map(bundleKb));
  return [0, 2].flatMap((place) => {
    const [fn, own, bare] = [functions[place], loads[place], loads[place + 1]];
    return fn && own && bare
      ? [{ name: fn.name, bundleKb: kb[place] ?? 0, bareKb: kb[place + 1] ?? 0, own, bare }]
      : [];
  });
};

const measure = async (records: number, rounds: number, dir: string): Promise<Figures> => {
  const deployed = await deploy();
  const { poller, consumer, batchSize } = deployed;
  const figures: { -readonly [Figure in keyof Figures]: Figures[Figure] } = {
    memoryMb: { poller: poller.memoryMb, consumer: consumer.memoryMb },
  };
  const section = async (name: string, work: () => Promise<void>): Promise<void> => {
    if (!wants(name)) return;
    const began = performance.now();
    await work();
    say(`… ${name}: ${((performance.now() - began) / 1_000).toFixed(0)} s`);
  };

  await section('load', async () => {
    figures.loads = await loadsOf(deployed, dir);
  });
  await section('stages', async () => {
    const source = await startSource({ records, callsPerMinute: CALLS_A_MINUTE });
    const archiver = await bundleLike(consumer, 'archive-only', dir);
    const oneByOne = await bundleLike(consumer, 'one-by-one', dir);
    const functions = { poller, consumer, archiver, oneByOne, batchSize };
    figures.throughput = await measureThroughput(functions, source, { rounds, pageLimit: FULL_PAGES, dir });
    await source.close();
  });
  await section('end-to-end', async () => {
    const source = await startSource({ records, callsPerMinute: CALLS_A_MINUTE });
    figures.endToEnd = await measureEndToEnd(SYNTHESIS, source, DEFAULT_PAGES);
    await source.close();
  });
  await section('live', async () => {
    figures.live = await measureLivePacks();
  });
  await section('slow', async () => {
    figures.slowSource = [await measureSlowSource(poller, 1), await measureSlowSource(poller, 4)];
  });
  await section('growth', async () => {
    const sizes = options.million ? [10_000, 100_000, 1_000_000] : [10_000, 100_000];
    figures.growth = await measureGrowth(deployed, sizes, DEFAULT_PAGES);
  });
  await section('rates', async () => {
    const rates = [];
    for (const density of options['nine-days'] ? LONG : SHORT) rates.push(await measurePollingRate(density));
    figures.pollingRates = rates;
  });
  await section('questions', async () => {
    figures.questions = await measureQuestions(records);
  });
  return figures;
};

const main = async (): Promise<void> => {
  if (options.help) return say(USAGE);
  const records = wholeAbove0('calls', options.calls);
  const rounds = wholeAbove0('rounds', options.rounds);
  const dir = await mkdtemp(join(tmpdir(), 'smartflo-cdr-bench-'));
  try {
    const [cpu] = cpus();
    const machine = `${availableParallelism()} × ${cpu?.model ?? 'unknown'}, Node ${process.versions.node}`;
    say(`${machine}; about ${records} records, ${rounds} rounds`);
    const figures = await measure(records, rounds, dir);
    const verdicts = judgeFigures(figures);
    for (const line of [...linesOf(figures), ...verdictLines(verdicts)]) say(line);
    if (options.json) {
      const document = { schema: 'bench/1', at: new Date().toISOString(), machine, figures, verdicts };
      process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};

await main();
