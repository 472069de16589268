import { stripVTControlCharacters } from 'node:util';
import { expect } from 'vitest';
import { cli, type Ended } from './cli.ts';

/** Columns of the terminals that every command is looked at in; undefined is a pipe. */
const WIDTHS: readonly (number | undefined)[] = [40, 80, 200, undefined];
const NARROW = 60;
/** A record's id, an archive object, a command to type next. */
const NEVER_CUT = /\b[0-9a-f]{24}\b|raw\/\S+\.gz|npx smartflo-cdr [a-z-]+/g;

/** Below this width, and where a table does not fit, a row is lines of this kind; a long value wraps in the terminal. */
const KEYED = /^[^:]{1,60}: ?/;

/**
 * Runs a command at every width and in a pipe. Holds in each: no line of a table is wider than the terminal; nothing in
 * a pipe redraws, moves or colours; what must not be cut is as whole as anywhere else.
 *
 * @param prose sentences and raw values, which wrap where the terminal ends
 */
export const atEveryWidth = async (
  args: readonly string[],
  { prose = false }: { prose?: boolean } = {},
): Promise<Ended[]> => {
  const endings: Ended[] = [];
  for (const columns of WIDTHS) {
    const ended = await cli(args, columns);
    endings.push(ended);
    if (columns === undefined)
      for (const text of [ended.stdout, ended.stderr]) {
        expect(text, 'a pipe').toBe(stripVTControlCharacters(text));
        expect(text, 'a pipe').not.toContain('\r');
      }
    if (prose) continue;
    const wide = ended.stdout.split('\n').filter((line) => line.length > (columns ?? 80));
    const allowed = (line: string) => KEYED.test(line) && (columns ?? 80) < NARROW;
    expect(
      wide.filter((line) => !allowed(line)),
      `${args.join(' ')} at ${columns ?? 'a pipe'}`,
    ).toEqual([]);
  }
  const whole = ({ stdout }: Ended) => new Set(stdout.match(NEVER_CUT));
  for (const ended of endings) expect(whole(ended), args.join(' ')).toEqual(whole(endings[0] ?? ended));
  expect(new Set(endings.map(({ exit }) => exit)).size, args.join(' ')).toBe(1);
  return endings;
};
