import { type Command, InvalidArgumentError, Option } from 'commander';
import { REGIONS } from '../cost/prices.ts';
import { above0, examples, type Shell } from './shell.ts';

export const describeCost = (program: Command, { terminal, end }: Shell): Command =>
  program
    .command('cost')
    .usage('[options]')
    .description('what a month costs, before anything is deployed')
    .option('--calls-per-day <calls>', 'calls of all accounts together', above0, 20_000)
    .option('--accounts <number>', 'accounts, like those of cdk.json (default: as many as it has)', whole)
    .option('--kept-months <months>', 'months of calls that are kept when the bill comes', whole, 12)
    .addOption(new Option('--region <region>', 'one region alone').choices([...REGIONS]))
    .addHelpText('before', examples('npx smartflo-cdr cost --calls-per-day 20000 --accounts 2'))
    .action(async (options) => {
      const { cost } = await import('../commands/cost.ts');
      end(await cost(terminal, options));
    });

const whole = (text: string): number => {
  const value = above0(text);
  if (!Number.isInteger(value) || value > 1_000)
    throw new InvalidArgumentError('Wanted a whole number, 1 to 1000.');
  return value;
};
