import type { Command } from 'commander';
import { examples, type Shell } from './shell.ts';

export const describeTrigger = (program: Command, { terminal, end }: Shell): void => {
  program
    .command('trigger')
    .usage('[name]')
    .description('play one case through a system of its own: missed, late, ...')
    .argument('[name]', 'what is to happen; without it, the list')
    .addHelpText('before', examples('npx smartflo-cdr trigger', 'npx smartflo-cdr trigger missed --json'))
    .addHelpText(
      'after',
      '\nRuns the functions as they are deployed, in a folder that is gone afterwards, on simulated\ncalls: no credential is read, no data folder or stack is touched. Exit code 3 if it went otherwise.',
    )
    .action(async (name: string | undefined) => {
      const { trigger } = await import('../commands/trigger.ts');
      end(await trigger(terminal, name));
    });
};
