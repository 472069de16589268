import { IST_OFFSET, MINUTE, type Ms, SECOND } from '../shared/core/time.ts';

const COUNT = new Intl.NumberFormat('en-IN', { maximumFractionDigits: 0 });
const RATE = new Intl.NumberFormat('en-IN', { maximumFractionDigits: 1 });

/** A count as India writes it: 1,20,000. */
export const count = (value: number): string => COUNT.format(value);

/** A rate or a small figure, one decimal below ten: 0.5, 7.2, 340. */
export const rate = (value: number): string => (value < 10 ? RATE : COUNT).format(value);

/** `3 calls`, `1 call`. */
export const counted = (value: number, noun: string, plural = `${noun}s`): string =>
  `${count(value)} ${value === 1 ? noun : plural}`;

/** A length of time for people, two units at most: `45 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export const span = (duration: Ms): string => {
  const seconds = Math.max(0, Math.round(duration / SECOND));
  const two = (big: number, bigUnit: string, small: number, smallUnit: string) =>
    small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return two(minutes, 'min', seconds % 60, 's');
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return two(hours, 'h', minutes % 60, 'min');
  return two(Math.floor(hours / 24), 'd', hours % 24, 'h');
};

/** Talk time as phones show it: `0:48`, `62:05`. */
export const clockSpan = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor((whole * SECOND) / MINUTE)}:${String(whole % 60).padStart(2, '0')}`;
};

/** The wall clock in India, `HH:mm:ss`. */
export const istClock = (at: number): string => new Date(at + IST_OFFSET).toISOString().slice(11, 19);
