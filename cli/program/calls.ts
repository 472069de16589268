import type { Command } from 'commander';
import { placed } from './place-options.ts';
import { examples, istDay, type Shell, wholeAbove0 } from './shell.ts';

export const describeCalls = (program: Command, { terminal, end }: Shell): void => {
  placed(
    program
      .command('calls')
      .usage('[options]')
      .description("a customer's, agent's, number's or day's calls, from the index"),
  )
    .option('--customer <number>', 'calls with this customer, in any spelling: 9876543210, +91...')
    .option('--agent <id>', 'calls that this agent answered')
    .option('--did <number>', "calls over this number of the account's own")
    .option('--day <date>', 'calls that started on this day in India', istDay)
    .option('--status <status>', 'with --day: answered, missed, ...; without it, answered and missed')
    .option('--limit <calls>', 'at most so many, newest first', wholeAbove0, 50)
    .option('--full', 'whole phone numbers')
    .addHelpText(
      'before',
      examples('npx smartflo-cdr calls --day 2024-05-09', 'npx smartflo-cdr calls --agent 1234 --json'),
    )
    .action(async (options) => {
      const { calls } = await import('../commands/calls.ts');
      end(await calls(terminal, options));
    });

  placed(
    program
      .command('call')
      .usage('<id> [options]')
      .description('one call: every revision, where it lies, its events')
      .argument('<id>', "the record's id, or its call_id"),
  )
    .option('--full', 'whole phone numbers')
    .option('--raw', 'the newest raw record on stdout, byte for byte, and nothing else')
    .addHelpText('before', examples('npx smartflo-cdr call 1715235734.129662'))
    .action(async (id: string, options) => {
      const { call } = await import('../commands/call.ts');
      end(await call(terminal, id, options));
    });
};
