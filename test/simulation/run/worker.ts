import { parentPort, workerData } from 'node:worker_threads';
import type { WorkerAnswer, WorkerOrder } from './pool.ts';
import { suiteNamed } from './suites.ts';

const { name, mostFailures, enough } = workerData as WorkerOrder;
const suite = await suiteNamed(name);

/** Another worker may have found what is looked for. */
const isEnough = (failures: number): boolean => failures >= mostFailures || Atomics.load(enough, 0) > 0;

const answer = async (seed: number): Promise<WorkerAnswer> => {
  try {
    return { outcome: await suite.runSeed(seed, isEnough) };
  } catch (error) {
    return { error: error instanceof Error ? `${error.stack}` : String(error) };
  }
};

parentPort?.on('message', (seed: number) => {
  void answer(seed).then((answered) => parentPort?.postMessage(answered, []));
});
