import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { Failure, report, toFailure } from './failure.ts';
import { describeBackfill } from './program/backfill.ts';
import { describeCalls } from './program/calls.ts';
import { describeConfig } from './program/config.ts';
import { describeDeadLetters } from './program/dead-letters.ts';
import { describeDoctor } from './program/doctor.ts';
import { describeExplain } from './program/explain.ts';
import { describeCost } from './program/cost.ts';
import { describeLateness } from './program/lateness.ts';
import { describePlan } from './program/plan.ts';
import { describeProve } from './program/prove.ts';
import { describeQuarantine } from './program/quarantine.ts';
import { describeQuery } from './program/query.ts';
import { describeRebuild } from './program/rebuild.ts';
import { describeReplay } from './program/replay.ts';
import { describeReport } from './program/report.ts';
import { examples, type Shell } from './program/shell.ts';
import { describeStart } from './program/start.ts';
import { describeStatus } from './program/status.ts';
import { describeTrigger } from './program/trigger.ts';
import { Terminal } from './terminal.ts';

const VERSION: string = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;

/** Runs one command and ends the process with its exit code. Never rejects. */
export const run = async (args: readonly string[]): Promise<void> => {
  const flagged = (flag: string) => args.includes(flag);
  const debug = flagged('--debug');
  // What libraries deprecate is nobody's concern who watches calls.
  if (!debug) process.removeAllListeners('warning');
  const gone = new AbortController();
  const terminal = new Terminal(
    process,
    process.env,
    { plain: flagged('--plain'), colour: !flagged('--no-color'), json: flagged('--json') },
    () => gone.abort(),
  );
  // A library may throw where nobody can catch it: dynalite does on a full disk.
  process.on('uncaughtException', (thrown) => process.exit(report(terminal, toFailure(thrown), debug)));
  const exit = await runCommand(args, terminal, gone.signal).catch((thrown: unknown) =>
    report(terminal, toFailure(thrown), debug),
  );
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))),
  );
  process.exit(terminal.lost ? report(terminal, outputLost(terminal.lost), debug) : exit);
};

const outputLost = (cause: Error): Failure =>
  new Failure('output-lost', 'what was asked for could not be written', {
    came: cause.message,
    wanted: 'a standard output that takes it all',
    cure: 'make room, or name another file, and run the same command again',
    cause,
  });

/**
 * @param gone aborts when nobody reads stdout any more
 * @throws {Failure} for every ending that is not an exit code of its own
 */
export const runCommand = async (
  args: readonly string[],
  terminal: Terminal,
  gone: AbortSignal,
): Promise<ExitCode> => {
  let exit: ExitCode = EXIT.ok;
  const end = (code: ExitCode) => {
    exit = code;
  };
  const program = describeProgram({ terminal, gone, end });
  try {
    if (args.length === 0) {
      terminal.say(program.helpInformation().trimEnd());
      return EXIT.usage;
    }
    await program.parseAsync(args, { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.exitCode === 0) return EXIT.ok;
    throw usageFailure(thrown, args, program);
  }
  return exit;
};

const COMMANDS = [
  describeStart,
  describeStatus,
  describeQuery,
  describeReport,
  describeCalls,
  describeDeadLetters,
  describeQuarantine,
  describeDoctor,
  describeProve,
  describeReplay,
  describeRebuild,
  describeLateness,
  describeTrigger,
  describeBackfill,
  describePlan,
  describeConfig,
  describeCost,
  describeExplain,
];

const describeProgram = (shell: Shell): Command => {
  const { terminal } = shell;
  const program = new Command('smartflo-cdr')
    .usage('COMMAND [options]')
    .description('Every Smartflo call record in an archive, an index and a stream of events.')
    .version(VERSION, '-V, --version', 'print the version')
    .option('--json', 'one JSON document on stdout, or one a line for a stream')
    .option('--plain', 'no redrawing, no boxes, percent in words')
    .option('--no-color', 'words only (NO_COLOR does the same)')
    .option('--debug', 'print the stack of an error')
    .helpOption('-h, --help', 'print help')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: () => {},
      outputError: () => {},
      getOutHelpWidth: () => terminal.output.columns,
      getOutHasColors: () => false,
    })
    .configureHelp({ showGlobalOptions: true, subcommandTerm: (command) => command.name() })
    .addHelpText(
      'before',
      examples(
        'npx smartflo-cdr start',
        'npx smartflo-cdr start --once --from 2024-05-09 --to 2024-05-10',
        'npx smartflo-cdr status',
      ),
    );

  for (const describe of COMMANDS) describe(program, shell);
  return program;
};

/** commander's own words, in our four parts. */
const usageFailure = (error: CommanderError, args: readonly string[], program: Command): Failure => {
  const [first = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const command = program.commands.find((known) => args.includes(known.name()));
  const verbs = (command?.commands ?? []).map((known) => known.name());
  // A group of commands, and none of them: commander would print its help.
  if (error.code === 'commander.help' && command && verbs.length > 0)
    return new Failure('usage', `${command.name()} what?`, {
      came: `smartflo-cdr ${command.name()}`,
      wanted: `one of ${verbs.join(', ')}`,
      cure: `npx smartflo-cdr ${command.name()} ${verbs[0] ?? ''}`,
      exit: EXIT.usage,
    });
  return new Failure('usage', first, {
    came: ['smartflo-cdr', ...wordsToRepeat(args)].join(' '),
    wanted: suggestion ? suggestion.replace(/^\((.*)\)$/, '$1') : 'what --help shows',
    cure: `npx smartflo-cdr ${command ? `${command.name()} ` : ''}--help`,
    exit: EXIT.usage,
  });
};

/** Commands and flags as typed, without their values: one of them might be a secret. */
const wordsToRepeat = (args: readonly string[]): string[] => {
  const [first = ''] = args;
  const flags = args.filter((word) => word.startsWith('-')).map((word) => word.replace(/=.*/s, '=...'));
  return [...(first.startsWith('-') ? [] : [first]), ...flags];
};
