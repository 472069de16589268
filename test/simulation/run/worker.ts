import { parentPort, workerData } from 'node:worker_threads';
import type { WorkerAnswer } from './pool.ts';
import { suiteNamed } from './suites.ts';

const suite = suiteNamed(String(workerData));

const answer = async (seed: number): Promise<WorkerAnswer> => {
  try {
    return { outcome: await suite.runSeed(seed) };
  } catch (error) {
    return { error: error instanceof Error ? `${error.stack}` : String(error) };
  }
};

parentPort?.on('message', (seed: number) => {
  void answer(seed).then((answered) => parentPort?.postMessage(answered, []));
});
