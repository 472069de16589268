import type { Command } from 'commander';
import { DEFAULT_DATA } from '../default-data.ts';

/** The options by which a command is told where it works. */
export const placed = (command: Command): Command =>
  command
    .option('--data <folder>', 'the folder of the start', DEFAULT_DATA)
    .option('--stack <prefix>', 'a deployed system instead: "smartflo" for the stacks smartflo-...')
    .option('--account <name>', 'one account, where there are several');
