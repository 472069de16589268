import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/** Blue and orange are told apart by those who see no red or green, and in print by their darkness. */
const ANSWERED = '#1b6ca8';
const MISSED = '#e08214';
const LATER = '#8fbfe0';
const OTHER = '#4f7a94';
const COLOURS: Readonly<Record<string, string>> = {
  answered: ANSWERED,
  'answered within 20 s': ANSWERED,
  'answered later': LATER,
  'not missed': ANSWERED,
  missed: MISSED,
  'not answered': MISSED,
};

const WIDTH = 720;
/** Of one horizontal bar, with its gap. */
const BAR = 24;
const TOP = 4;
const BOTTOM = 30;

const { document } = parseHTML('<!doctype html><html><body></body></html>');

/** A part of a bar: what it stands for, of which kind, how many. */
export interface Part {
  readonly of: string;
  readonly kind: string;
  readonly count: number;
}

/** What Plot is told in every chart; `label` is what a screen reader says of it. */
const common = (label: string, kinds: readonly string[]) => ({
  document,
  width: WIDTH,
  ariaLabel: label,
  style: { fontFamily: 'inherit', fontSize: '12px', overflow: 'visible' },
  color: { domain: [...kinds], range: kinds.map((kind) => COLOURS[kind] ?? OTHER) },
});

const kindsOf = (parts: readonly Part[]): string[] => [...new Set(parts.map(({ kind }) => kind))];
const namesOf = (parts: readonly Part[]): string[] => [...new Set(parts.map(({ of }) => of))];

/** Whole numbers only: half a call is none. */
const ticksFor = (most: number): number => Math.max(1, Math.min(5, most));

const totalsOf = (parts: readonly Part[]): Map<string, number> => {
  const totals = new Map<string, number>();
  for (const { of, count } of parts) totals.set(of, (totals.get(of) ?? 0) + count);
  return totals;
};

const svgOf = (chart: { outerHTML: string }): string => chart.outerHTML;

/** Upright bars in the order given, their parts on top of each other. */
export const columns = (label: string, axis: string, parts: readonly Part[]): string => {
  const totals = totalsOf(parts);
  const most = Math.max(1, ...totals.values());
  return svgOf(
    Plot.plot({
      ...common(label, kindsOf(parts)),
      height: 260,
      marginLeft: 48,
      marginBottom: 40,
      x: { domain: namesOf(parts), label: axis, labelAnchor: 'center', labelArrow: 'none', tickSize: 0 },
      y: { domain: [0, most], ticks: ticksFor(most), tickFormat: grouped, label: 'calls', grid: true },
      marks: [
        Plot.barY(parts, { x: 'of', y: 'count', fill: 'kind', insetLeft: 1, insetRight: 1 }),
        Plot.text(
          [...totals].filter(([, total]) => total > 0),
          { x: ([of]) => of, y: ([, total]) => total, text: ([, total]) => grouped(total), dy: -7 },
        ),
        Plot.ruleY([0]),
      ],
    }),
  );
};

/** Bars on their side, the first on top, their parts beside each other. */
export const bars = (label: string, parts: readonly Part[]): string => {
  const names = namesOf(parts);
  const totals = totalsOf(parts);
  const most = Math.max(1, ...totals.values());
  const longest = Math.max(...names.map((name) => name.length));
  return svgOf(
    Plot.plot({
      ...common(label, kindsOf(parts)),
      height: TOP + names.length * BAR + BOTTOM,
      marginLeft: Math.min(260, 24 + longest * 7),
      marginRight: 48,
      marginTop: TOP,
      marginBottom: BOTTOM,
      x: { domain: [0, most], ticks: ticksFor(most), tickFormat: grouped, label: null, grid: true },
      y: { domain: names, label: null, tickSize: 0 },
      marks: [
        Plot.barX(parts, { y: 'of', x: 'count', fill: 'kind', insetTop: 2, insetBottom: 2 }),
        Plot.text([...totals], {
          y: ([of]) => of,
          x: ([, total]) => total,
          text: ([, total]) => grouped(total),
          textAnchor: 'start',
          dx: 5,
        }),
        Plot.ruleX([0]),
      ],
    }),
  );
};

const COUNT = new Intl.NumberFormat('en-IN', { maximumFractionDigits: 0 });
const grouped = (value: number): string => COUNT.format(value);

/** The colours' meaning, in words beside them. */
export const legend = (kinds: readonly string[]): string =>
  `<p class="legend">${kinds
    .map((kind) => `<span><i style="background:${COLOURS[kind] ?? OTHER}"></i>${kind}</span>`)
    .join(' ')}</p>`;
