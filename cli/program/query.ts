import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseIstDate } from '../../shared/core/time.ts';
import { DEFAULT_DATA } from '../default-data.ts';
import { examples, type Shell } from './shell.ts';

const istDay = (text: string): string => {
  if (parseIstDate(text) === undefined) throw new InvalidArgumentError('Wanted a date, like 2024-05-09.');
  return text;
};

export const describeQuery = (program: Command, { terminal, gone, end }: Shell): Command =>
  program
    .command('query')
    .usage('[options] [sql]')
    .description('ask the archive with SQL, as Athena would be asked')
    .argument('[sql]', 'one SELECT over calls, call_revisions, call_events, agent_legs, calls_raw or days')
    .option('--named <name>', 'a question that ships with the program; without sql and name, all are listed')
    .option(
      '--from <date>',
      'for a named one: the first day, India time (default: six days before --to)',
      istDay,
    )
    .option('--to <date>', 'for a named one: the last day, that day included (default: today)', istDay)
    .option('--data <folder>', 'the folder of the start', DEFAULT_DATA)
    .addOption(new Option('--csv', 'comma-separated values on stdout').conflicts('parquet'))
    .option('--parquet <file>', 'write a Parquet file (zstd)')
    .addHelpText(
      'before',
      examples(
        `npx smartflo-cdr query "SELECT status, count(*) FROM calls WHERE dt = '2024-05-09' GROUP BY 1"`,
        'npx smartflo-cdr query --named missed-never-called-back --from 2024-05-01 --to 2024-05-09',
        'npx smartflo-cdr query --named calls-per-day --csv',
        'npx smartflo-cdr query "SELECT * FROM calls" --parquet calls.parquet',
      ),
    )
    .addHelpText('after', '\nColumns, their units and what null means: docs/querying.md')
    .action(async (sql: string | undefined, options) => {
      const { query } = await import('../commands/query.ts');
      end(await query(terminal, { ...options, sql }, gone));
    });
