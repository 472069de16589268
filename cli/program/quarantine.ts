import type { Command } from 'commander';
import { placed } from './place-options.ts';
import { examples, type Shell } from './shell.ts';

export const describeQuarantine = (program: Command, { terminal, end }: Shell): void => {
  const group = program
    .command('quarantine')
    .usage('list|show|retry [options]')
    .description('what no retry could cure: list, show, retry')
    .addHelpText(
      'before',
      examples('npx smartflo-cdr quarantine list', 'npx smartflo-cdr quarantine retry --id KEY'),
    );
  placed(group.command('list').usage('[options]').description('what is there, and why')).action(
    async (options) => {
      const { listQuarantine } = await import('../commands/quarantine.ts');
      end(await listQuarantine(terminal, options));
    },
  );
  placed(
    group
      .command('show')
      .usage('<id> [options]')
      .description('the bytes of one, as they came, on stdout')
      .argument('<id>', 'as `list` prints it'),
  ).action(async (id: string, options) => {
    const { showQuarantined } = await import('../commands/quarantine.ts');
    end(await showQuarantined(terminal, id, options));
  });
  placed(
    group
      .command('retry')
      .usage('[options]')
      .description('try again: messages and records go to the queue, windows are asked anew'),
  )
    .option('--id <id>', 'this one only; without it, all')
    .action(async (options) => {
      const { retryQuarantined } = await import('../commands/quarantine.ts');
      end(await retryQuarantined(terminal, options));
    });
};
