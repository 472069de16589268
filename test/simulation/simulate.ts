import { parseArgs } from 'node:util';
import progress from 'cli-progress';
import { type PoolOutcome, runSuite } from './run/pool.ts';
import { failureText } from './run/suite.ts';
import { SUITES, suiteNamed } from './run/suites.ts';

const USAGE = `npm run simulate -- [options]
${SUITES.map(({ option, describe }) => `  --${`${option} N`.padEnd(14)} at least N ${describe}`).join('\n')}
  --from N         the first seed (1)
  --failures N     stop after so many (20)
  --replay POINT   one run again, effect by effect, as a failing run names it`;

const parsed = parseArgs({
  options: {
    ...Object.fromEntries(SUITES.map(({ option }) => [option, { type: 'string' as const }])),
    from: { type: 'string', default: '1' },
    failures: { type: 'string', default: '20' },
    replay: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const options: Readonly<Record<string, string | boolean | undefined>> = parsed.values;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const wholeAbove0 = (name: string, text: unknown): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new RangeError(`--${name}: wanted a whole number above 0, got ${String(text)}\n${USAGE}`);
  return value;
};

/** A bar where somebody watches, else a line at every tenth. */
const watch = (name: string, wanted: number): { show(runs: number, failed: number): void; end(): void } => {
  if (process.stderr.isTTY) {
    const bar = new progress.SingleBar({
      format: `${name} {bar} {value}/{total} runs, {failed} failed, {eta_formatted} left`,
      hideCursor: true,
    });
    bar.start(wanted, 0, { failed: 0 });
    return { show: (runs, failed) => bar.update(runs, { failed }), end: () => bar.stop() };
  }
  let tenths = 0;
  return {
    show(runs, failed) {
      const now = Math.floor((10 * runs) / wanted);
      if (now > tenths) process.stderr.write(`${name}: ${runs} of ${wanted} runs, ${failed} failed\n`);
      tenths = now;
    },
    end: () => undefined,
  };
};

const summary = ({ runs, seeds, failures }: PoolOutcome, name: string, began: number): string =>
  `${name}: ${runs} runs of ${seeds} seeds, ${failures.length} failures, ${((performance.now() - began) / 1_000).toFixed(0)} s`;

/** Ctrl-C ends a long run with what it has found. */
const stopping = new AbortController();
process.once('SIGINT', () => {
  stopping.abort();
  process.stderr.write('stopping: the seeds that run are ended; Ctrl-C again leaves at once\n');
});

/** @returns whether all of it was run, and nothing failed. */
const simulate = async ({ name, option }: (typeof SUITES)[number]): Promise<boolean> => {
  const runs = wholeAbove0(option, options[option]);
  const began = performance.now();
  const { show, end } = watch(name, runs);
  const outcome = await runSuite({
    suite: name,
    runs,
    firstSeed: wholeAbove0('from', options['from']),
    mostFailures: wholeAbove0('failures', options['failures']),
    onProgress: show,
    until: stopping.signal,
  }).finally(end);
  for (const failure of outcome.failures) say(failureText(failure));
  say(summary(outcome, name, began));
  return outcome.failures.length === 0 && !stopping.signal.aborted;
};

const replay = async (point: string): Promise<boolean> => {
  const [name = ''] = point.split(':', 1);
  const failures = await (await suiteNamed(name)).replay(point.slice(name.length + 1), say);
  for (const failure of failures) say(failureText(failure));
  say(failures.length === 0 ? 'nothing failed' : `${failures.length} failures`);
  return failures.length === 0;
};

const main = async (): Promise<boolean> => {
  if (typeof options['replay'] === 'string') return replay(options['replay']);
  const asked = SUITES.filter(({ option }) => options[option] !== undefined);
  if (options['help'] === true || asked.length === 0) {
    say(USAGE);
    return options['help'] === true;
  }
  let isGood = true;
  for (const suite of asked) if (!stopping.signal.aborted) isGood = (await simulate(suite)) && isGood;
  return isGood;
};

const exit = (await main()) ? 0 : 1;
// Not by itself: a prover that was killed leaves middy's timer behind, for the quarter of an hour that it had.
process.stdout.write('', () => process.exit(exit));
