import type { LocalStatus } from '../local/status.ts';
import { count, span } from './figures.ts';

/** Left out in this order where the line is too long. */
const LEFT_OUT = ['indexed', 'events', 'archived', 'today'];

/** The live figures on one line of at most `columns` characters, as far as lag and errors allow. */
export const statusLine = ({ figures, phase }: LocalStatus, columns: number): string => {
  const lag = figures.lagSeconds === undefined ? '-' : span(figures.lagSeconds * 1000);
  let parts: (readonly [string, string])[] = [
    phase === 'catching-up' ? ['catching', 'up'] : ['lag', lag],
    ['today', count(figures.callsToday)],
    ['archived', count(figures.archived)],
    ['indexed', count(figures.indexed)],
    ['events', count(figures.events)],
    ['errors', count(figures.errors + figures.deadLetters + figures.quarantined)],
  ];
  const line = () => parts.map((part) => part.join(' ')).join('  ');
  for (const name of LEFT_OUT) {
    if (line().length <= columns) break;
    parts = parts.filter(([key]) => key !== name);
  }
  return line();
};
