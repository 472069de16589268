/** An instant: UTC epoch, whole milliseconds. */
export type EpochMs = number;

/** A length of time in milliseconds. */
export type Ms = number;

export const SECOND: Ms = 1_000;
export const MINUTE: Ms = 60 * SECOND;
export const HOUR: Ms = 60 * MINUTE;
export const DAY: Ms = 24 * HOUR;

/**
 * India keeps one zone all year, +05:30. Every stamp of the source is naive IST: its own sample
 * prints epoch 1715235734.438 as 11:52:14.
 */
export const IST_OFFSET: Ms = 5 * HOUR + 30 * MINUTE;

/** Of the day that was written last, its number since 1970 and how it reads: what is written one after the other is near. */
let writtenDay = Number.NaN;
let writtenDate = '';

const dateOfDay = (day: number): string => {
  if (day !== writtenDay) {
    writtenDate = new Date(day * DAY).toISOString().slice(0, 10);
    writtenDay = day;
  }
  return writtenDate;
};

/** The IST date of an instant, `YYYY-MM-DD`. */
export const istDate = (at: EpochMs): string => dateOfDay(Math.floor((at + IST_OFFSET) / DAY));

const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));

/** The wall clock in India as the source writes it, `YYYY-MM-DD HH:mm:ss`; milliseconds are cut off. */
export const istStamp = (at: EpochMs): string => {
  const seconds = Math.floor((at + IST_OFFSET) / SECOND);
  const day = Math.floor(seconds / 86_400);
  const ofDay = seconds - 86_400 * day;
  const [hour, minute] = [Math.floor(ofDay / 3_600), Math.floor(ofDay / 60) % 60];
  return `${dateOfDay(day)} ${TWO_DIGITS[hour]}:${TWO_DIGITS[minute]}:${TWO_DIGITS[ofDay % 60]}`;
};

/** Year 0 is how some write that there is no date, and no ISO date of ours can spell what lies before it. */
const DATE = /^(?!0000)\d{4}-\d{2}-\d{2}$/;

/** Of the date that was read last, its text and its midnight in UTC. */
let readDate = '';
let readMidnight: EpochMs | undefined;

const midnightOf = (date: string): EpochMs | undefined => {
  if (date !== readDate) {
    const midnight = DATE.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
    // Date.parse lets 30 February roll over: what lands on another day is no date. Nor is NaN's day.
    readMidnight = new Date(midnight).getUTCDate() === Number(date.slice(8)) ? midnight : undefined;
    readDate = date;
  }
  return readMidnight;
};

const ZERO = 0x30;

/** The number that two digits of a text spell; NaN where they are none. */
const twoDigits = (text: string, at: number): number => {
  const [tens, ones] = [text.charCodeAt(at) - ZERO, text.charCodeAt(at + 1) - ZERO];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? 10 * tens + ones : Number.NaN;
};

/** Reads `YYYY-MM-DD HH:mm:ss` as IST; undefined where it is no real date and time. */
export const parseIstStamp = (text: string): EpochMs | undefined => {
  const between = text[10];
  if (text.length !== 19 || (between !== ' ' && between !== 'T') || text[13] !== ':' || text[16] !== ':')
    return undefined;
  const [hour, minute, second] = [twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17)];
  if (!(hour < 24 && minute < 60 && second < 60)) return undefined;
  const midnight = midnightOf(text.slice(0, 10));
  return midnight === undefined
    ? undefined
    : midnight + hour * HOUR + minute * MINUTE + second * SECOND - IST_OFFSET;
};

/** Midnight in India at the start of an IST date; undefined where it is no real date. */
export const parseIstDate = (text: string): EpochMs | undefined => parseIstStamp(`${text} 00:00:00`);

/** The start of the IST-aligned block of `size` that holds `at`. Blocks of a day, an hour, 15 min nest. */
export const istBlockStart = (at: EpochMs, size: Ms): EpochMs =>
  Math.floor((at + IST_OFFSET) / size) * size - IST_OFFSET;
