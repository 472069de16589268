import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Failure, SeedOutcome } from './suite.ts';

export interface PoolOrder {
  readonly suite: string;
  /** Seeds are taken from `firstSeed` up until they have given so many runs. */
  readonly runs: number;
  readonly firstSeed?: number;
  /** After so many failures no further run is begun. */
  readonly mostFailures?: number;
  /** What runs the seeds, where it is not the one beside this file. */
  readonly worker?: URL;
  /** How many run at once, where it is not one a core. */
  readonly workers?: number;
  readonly onProgress?: (runs: number, failed: number) => void;
  /** No further seed is begun after it; those that run are ended. */
  readonly until?: AbortSignal;
}

export interface PoolOutcome {
  readonly runs: number;
  readonly seeds: number;
  readonly failures: readonly Failure[];
  readonly counts: Readonly<Record<string, number>>;
}

/** What a worker is to do with the seeds that it is sent. */
export interface WorkerOrder {
  readonly name: string;
  readonly mostFailures: number;
  /** Above 0: no further run is begun. */
  readonly enough: Int32Array<SharedArrayBuffer>;
}

/** What it answers for one. */
export type WorkerAnswer = { readonly outcome: SeedOutcome } | { readonly error: string };

const MOST_FAILURES = 20;

/** Runs a suite's seeds on every core. Rejects where a run did not end by itself: that is a defect of the suite. */
export const runSuite = async ({
  suite,
  runs: wanted,
  firstSeed = 1,
  mostFailures = MOST_FAILURES,
  worker = new URL('./worker.ts', import.meta.url),
  workers = availableParallelism(),
  onProgress,
  until,
}: PoolOrder): Promise<PoolOutcome> => {
  let next = firstSeed;
  let runs = 0;
  const failures: Failure[] = [];
  const counts: Record<string, number> = {};
  const enough = new Int32Array(new SharedArrayBuffer(4));
  const take = ({ outcome }: { outcome: SeedOutcome }) => {
    runs += outcome.runs;
    failures.push(...outcome.failures);
    for (const [name, count] of Object.entries(outcome.counts)) counts[name] = (counts[name] ?? 0) + count;
    if (failures.length >= mostFailures) Atomics.store(enough, 0, 1);
    onProgress?.(Math.min(runs, wanted), failures.length);
  };
  const isOwed = () => runs < wanted && failures.length < mostFailures && until?.aborted !== true;
  const lane = async (): Promise<void> => {
    const workerData: WorkerOrder = { name: suite, mostFailures, enough };
    const running = new Worker(worker, { workerData, execArgv: [] });
    try {
      while (isOwed()) {
        const seed = next;
        next += 1;
        running.postMessage(seed, []);
        const [answer] = (await once(running, 'message')) as [WorkerAnswer];
        if ('error' in answer) throw new Error(`seed ${seed} of ${suite}: ${answer.error}`);
        take(answer);
      }
    } finally {
      await running.terminate();
    }
  };
  await Promise.all(Array.from({ length: workers }, lane));
  return { runs, seeds: next - firstSeed, failures, counts };
};
