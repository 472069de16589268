import { DayReport } from '../shared/contract/day-proof.ts';
import { dayWindow } from '../shared/core/proof-rounds.ts';
import { HOUR } from '../shared/core/time.ts';
import { functionNamed, provisionBench } from './functions.ts';
import { ACCOUNT, DT, startProofWorld } from './proof-world.ts';
import { demand, MeasuredFunction } from './stages.ts';

/**
 * Proves one day of so many records by the bundled function, each size in a process of its own that holds nothing
 * but the prover. `node bench/proof.ts 1000 10000 100000 1000000 3000000`.
 */
const provisioned = await provisionBench();
const prover = functionNamed(provisioned, 'prover');
const whole = (value: number): string => Math.round(value).toLocaleString('en');

const measure = async (records: number): Promise<void> => {
  const world = await startProofWorld(records);
  const fn = new MeasuredFunction(prover, world.env);
  const order = {
    scheduledAt: new Date(dayWindow(DT).to + 27 * HOUR).toISOString(),
    accounts: [{ name: ACCOUNT, secretId: 'bench', volatilePaths: [] }],
    days: [DT],
  };
  try {
    let [report, invocations] = [undefined as DayReport | undefined, 0];
    while (report?.manifest === undefined && invocations < 20) {
      const { result } = await fn.run(order);
      [report] = DayReport.array().length(1).parse(result);
      invocations += 1;
    }
    demand('verdict proven', Number(report?.verdict === 'proven'), 1);
    demand('records in the archive', report?.manifest?.archive.records ?? 0, records);
    const { cpuMs, wallMs, peakMemoryMb, heapMb } = fn.take();
    const requests = Object.entries(world.requests()).map(([name, count]) => `${name} ${whole(count)}`);
    process.stdout.write(
      `${whole(records)} records: ${(wallMs / 1_000).toFixed(1)} s in ${invocations} invocations, the world's making included; ${(cpuMs / 1_000).toFixed(1)} s of CPU, ${whole((1_000 * records) / cpuMs)} records/s/core; ${peakMemoryMb} MB held at most, heap ${heapMb} MB; ${requests.join(', ')}\n`,
    );
  } finally {
    fn.end();
    await world.close();
  }
};

for (const text of process.argv.slice(2)) await measure(Number(text));
