import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { MUTANTS } from './mutants/mutants.ts';
import { copyWith } from './mutants/mutated-copy.ts';
import { runSuite } from './run/pool.ts';
import { failureText } from './run/suite.ts';
import { suiteNamed } from './run/suites.ts';

/** Runs before a mutant counts as not caught. */
const RUNS = 3_000;

/** A run at such a point, without and with faults, must pass where nothing is changed. */
const POINTS = ['crash:1', 'crash:11:109:reply-lost', 'proof:1'];

const failuresAt = async (point: string): Promise<string[]> => {
  const [name = '', ...rest] = point.split(':');
  const failures = await (await suiteNamed(name)).replay(rest.join(':'), () => undefined);
  return failures.map(failureText);
};

test.each(MUTANTS)(
  '$name: caught',
  { timeout: 600_000 },
  async ({ edits, from: firstSeed = 1, suite = 'crash' }) => {
    using copy = copyWith(edits);
    const worker = pathToFileURL(join(copy.folder, 'test/simulation/run/worker.ts'));
    const order = { suite, runs: RUNS, firstSeed, mostFailures: 1, worker };
    // Most fail in the first of a second, which takes less time than to load a second worker.
    const { failures } = await runSuite({ ...order, workers: 1 });
    expect(failures.length, `no failure in ${RUNS} runs from seed ${firstSeed}`).toBeGreaterThan(0);
    // It is the mutant that fails there, and not the harness.
    expect(await failuresAt(failures[0]?.point ?? '')).toEqual([]);
  },
);

const simulate = (folder: string, ...options: string[]) =>
  spawnSync(process.execPath, ['test/simulation/simulate.ts', ...options], { cwd: folder, encoding: 'utf8' });

test.each(POINTS)('a copy without a change fails nothing: %s', (point) => {
  using copy = copyWith([]);
  const { status, stdout } = simulate(copy.folder, '--replay', point);
  expect(stdout.trim().split('\n').at(-1)).toBe('nothing failed');
  expect(status).toBe(0);
});

test('a failing run names the command that shows it again, and that command shows it', () => {
  const mutant = MUTANTS.find(({ name }) => name.includes('skip unchanged'));
  using copy = copyWith(mutant?.edits ?? []);
  const run = simulate(copy.folder, '--crashes', '1000', '--from', '11', '--failures', '1');
  expect(run.status).toBe(1);
  const [, failure, point] = /^(.+)\n {4}npm run simulate -- --replay (\S+)$/m.exec(run.stdout) ?? [];
  expect(point).toMatch(/^crash:1\d/);
  const again = simulate(copy.folder, '--replay', point ?? '');
  expect(again.status).toBe(1);
  expect(again.stdout).toContain(failure);
  expect(again.stdout.split('\n').length).toBeGreaterThan(100);
});

test('a mutant that no longer applies is no mutant', () => {
  expect(() => copyWith([{ find: 'nobody ever wrote this', replace: '' }])).toThrow(/0 times/);
  expect(() => copyWith([{ find: 'export', replace: '' }])).toThrow(/once was wanted/);
});
