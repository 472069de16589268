import { parseIstDate } from './time.ts';

/** The partition of records whose `date` says nothing. */
export const UNKNOWN_DATE = 'unknown';

/**
 * The partition of a record: the IST date on which its call started, as its own `date` says. The time of day is not
 * needed for that. Where `date` is no real date the answer is `unknown`: `call_flow[].time`, `end_stamp` and the
 * insert time may lie on another day, and a guess that moves with the next edit would give the record two partitions.
 */
export const callDate = (record: object): string => {
  const date: unknown = Object.hasOwn(record, 'date') ? Reflect.get(record, 'date') : undefined;
  return typeof date === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(date) && parseIstDate(date) !== undefined
    ? date
    : UNKNOWN_DATE;
};
