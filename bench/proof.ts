import { parseArgs } from 'node:util';
import { DayReport } from '../shared/contract/day-proof.ts';
import { dayWindow } from '../shared/core/proof-rounds.ts';
import { DAY, HOUR, SECOND } from '../shared/core/time.ts';
import { functionNamed, provisionBench } from './functions.ts';
import { ACCOUNT, AMISS, type Amiss, DT, startProofWorld } from './proof-world.ts';
import { demand, MeasuredFunction } from './stages.ts';

/**
 * Proves one day of so many records by the bundled function, each size in a process of its own that holds nothing
 * but the prover. `node bench/proof.ts 1000 10000 100000 1000000 3000000`; with `--amiss index`, `content` or `archive`
 * every record of the day is amiss.
 */
const { values: options, positionals } = parseArgs({
  options: { amiss: { type: 'string', default: 'nothing' } },
  allowPositionals: true,
});
const amiss = AMISS.find((one) => one === options.amiss);
if (!amiss) throw new RangeError(`--amiss is one of ${AMISS.join(', ')}`);

const provisioned = await provisionBench();
/** A busy machine may take as long as it likes: what is measured is no wall clock. */
const prover = { ...functionNamed(provisioned, 'prover'), timeoutSeconds: DAY / SECOND };
const whole = (value: number): string => Math.round(value).toLocaleString('en');

/** What the proof is to count of a day of so many records. */
const WANTED: Readonly<Record<Amiss, readonly (keyof NonNullable<DayReport['manifest']>['counts'])[]>> = {
  nothing: [],
  index: ['unindexed'],
  content: ['stale'],
  archive: ['missing', 'extra'],
};

const measure = async (records: number): Promise<void> => {
  const world = await startProofWorld(records, amiss);
  const fn = new MeasuredFunction(prover, world.env);
  const order = {
    scheduledAt: new Date(dayWindow(DT).to + 27 * HOUR).toISOString(),
    accounts: [{ name: ACCOUNT, secretId: 'bench', volatilePaths: [] }],
    days: [DT],
  };
  try {
    const [report] = DayReport.array()
      .length(1)
      .parse((await fn.run(order)).result);
    const { manifest } = report ?? {};
    demand('records of the source', manifest?.source.records ?? 0, records);
    for (const [kind, count] of Object.entries(manifest?.counts ?? {}))
      demand(kind, count, WANTED[amiss].some((wanted) => wanted === kind) ? records : 0);
    const { cpuMs, peakMemoryMb, heapMb } = fn.take();
    const requests = Object.entries(world.requests()).map(([name, count]) => `${name} ${whole(count)}`);
    process.stdout.write(
      `${whole(records)} records, ${amiss} amiss, ${manifest?.verdict}: ${(cpuMs / SECOND).toFixed(1)} s of CPU, ${whole((SECOND * records) / cpuMs)} records/s/core; ${peakMemoryMb} MB held at most, heap ${heapMb} MB; ${requests.join(', ')}\n`,
    );
  } finally {
    fn.end();
    await world.close();
  }
};

for (const text of positionals) await measure(Number(text));
