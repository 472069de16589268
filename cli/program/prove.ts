import type { Command } from 'commander';
import { placed } from './place-options.ts';
import { examples, istDay, type Shell } from './shell.ts';

export const describeProve = (program: Command, { terminal, end }: Shell): void => {
  placed(
    program
      .command('prove')
      .usage('[options]')
      .description('is it all there? a line a day: source, archive, index, verdict'),
  )
    .option('--day <date>', 'one day in India', istDay)
    .option('--from <date>', 'the first of several days', istDay)
    .option('--to <date>', 'the last of them; without it, yesterday', istDay)
    .option('--anew', 'prove again what is proven already')
    .option('--no-heal', 'do not wait for what is missing to be fetched and proven again')
    .addHelpText(
      'before',
      examples('npx smartflo-cdr prove', 'npx smartflo-cdr prove --day 2024-05-09 --json'),
    )
    .addHelpText(
      'after',
      '\nExit code 0 only if every day is proven, 3 if one is not. Without a day: the last nine.',
    )
    .action(async (options) => {
      const { prove } = await import('../commands/prove.ts');
      end(await prove(terminal, options));
    });

  placed(
    program
      .command('coverage')
      .usage('[options]')
      .description('a calendar of hours: proven, covered, gap, exception'),
  )
    .option('--month <month>', 'like 2024-05; without it, the last 31 days')
    .addHelpText('before', examples('npx smartflo-cdr coverage', 'npx smartflo-cdr coverage --month 2024-05'))
    .action(async (options) => {
      const { coverage } = await import('../commands/coverage.ts');
      end(await coverage(terminal, options));
    });
};
