import { readFileSync } from 'node:fs';
import { type EpochMs, istDate, istStamp } from '../../shared/core/time.ts';
import type { DayFacts } from './facts.ts';
import { nothing, section } from './markup.ts';
import {
  agents,
  byHour,
  byKind,
  lateAndChanged,
  numbers,
  queues,
  talks,
  tiles,
  waiting,
  waits,
} from './sections.ts';
import { escaped, longDate } from './words.ts';

export interface PageOptions {
  /** Whole numbers, not only their last four digits. */
  readonly full: boolean;
  /** The calls were made up. */
  readonly simulated: boolean;
  readonly madeAt: EpochMs;
}

const STYLE = readFileSync(new URL('style.css', import.meta.url), 'utf8').trim();

const notices = ({ day }: DayFacts, { simulated, madeAt }: PageOptions): string => {
  const told = [
    ...(simulated ? ['SIMULATED: these calls were made up on this machine.'] : []),
    ...(istDate(madeAt) === day
      ? ['The day is not over: this is what had come when the page was made.']
      : []),
    ...(istDate(madeAt) < day ? ['The day has not begun.'] : []),
  ];
  return told.map((text) => `<p class="notice">${text}</p>`).join('\n');
};

/** One file that needs nothing else: no script, no font, no picture, no network. */
export const reportPage = (facts: DayFacts, options: PageOptions): string => {
  const told = { facts, full: options.full };
  const calls = facts['calls-per-day'][0]?.calls ?? 0;
  const sections =
    calls === 0
      ? [section('No calls', 'The archive has none that began on this day.', nothing('Nothing to show.'))]
      : [byHour, byKind, waits, talks, queues, agents, numbers, lateAndChanged, waiting].map((part) =>
          part(told),
        );
  const accounts = facts.accounts.length === 0 ? 'no account' : facts.accounts.join(', ');
  return `<!doctype html>
<html lang="en-IN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>Calls on ${escaped(longDate(facts.day))}</title>
<style>
${STYLE}
</style>
</head>
<body>
<header>
<h1>Calls on ${escaped(longDate(facts.day))}</h1>
<p class="soft">Account ${escaped(accounts)} · all times India (IST) · made ${istStamp(options.madeAt)}</p>
${notices(facts, options)}
</header>
<main>
${tiles(told)}
${sections.join('\n')}
</main>
<footer>Every figure is the answer of a query that ships with the program: npx smartflo-cdr query --named calls-per-hour --from ${facts.day} --to ${facts.day}. ${
    options.full
      ? 'Numbers are whole: handle this file as you would a phone book.'
      : 'Numbers are hidden but for their last four digits.'
  }</footer>
</body>
</html>
`;
};
