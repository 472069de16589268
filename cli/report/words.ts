import { maskNumber } from '../../shared/core/phone.ts';
import { parseIstDate } from '../../shared/core/time.ts';

const COUNT = new Intl.NumberFormat('en-IN', { maximumFractionDigits: 0 });
const PERCENT = new Intl.NumberFormat('en-IN', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export const NOT_GIVEN = 'not given';

/** A count as India writes it: 1,20,000. */
export const grouped = (value: number): string => COUNT.format(value);

export const percent = (value: number | null): string => (value === null ? '' : `${PERCENT.format(value)} %`);

/** `45 s`, `3:20 min`, `2:05 h`: a column of them can be compared. Empty where nothing is known. */
export const length = (seconds: number | null): string => {
  if (seconds === null) return '';
  const two = (value: number) => String(value).padStart(2, '0');
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)} min`;
  return `${grouped(Math.floor(minutes / 60))}:${two(minutes % 60)} h`;
};

/** From a bound on and below the next one, both in seconds. */
export const between = (from: number, below: number | null): string => {
  if (below === null) return `over ${from / 60} min`;
  return below <= 60 ? `${from}–${below} s` : `${from / 60}–${below / 60} min`;
};

/** `Tuesday, 10 March 2026`. */
export const longDate = (day: string): string =>
  new Date(parseIstDate(day) ?? 0).toLocaleDateString('en-IN', {
    timeZone: 'Asia/Kolkata',
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  });

/** A number for people: whole, or all but the last four digits hidden. */
export const shownNumber = (text: string | null, full: boolean): string =>
  text === null ? NOT_GIVEN : full ? text : maskNumber(text);

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text inside of HTML: nothing in it is markup. */
export const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (sign) => ENTITIES[sign] ?? '');
