import type { Command } from 'commander';
import { placed } from './place-options.ts';
import { examples, type Shell } from './shell.ts';

export const describeRebuild = (program: Command, { terminal, end }: Shell): void => {
  placed(
    program
      .command('rebuild')
      .usage('--into <table> [options]')
      .description('a new index table, filled from the archive alone'),
  )
    .requiredOption('--into <table>', 'the table to fill; never the live one')
    .option('--create', 'make the table, as the live one is')
    .option('--confirm <table>', 'do it: the name of the table again; without it, the plan is shown')
    .addHelpText(
      'before',
      examples(
        'npx smartflo-cdr rebuild --into calls-again --create',
        'npx smartflo-cdr rebuild --into calls-again --create --confirm=calls-again',
      ),
    )
    .addHelpText('after', '\nNothing is published, and the live index is not touched.')
    .action(async (options) => {
      const { rebuild } = await import('../commands/rebuild.ts');
      end(await rebuild(terminal, options));
    });
};
