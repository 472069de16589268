import type { Command } from 'commander';
import { placed } from './place-options.ts';
import { examples, istDay, type Shell } from './shell.ts';

export const describeLateness = (program: Command, { terminal, end }: Shell): void => {
  placed(
    program
      .command('lateness')
      .usage('[options]')
      .description('how late calls appear and change, and the looks that fit'),
  )
    .option('--from <date>', 'the first day in India; without it, the last nine', istDay)
    .option('--to <date>', 'the last of them; without it, yesterday', istDay)
    .addHelpText(
      'before',
      examples('npx smartflo-cdr lateness', 'npx smartflo-cdr lateness --from 2024-05-01 --to 2024-05-09'),
    )
    .addHelpText('after', '\nExit code 3 where the archive holds no call of these days.')
    .action(async (options) => {
      const { lateness } = await import('../commands/lateness.ts');
      end(await lateness(terminal, options));
    });
};
