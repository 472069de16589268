import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { PHASES } from './run/fault-points.ts';
import { runSuite } from './run/pool.ts';
import { failureText } from './run/suite.ts';
import { DAMAGES } from './support/proof-run.ts';

/** Some of the effects of some seeds; `npm run simulate -- --proofs 20000` runs more. */
const RUNS = 250;

/** What the prover does to the world. */
const EFFECTS = [
  'proofs.load',
  'proofs.save',
  'objects.list',
  'objects.read',
  'objects.create',
  'index.pages',
  'index.load',
  'queue.send',
  'orders.load',
  'orders.save',
  'ledger.load',
  'bus.publish',
];

test('a death of prover, poller or consumer while a damaged day is proven and healed: proven in the end, never before', async () => {
  const { runs, failures, counts } = await runSuite({ suite: 'proof', runs: RUNS });
  expect(failures.map(failureText)).toEqual([]);
  expect(runs).toBeGreaterThanOrEqual(RUNS);
  expect(DAMAGES.filter((kind) => !counts[kind])).toEqual([]);
  // The long set meets each of them at each phase.
  const unmet = EFFECTS.filter((name) => !PHASES.some((phase) => counts[`prover ${name} ${phase}`]));
  expect(unmet).toEqual([]);
}, 600_000);

test('one run is played again, and the command ends with it', () => {
  const simulate = fileURLToPath(new URL('./simulate.ts', import.meta.url));
  const args = [simulate, '--replay', 'proof:1:20:crash-after'];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 30_000 });
  expect(stdout).toContain('<<< crash-after');
  expect(stdout).toMatch(/^nothing failed\n$/m);
  expect(status).toBe(0);
}, 60_000);
