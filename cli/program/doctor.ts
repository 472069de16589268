import type { Command } from 'commander';
import { placed } from './place-options.ts';
import { above0, examples, type Shell } from './shell.ts';

export const describeDoctor = (program: Command, { terminal, end }: Shell): void => {
  placed(
    program
      .command('doctor')
      .usage('[options]')
      .description('what is wrong, and its cure; asks the source what nobody knows'),
  )
    .option('--calls-per-minute <calls>', 'calls that an account has, for the rate', above0, 20)
    .option('--no-source', 'do not ask the source')
    .option('--strict', 'a warning ends with 3 too')
    .addHelpText(
      'before',
      examples('npx smartflo-cdr doctor', 'SMARTFLO_TOKEN=... npx smartflo-cdr doctor --json'),
    )
    .addHelpText(
      'after',
      '\nReads only. At most 16 requests to the source, one a second; a login is never tried.',
    )
    .action(async (options) => {
      const { doctor } = await import('../commands/doctor.ts');
      end(await doctor(terminal, options));
    });
};
