import type { Command } from 'commander';
import { placed } from './place-options.ts';
import { examples, type Shell, wholeAbove0 } from './shell.ts';

export const describeDeadLetters = (program: Command, { terminal, end }: Shell): void => {
  const group = program
    .command('dead-letters')
    .usage('list|show|redrive [options]')
    .description('messages whose retries ran out: list, show, redrive')
    .addHelpText(
      'before',
      examples('npx smartflo-cdr dead-letters list', 'npx smartflo-cdr dead-letters redrive'),
    );
  placed(group.command('list').usage('[options]').description('what is there, and what it holds'))
    .option('--limit <messages>', 'at most so many', wholeAbove0, 100)
    .action(async (options) => {
      const { listDeadLetters } = await import('../commands/dead-letters.ts');
      end(await listDeadLetters(terminal, options));
    });
  placed(
    group
      .command('show')
      .usage('<id> [options]')
      .description("one message's records, as they were sent, one a line")
      .argument('<id>', 'as `list` prints it'),
  ).action(async (id: string, options) => {
    const { showDeadLetter } = await import('../commands/dead-letters.ts');
    end(await showDeadLetter(terminal, id, options));
  });
  placed(
    group
      .command('redrive')
      .usage('[options]')
      .description('send them back to the queue; nothing newer is overwritten'),
  )
    .option('--id <id>', 'this one only; without it, all that are there')
    .action(async (options) => {
      const { redriveDeadLetters } = await import('../commands/dead-letters.ts');
      end(await redriveDeadLetters(terminal, options));
    });
};
