import { type Command, InvalidArgumentError } from 'commander';
import { parseIstDate } from '../../shared/core/time.ts';
import { DEFAULT_DATA } from '../default-data.ts';
import { examples, type Shell } from './shell.ts';

const istDay = (text: string): string => {
  if (parseIstDate(text) === undefined) throw new InvalidArgumentError('Wanted a date, like 2024-05-09.');
  return text;
};

export const describeReport = (program: Command, { terminal, end }: Shell): Command =>
  program
    .command('report')
    .usage('--day DATE [options]')
    .description("write a day's calls as one page, with charts, that needs no network")
    .requiredOption('--day <date>', 'the day, India time', istDay)
    .option('--data <folder>', 'the folder of the start', DEFAULT_DATA)
    .option('--out <file>', 'where to write it (default: calls-DATE.html here)')
    .option('--full', 'show whole numbers, not only their last four digits')
    .addHelpText(
      'before',
      examples(
        'npx smartflo-cdr report --day 2024-05-09',
        'npx smartflo-cdr report --day 2024-05-09 --full --out calls.html',
      ),
    )
    .action(async (options) => {
      const { report } = await import('../commands/report.ts');
      end(await report(terminal, options));
    });
