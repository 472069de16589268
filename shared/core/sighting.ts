import { callDate } from './call-date.ts';
import { type CallTimes, readCallTimes } from './call-times.ts';
import { type Content, readContent, type VolatilePaths } from './content-hash.ts';
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

/** @param raw one compact record, as `scanEnvelope` cuts it */
export const sight = (raw: string, volatile: VolatilePaths): Sighting => {
  const content = readContent(raw, volatile);
  const parsed: unknown = JSON.parse(raw);
  const record = typeof parsed === 'object' && parsed !== null ? parsed : {};
  const key = recordKey(content, { trustIds: true });
  return { raw, content, key, dt: callDate(record), ...readCallTimes(record) };
};
