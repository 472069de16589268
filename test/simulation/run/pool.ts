import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Failure, SeedOutcome } from './suite.ts';

export interface PoolOrder {
  readonly suite: string;
  /** Seeds are taken from `firstSeed` up until they have given so many runs. */
  readonly runs: number;
  readonly firstSeed?: number;
  /** No further seed is begun after so many failures. */
  readonly mostFailures?: number;
  readonly onProgress?: (runs: number) => void;
}

export interface PoolOutcome {
  readonly runs: number;
  readonly seeds: number;
  readonly failures: readonly Failure[];
  readonly counts: Readonly<Record<string, number>>;
}

/** What a worker answers for one seed. */
export type WorkerAnswer = { readonly outcome: SeedOutcome } | { readonly error: string };

const MOST_FAILURES = 20;

/** Runs a suite's seeds on every core. Rejects where a run did not end by itself: that is a defect of the suite. */
export const runSuite = async ({
  suite,
  runs: wanted,
  firstSeed = 1,
  mostFailures = MOST_FAILURES,
  onProgress,
}: PoolOrder): Promise<PoolOutcome> => {
  let next = firstSeed;
  let runs = 0;
  const failures: Failure[] = [];
  const counts: Record<string, number> = {};
  const take = ({ outcome }: { outcome: SeedOutcome }) => {
    runs += outcome.runs;
    failures.push(...outcome.failures);
    for (const [name, count] of Object.entries(outcome.counts)) counts[name] = (counts[name] ?? 0) + count;
    onProgress?.(Math.min(runs, wanted));
  };
  const isOwed = () => runs < wanted && failures.length < mostFailures;
  const lane = async (): Promise<void> => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: suite, execArgv: [] });
    try {
      while (isOwed()) {
        const seed = next;
        next += 1;
        worker.postMessage(seed, []);
        const [answer] = (await once(worker, 'message')) as [WorkerAnswer];
        if ('error' in answer) throw new Error(`seed ${seed} of ${suite}: ${answer.error}`);
        take(answer);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return { runs, seeds: next - firstSeed, failures, counts };
};
