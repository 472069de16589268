import { callDate } from './call-date.ts';
import { type CallTimes, readCallTimes, TIME_FIELDS } from './call-times.ts';
import { type Content, readRecord, type VolatilePaths, type WantedFields } from './content-hash.ts';
import { recordKey } from './record-key.ts';

/** One record as one answer showed it: its bytes and what the poller must know of them. */
export interface Sighting extends CallTimes {
  /** The bytes, one char a byte. */
  readonly raw: string;
  readonly content: Content;
  /** Its key as long as ids can be trusted. */
  readonly key: string;
  /** The partition: IST date of the call's start, or `unknown`. */
  readonly dt: string;
}

/** What is not asked for is not parsed: most of a record. */
const WANTED: WantedFields = { names: new Set(TIME_FIELDS) };

/** @param raw one compact record, as `scanEnvelope` cuts it */
export const sight = (raw: string, volatile: VolatilePaths): Sighting => {
  const { content, fields } = readRecord(raw, volatile, WANTED);
  const key = recordKey(content, { trustIds: true });
  return { raw, content, key, dt: callDate(fields), ...readCallTimes(fields) };
};
