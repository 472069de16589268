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
  return rows.map((row) => keyed(row.map((cell, index) => [head[index] ?? '', cell] as const))).join('\n\n');
};

/** `key: value` lines, for narrow surfaces and for a single thing's facts. Empty values are left out. */
export const keyed = (pairs: readonly (readonly [string, string])[]): string =>
  pairs
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}: ${value}`)
    .join('\n');

/** Facts with their keys in a column; below 60 characters the same as `keyed`. */
export const facts = (pairs: readonly (readonly [string, string])[], columns: number): string => {
  if (columns < NARROW_COLUMNS) return keyed(pairs);
  const widest = Math.max(0, ...pairs.map(([key]) => key.length));
  return pairs
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key.padEnd(widest)}  ${value}`)
    .join('\n');
};
