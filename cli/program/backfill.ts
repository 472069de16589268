import type { Command } from 'commander';
import { placed } from './place-options.ts';
import { examples, istInstant, type Shell } from './shell.ts';

export const describeBackfill = (program: Command, { terminal, end }: Shell): void => {
  placed(
    program
      .command('backfill')
      .usage('[options]')
      .description('fetch older calls: a plan first, then in the background'),
  )
    .option('--from <time>', 'the first call, India time: 2024-05-09 or "2024-05-09 09:30"', istInstant)
    .option('--to <time>', 'up to here, not including it', istInstant)
    .option('--publish', 'send events for them too, however old they are')
    .option('--yes', 'do it without asking')
    .option('--cancel', 'cancel the backfills that are under way; what was fetched stays')
    .addHelpText(
      'before',
      examples(
        'npx smartflo-cdr backfill --from 2024-04-01 --to 2024-05-01',
        'npx smartflo-cdr backfill --cancel',
      ),
    )
    .addHelpText('after', '\nThe same command again shows how far it is, and waits for its end.')
    .action(async (options) => {
      const { backfill } = await import('../commands/backfill.ts');
      end(await backfill(terminal, options));
    });
};
