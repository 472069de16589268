import { expect, test } from 'vitest';
import { PHASES } from './run/fault-points.ts';
import { runSuite } from './run/pool.ts';
import { failureText } from './run/suite.ts';
import { suiteNamed } from './run/suites.ts';
import { runCrash } from './support/crash-run.ts';

/** Every effect of so many seeds as that takes. */
const RUNS = 20_000;

/** Everything that poller and consumer do to the world. */
const EFFECTS = [
  'credentials.read',
  'sessions.load',
  'sessions.save',
  'source.login',
  'source.page',
  'ledger.load',
  'ledger.save',
  'orders.load',
  'objects.read',
  'objects.create',
  'objects.replace',
  'queue.send',
  'queue.receive',
  'queue.delete',
  'index.load',
  'index.write',
  'bus.publish',
];

test('a death before and after every effect, and a lost reply: nothing lost, stale, silent or done twice', async () => {
  const { runs, failures, counts } = await runSuite({ suite: 'crash', runs: RUNS });
  expect(failures.map(failureText)).toEqual([]);
  expect(runs).toBeGreaterThanOrEqual(RUNS);
  const unmet = EFFECTS.flatMap((name) => PHASES.map((phase) => `${name} ${phase}`)).filter(
    (met) => !counts[met],
  );
  expect(unmet).toEqual([]);
}, 600_000);

const traceOf = async (point: string): Promise<string[]> => {
  const lines: string[] = [];
  const failures = await (await suiteNamed('crash')).replay(point, (line) => lines.push(line));
  return [...lines, ...failures.map(failureText)];
};

test('one seed gives one trace, another seed another', async () => {
  const once = await traceOf('11:60:crash-after+90:stalled');
  expect(once.length).toBeGreaterThan(100);
  expect(once.some((line) => line.endsWith('<<< crash-after'))).toBe(true);
  expect(await traceOf('11:60:crash-after+90:stalled')).toEqual(once);
  expect(await traceOf('12:60:crash-after+90:stalled')).not.toEqual(once);
});

test('a run has twelve records, two accounts, a record that changes back, and two consumers between one another', async () => {
  const seeds = Array.from({ length: 20 }, (_, place) => place + 1);
  let interleaved = 0;
  let changedBack = 0;
  for (const seed of seeds) {
    const { effects, records, revisions } = await runCrash({ seed, faults: [] });
    expect(records).toBeGreaterThanOrEqual(12);
    expect(revisions.size).toBe(records);
    if ([...revisions.values()].some(isChangedBack)) changedBack += 1;
    const consumers = effects.map(({ process }) => process).filter((name) => name.startsWith('consumer'));
    // One that goes on after another was in between has not finished before it.
    if (consumers.some((name, place) => consumers[place - 1] !== name && consumers.indexOf(name) < place))
      interleaved += 1;
  }
  expect(interleaved).toBeGreaterThanOrEqual(0.75 * seeds.length);
  // A change that comes while a tick reads may be seen by the next, or by none.
  expect(changedBack).toBeGreaterThanOrEqual(0.75 * seeds.length);
});

const isChangedBack = ([first, ...later]: readonly string[]): boolean =>
  later.length >= 2 && later.at(-1) === first;

test('a point that names no effect is refused', async () => {
  await expect(traceOf('7:here:crash-after')).rejects.toThrow(/wanted SEED:EFFECT:KIND/);
  await expect(traceOf('7:12:explosion')).rejects.toThrow(/crash-before/);
  await expect(suiteNamed('crush')).rejects.toThrow(/wanted one of crash/);
});
