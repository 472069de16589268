import { stripVTControlCharacters } from 'node:util';
import { expect } from 'vitest';
import { cli, type Ended } from './cli.ts';

/** Columns of the terminals that every command is looked at in; undefined is a pipe. */
const WIDTHS: readonly (number | undefined)[] = [40, 80, 200, undefined];
/** A record's id, an archive object, a command to type next. */
const NEVER_CUT = /\b[0-9a-f]{24}\b|raw\/\S+\.gz|npx smartflo-cdr [a-z-]+/g;

/** What may be wider than the terminal: one word, or one command with its flags, alone on its line or behind its key. */
const UNBREAKABLE =
  /^ *(?:[^:]{1,60}: |\S+(?: \S+)* {2,})?(?:\S+|npx smartflo-cdr [a-z-]+(?: -\S+(?: \S+)?)*\S*)$/;

/**
 * Runs a command at every width and in a pipe. Holds in each: no line is wider than the terminal but for what can not be
 * broken; nothing in a pipe redraws, moves or colours; what must not be cut is as whole as anywhere else.
 *
 * @param raw the record or the rows as they are, for programs
 */
export const atEveryWidth = async (
  args: readonly string[],
  { raw = false }: { raw?: boolean } = {},
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
    if (raw) continue;
    const wide = ended.stdout.split('\n').filter((line) => line.length > (columns ?? 80));
    expect(
      wide.filter((line) => !UNBREAKABLE.test(line)),
      `${args.join(' ')} at ${columns ?? 'a pipe'}`,
    ).toEqual([]);
  }
  const whole = ({ stdout }: Ended) => new Set(stdout.match(NEVER_CUT));
  for (const ended of endings) expect(whole(ended), args.join(' ')).toEqual(whole(endings[0] ?? ended));
  expect(new Set(endings.map(({ exit }) => exit)).size, args.join(' ')).toBe(1);
  return endings;
};
