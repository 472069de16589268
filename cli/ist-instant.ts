import { type EpochMs, parseIstDate, parseIstStamp } from '../shared/core/time.ts';

/** A date or a date and time in India, as a person types it; undefined where it is none. Seconds may be left out. */
export const parseIstInstant = (text: string): EpochMs | undefined => {
  const trimmed = text.trim();
  if (/^\d{4}-\d{2}-\d{2}$/.test(trimmed)) return parseIstDate(trimmed);
  return parseIstStamp(/^\S+[ T]\d{2}:\d{2}$/.test(trimmed) ? `${trimmed}:00` : trimmed);
};
