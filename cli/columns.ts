import Table from 'cli-table3';
import { NARROW_COLUMNS, widthOf } from './terminal.ts';

const NO_BORDERS = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'].map(
    (part) => [part, ''],
  ),
);

/**
 * Rows under headings. Too narrow for it, every row becomes `key: value` lines; nothing is ever cut.
 * @param right columns (from 0) whose figures are aligned at the right
 */
export const table = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number,
  right: readonly number[] = [],
): string => {
  const drawn = new Table({
    head: [...head],
    chars: {
      ...NO_BORDERS,
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: '  ',
    },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colAligns: head.map((_, index) => (right.includes(index) ? 'right' : 'left')),
  });
  for (const row of rows) drawn.push([...row]);
  const lines = drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
  if (columns >= NARROW_COLUMNS && lines.every((line) => widthOf(line) <= columns)) return lines.join('\n');
  return rows
    .map((row) =>
      keyed(
        row.map((cell, index) => [head[index] ?? '', cell] as const),
        columns,
      ),
    )
    .join('\n\n');
};

/** `key: value` lines, for narrow surfaces and for a single thing's facts. Empty values are left out. */
export const keyed = (pairs: readonly (readonly [string, string])[], columns: number): string =>
  pairs
    .filter(([, value]) => value !== '')
    .map(([key, value]) => wrapped(value, columns, `${key}: `, '  '))
    .join('\n');

/** Facts with their keys in a column; below 60 characters the same as `keyed`. */
export const facts = (pairs: readonly (readonly [string, string])[], columns: number): string => {
  if (columns < NARROW_COLUMNS) return keyed(pairs, columns);
  const widest = Math.max(0, ...pairs.map(([key]) => key.length));
  return pairs
    .filter(([, value]) => value !== '')
    .map(([key, value]) => wrapped(value, columns, `${key.padEnd(widest)}  `))
    .join('\n');
};

/** What is typed as it stands, and words. */
const WHOLE = /npx smartflo-cdr [a-z-]+(?: --?[\w-]+(?:[ =][A-Z\d./]\S*)?)*|\S+/g;

/**
 * Sentences, broken between words where a line is full. What is wider than a line, an id, a path or a command with its
 * flags, is never cut: it has a line of its own, or stands behind the lead.
 * @param lead before the first line
 * @param indent before the others; as wide as `lead` where it is not told
 */
export const wrapped = (text: string, columns: number, lead = '', indent = ' '.repeat(lead.length)): string =>
  text
    .split('\n')
    .map((line, place) => brokenAt(line, columns, place === 0 ? lead : indent, indent).join('\n'))
    .join('\n');

const brokenAt = (text: string, columns: number, lead: string, indent: string): string[] => {
  if (widthOf(lead + text) <= columns) return [lead + text];
  const lines: string[] = [];
  let [line, end] = [lead, 0];
  for (const { 0: word, index } of text.matchAll(WHOLE)) {
    const joined = `${line}${text.slice(end, index)}${word}`;
    end = index + word.length;
    // A word that fits nowhere may as well stand behind the lead.
    if (widthOf(joined) <= columns || (line === lead && widthOf(word) > columns)) line = joined;
    else {
      if (line.trim() !== '') lines.push(line.trimEnd());
      line = widthOf(indent + word) <= columns ? indent + word : word;
    }
  }
  return [...lines, line];
};
