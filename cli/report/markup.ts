import { legend } from './charts.ts';
import { escaped, grouped } from './words.ts';

/** Bars of a chart; the table below has all. */
export const CHARTED = 20;
/** Rows of a table; a page is no data export. */
const LISTED = 50;

interface Column<Row> {
  readonly head: string;
  readonly text: (row: Row) => string;
  readonly right?: boolean;
}

export const column = <Row>(head: string, text: (row: Row) => string): Column<Row> => ({ head, text });
export const figure = <Row>(head: string, text: (row: Row) => string): Column<Row> => ({
  head,
  text,
  right: true,
});

export const table = <Row>(
  caption: string,
  rows: readonly Row[],
  shown: readonly Column<NoInfer<Row>>[],
): string => {
  const cell = (tag: 'th' | 'td', { right }: Column<Row>, text: string) =>
    `<${tag}${tag === 'th' ? ' scope="col"' : ''}${right ? ' class="right"' : ''}>${escaped(text)}</${tag}>`;
  const lines = rows
    .slice(0, LISTED)
    .map((row) => `<tr>${shown.map((one) => cell('td', one, one.text(row))).join('')}</tr>`);
  const left = rows.length - LISTED;
  return `<table aria-label="${escaped(caption)}">
<thead><tr>${shown.map((one) => cell('th', one, one.head)).join('')}</tr></thead>
<tbody>
${lines.join('\n')}
</tbody>
</table>${left > 0 ? `<p class="soft">and ${grouped(left)} more: npx smartflo-cdr query has all</p>` : ''}`;
};

export const chart = (svg: string, kinds: readonly string[] = []): string =>
  `${kinds.length > 0 ? legend(kinds) : ''}<figure>${svg}</figure>`;

export const section = (title: string, says: string, ...parts: readonly string[]): string =>
  `<section>
<h2>${escaped(title)}</h2>
<p class="soft">${escaped(says)}</p>
${parts.join('\n')}
</section>`;

export const nothing = (says: string): string => `<p>${escaped(says)}</p>`;
