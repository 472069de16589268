import type { Command } from 'commander';
import { above0, examples, type Shell } from './shell.ts';

export const describePlan = (program: Command, { terminal, end }: Shell): Command =>
  program
    .command('plan')
    .usage('[options]')
    .description("what polling needs of the source's rate limit")
    .option('--calls-per-minute <calls>', 'calls that the account has', above0, 200)
    .option('--page <records>', 'records on a page, as the source allows', above0, 100)
    .option('--rate <requests>', 'requests a second that polling may take', above0, 1)
    .addHelpText('before', examples('npx smartflo-cdr plan --calls-per-minute 200 --page 100 --rate 1'))
    .action(async (options) => {
      const { plan } = await import('../commands/plan.ts');
      end(plan(terminal, options));
    });
