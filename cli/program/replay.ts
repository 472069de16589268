import { type Command, InvalidArgumentError } from 'commander';
import { placed } from './place-options.ts';
import { examples, istDay, type Shell, wholeAbove0 } from './shell.ts';

/** `direction=inbound`, one a time. */
const condition = (text: string, before: readonly string[] = []): string[] => {
  if (!/^[A-Za-z]+=./.test(text))
    throw new InvalidArgumentError('Wanted field=value, like direction=inbound.');
  return [...before, text];
};

export const describeReplay = (program: Command, { terminal, end }: Shell): void => {
  placed(
    program
      .command('replay')
      .usage('--day <date> --to <rule or queue> [options]')
      .description("a day's events again, from the archive, for one consumer"),
  )
    .requiredOption('--day <date>', 'calls that started on this day in India', istDay)
    .requiredOption('--to <consumer>', 'an SQS queue (name, URL, ARN), or a rule whose targets are queues')
    .option('--where <field=value>', 'only events whose summary says so; all of several', condition)
    .option('--rate <events>', 'at most so many a second', wholeAbove0, 50)
    .option('--dry-run', 'count only, send nothing')
    .addHelpText(
      'before',
      examples(
        'npx smartflo-cdr replay --day 2024-05-09 --to crm-calls --dry-run',
        'npx smartflo-cdr replay --day 2024-05-09 --to crm-calls --where direction=inbound',
      ),
    )
    .addHelpText('after', '\nExit code 3 where the archive holds no call of the day.')
    .action(async (options) => {
      const { replay } = await import('../commands/replay.ts');
      end(await replay(terminal, options));
    });
};
