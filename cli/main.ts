import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { DEFAULT_DATA } from './default-data.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { Failure, report, toFailure } from './failure.ts';
import { parseIstInstant } from './ist-instant.ts';
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
  const exit = await runCommand(args, terminal, gone.signal).catch((thrown: unknown) =>
    report(terminal, toFailure(thrown), debug),
  );
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))),
  );
  process.exit(exit);
};

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
  const program = describeProgram(terminal, gone, (code) => {
    exit = code;
  });
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

const describeProgram = (terminal: Terminal, gone: AbortSignal, end: (code: ExitCode) => void): Command => {
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
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      'before',
      examples(
        'npx smartflo-cdr start',
        'npx smartflo-cdr start --once --from 2024-05-09 --to 2024-05-10',
        'npx smartflo-cdr status',
      ),
    );

  program
    .command('start')
    .usage('[options]')
    .description('run the whole system on this machine: no AWS, no Docker, no account')
    .option('--once', 'catch up, drain, and end: 0 only if everything arrived')
    .option(
      '--from <time>',
      'the first call to fetch, India time: 2024-05-09 or "2024-05-09 09:30"',
      istInstant,
    )
    .option('--to <time>', 'fetch up to here, not including it', istInstant)
    .option('--data <folder>', 'where everything is kept', DEFAULT_DATA)
    .option('--fresh', 'begin anew; what is there moves to set-aside/ inside the folder')
    .addHelpText(
      'before',
      examples(
        'npx smartflo-cdr start',
        'npx smartflo-cdr start --once --json',
        'npx smartflo-cdr start --from 2024-05-09 --to 2024-05-10 --once',
        'SMARTFLO_TOKEN=... npx smartflo-cdr start --data ./real',
      ),
    )
    .addHelpText(
      'after',
      '\nEnvironment: SMARTFLO_TOKEN, or SMARTFLO_EMAIL and SMARTFLO_PASSWORD; SMARTFLO_BASE_URL, SMARTFLO_RPS.\nWithout a credential the calls are simulated and nothing leaves this machine.',
    )
    .action(async (options) => {
      const { start } = await import('./commands/start.ts');
      end(await start(terminal, options, gone));
    });

  program
    .command('status')
    .usage('[options]')
    .description('what runs, where things lie, and the figures')
    .option('--data <folder>', 'the folder of the start', DEFAULT_DATA)
    .addHelpText('before', examples('npx smartflo-cdr status', 'npx smartflo-cdr status --json'))
    .action(async (options) => {
      const { status } = await import('./commands/status.ts');
      end(await status(terminal, options));
    });

  program
    .command('plan')
    .usage('[options]')
    .description("what polling needs of the source's rate limit, and whether the rate carries it")
    .option('--calls-per-minute <calls>', 'calls that the account has', above0, 200)
    .option('--page <records>', 'records on a page, as the source allows', above0, 100)
    .option('--rate <requests>', 'requests a second that polling may take', above0, 1)
    .addHelpText('before', examples('npx smartflo-cdr plan --calls-per-minute 200 --page 100 --rate 1'))
    .action(async (options) => {
      const { plan } = await import('./commands/plan.ts');
      end(plan(terminal, options));
    });

  program
    .command('explain')
    .usage('[code]')
    .description('what the code of an error means, and its cure; works offline')
    .argument('[code]', 'as the error printed it; without one, all are listed')
    .addHelpText('before', examples('npx smartflo-cdr explain login-rejected'))
    .action(async (code: string | undefined) => {
      const { explain } = await import('./commands/explain.ts');
      end(explain(terminal, code));
    });

  return program;
};

const examples = (...lines: readonly string[]): string =>
  `Examples:\n${lines.map((line) => `  ${line}`).join('\n')}\n\n`;

const istInstant = (text: string): number => {
  const at = parseIstInstant(text);
  if (at === undefined)
    throw new InvalidArgumentError('Wanted a date or time in India, like 2024-05-09 or "2024-05-09 09:30".');
  return at;
};

const above0 = (text: string): number => {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('Wanted a number above 0.');
  return value;
};

/** commander's own words, in our four parts. */
const usageFailure = (error: CommanderError, args: readonly string[], program: Command): Failure => {
  const [first = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const command = program.commands.find((known) => args.includes(known.name()));
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
