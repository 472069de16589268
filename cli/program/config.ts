import type { Command } from 'commander';
import { examples, type Shell } from './shell.ts';

export const describeConfig = (program: Command, { terminal, end }: Shell): void => {
  const group = program
    .command('config')
    .usage('show [options]')
    .description('every setting that a deployment from here has: show')
    .addHelpText('before', examples('npx smartflo-cdr config show --origin'));
  group
    .command('show')
    .usage('[options]')
    .description('every setting in force')
    .option('--origin', 'and whether it is written or the default')
    .action(async (options) => {
      const { showConfig } = await import('../commands/config.ts');
      end(showConfig(terminal, options));
    });
};
