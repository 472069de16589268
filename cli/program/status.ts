import type { Command } from 'commander';
import { placed } from './place-options.ts';
import { examples, type Shell } from './shell.ts';

export const describeStatus = (program: Command, { terminal, end }: Shell): Command =>
  placed(
    program.command('status').usage('[options]').description('what runs, where things lie, and the figures'),
  )
    .addHelpText('before', examples('npx smartflo-cdr status', 'npx smartflo-cdr status --json'))
    .action(async (options) => {
      const { status } = await import('../commands/status.ts');
      end(await status(terminal, options));
    });
