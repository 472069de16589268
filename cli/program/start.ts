import type { Command } from 'commander';
import { DEFAULT_DATA } from '../default-data.ts';
import { examples, istInstant, type Shell } from './shell.ts';

export const describeStart = (program: Command, { terminal, gone, end }: Shell): Command =>
  program
    .command('start')
    .usage('[options]')
    .description('run the whole system here: no AWS, no Docker, no account')
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
      const { start } = await import('../commands/start.ts');
      end(await start(terminal, options, gone));
    });
