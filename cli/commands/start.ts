import type { Comparison } from '../../local/comparison.ts';
import type { Ending } from '../../local/scheduler.ts';
import type { LocalSystem, News } from '../../local/local-system.ts';
import { type EpochMs, istStamp, type Ms, SECOND } from '../../shared/core/time.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure, tell, toFailure } from '../failure.ts';
import { troubleFailure } from '../source-trouble.ts';
import { StartView } from '../start-view.ts';
import { listenForStop } from '../stop-signal.ts';
import type { Terminal } from '../terminal.ts';

export interface StartOptions {
  readonly once?: boolean;
  /** UTC epoch ms. */
  readonly from?: EpochMs;
  readonly to?: EpochMs;
  readonly data: string;
  readonly fresh?: boolean;
}

const REFRESH: Ms = SECOND / 5;

const now = (): Ms => performance.now();

/**
 * Runs the system until it is stopped, or with `--once` until everything has arrived.
 *
 * @param gone aborts when nobody reads stdout any more: the same as Ctrl-C
 */
export const start = async (
  terminal: Terminal,
  options: StartOptions,
  gone: AbortSignal,
): Promise<ExitCode> => {
  const listener = listenForStop(process, now, (code) => process.exit(code));
  gone.addEventListener('abort', listener.request);
  listener.stop.addEventListener('abort', () => terminal.say('stopping; a second Ctrl-C ends at once'));
  if (options.from !== undefined && options.to !== undefined && options.from >= options.to) {
    throw new Failure('range-empty', 'there is nothing between --from and --to', {
      came: `${istStamp(options.from)} to ${istStamp(options.to)}`,
      wanted: '--from before --to, which is not included itself',
      cure: 'npx smartflo-cdr start --from 2024-05-09 --to 2024-05-10',
      exit: EXIT.usage,
    });
  }
  if (options.from !== undefined && options.from >= Date.now()) {
    throw new Failure('range-ahead', 'no call can have begun yet after --from', {
      came: `${istStamp(options.from)}, and in India it is ${istStamp(Date.now())}`,
      wanted: '--from in the past',
      cure: 'npx smartflo-cdr start, which fetches the last day and goes on from there',
      exit: EXIT.usage,
    });
  }
  const view = new StartView(terminal, {
    stream: terminal.manners.json && options.once !== true,
    data: options.data,
    now,
  });
  let log: string | undefined;
  try {
    const { startSystem } = await import('../../local/system.ts');
    const system = await startSystem({
      data: options.data,
      fresh: options.fresh ?? false,
      from: options.from,
      to: options.to,
      once: options.once ?? false,
      env: process.env,
      stop: listener.stop,
      hear: (news: News) => view.hear(news),
      opened: (status, notes) => {
        log = status.log;
        view.header(status, notes);
      },
    });
    const refreshing = setInterval(
      () => view.refresh({ status: system.status(), totals: system.totals(), progress: system.progress() }),
      REFRESH,
    );
    try {
      view.beginCatchUp();
      return await (options.once ? runOnce(terminal, system, view) : runLive(terminal, system, view));
    } finally {
      clearInterval(refreshing);
      view.endCatchUp();
      await system.close();
    }
  } catch (thrown) {
    const failure = toFailure(thrown);
    failure.log ??= log;
    throw failure;
  } finally {
    listener.close();
  }
};

const runOnce = async (terminal: Terminal, system: LocalSystem, view: StartView): Promise<ExitCode> => {
  const ending = await system.catchUp();
  if (ending.kind === 'refused') throw troubleFailure(ending.report);
  const drained = ending.kind === 'caught-up' ? await system.drain() : 'stopped';
  view.ending();
  if (drained === 'drained') await system.runSidelines();
  await system.settle();
  const comparison = await system.compare('all');
  view.summary(system.status(), system.totals(), comparison);
  const complete = drained === 'drained' && comparison.agrees && system.status().figures.deadLetters === 0;
  const exit = drained === 'stopped' ? EXIT.interrupted : complete ? EXIT.ok : EXIT.finding;
  if (drained !== 'stopped' && !complete)
    tell(terminal, incomplete(comparison, drained, system.status().log), false);
  if (terminal.manners.json)
    terminal.document('start/1', { ...finalDocument(system, comparison), complete, exit });
  return exit;
};

const runLive = async (terminal: Terminal, system: LocalSystem, view: StartView): Promise<ExitCode> => {
  let ending: Ending = await system.catchUp();
  if (ending.kind === 'caught-up' && (await system.drain()) !== 'stopped') {
    void system.runSidelines();
    view.caughtUp(system.status(), system.totals());
    ending = await system.follow();
  }
  if (ending.kind === 'refused' && system.totals().records === 0) throw troubleFailure(ending.report);
  view.ending();
  await system.settle();
  const comparison = await system.compare('today');
  view.summary(system.status(), system.totals(), comparison);
  if (terminal.manners.json) terminal.line('summary/1', finalDocument(system, comparison));
  if (ending.kind === 'refused') throw troubleFailure(ending.report);
  return EXIT.ok;
};

const finalDocument = (system: LocalSystem, comparison: Comparison) => ({
  status: { ...system.status(), phase: 'stopped' },
  run: system.totals(),
  comparison,
});

const incomplete = (comparison: Comparison, drained: 'drained' | 'stuck', log: string): Failure => {
  const failure = new Failure('not-all-arrived', 'not everything that was fetched arrived', {
    came: drained === 'stuck' ? 'messages that stay in the queue' : comparison.verdict,
    wanted: 'archive, index and bus agree, and the queue and the dead letters are empty',
    cure: 'npx smartflo-cdr start --once goes on from here; what is still missing then is in the log',
    exit: EXIT.finding,
  });
  failure.log = log;
  return failure;
};
