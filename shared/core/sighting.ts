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
}

/** @param raw one compact record, as `scanEnvelope` cuts it */
export const sight = (raw: string, volatile: VolatilePaths): Sighting => {
  const content = readContent(raw, volatile);
  const parsed: unknown = JSON.parse(raw);
  const times = typeof parsed === 'object' && parsed !== null ? readCallTimes(parsed) : {};
  return { raw, content, key: recordKey(content, { trustIds: true }), ...times };
};
