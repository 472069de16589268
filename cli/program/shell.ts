import { InvalidArgumentError } from 'commander';
import type { ExitCode } from '../exit-codes.ts';
import { parseIstDate } from '../../shared/core/time.ts';
import { parseIstInstant } from '../ist-instant.ts';
import type { Terminal } from '../terminal.ts';

/** What every command is given. Its work is loaded when it is asked for, so that the first line comes at once. */
export interface Shell {
  readonly terminal: Terminal;
  /** Aborts when nobody reads stdout any more. */
  readonly gone: AbortSignal;
  /** How the program ends if nothing is thrown. */
  readonly end: (code: ExitCode) => void;
}

/** Examples stand first in a command's help. */
export const examples = (...lines: readonly string[]): string =>
  `Examples:\n${lines.map((line) => `  ${line}`).join('\n')}\n\n`;

/** @returns UTC epoch ms. */
export const istInstant = (text: string): number => {
  const at = parseIstInstant(text);
  if (at === undefined)
    throw new InvalidArgumentError('Wanted a date or time in India, like 2024-05-09 or "2024-05-09 09:30".');
  return at;
};

export const above0 = (text: string): number => {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('Wanted a number above 0.');
  return value;
};

/** @returns the IST date as it came. */
export const istDay = (text: string): string => {
  if (parseIstDate(text) === undefined)
    throw new InvalidArgumentError('Wanted a day in India, like 2024-05-09.');
  return text;
};

export const wholeAbove0 = (text: string): number => {
  const value = Number(text);
  if (!(Number.isSafeInteger(value) && value > 0))
    throw new InvalidArgumentError('Wanted a whole number above 0.');
  return value;
};
