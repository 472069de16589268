import type { Command } from 'commander';
import { examples, type Shell } from './shell.ts';

export const describeExplain = (program: Command, { terminal, end }: Shell): Command =>
  program
    .command('explain')
    .usage('[code]')
    .description('what the code of an error means, and its cure; works offline')
    .argument('[code]', 'as the error printed it; without one, all are listed')
    .addHelpText('before', examples('npx smartflo-cdr explain login-rejected'))
    .action(async (code: string | undefined) => {
      const { explain } = await import('../commands/explain.ts');
      end(explain(terminal, code));
    });
