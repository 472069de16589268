import type { IndexedCall } from './indexed-call.ts';
import type { PackMessage } from './pack-message.ts';
import type { QuarantineReason } from './quarantine.ts';
import { SUMMARY_FIELDS, summarise } from '../core/call-summary.ts';
import { readCallTimes } from '../core/call-times.ts';
import { compileVolatilePaths, readRecord } from '../core/content-hash.ts';
import { recordKey } from '../core/record-key.ts';
import type { EpochMs } from '../core/time.ts';

/** A record of a pack, read. */
export interface Observation {
  /** As if it were the first of its record. */
  readonly call: IndexedCall;
  /** Its bytes, one char a byte. */
  readonly raw: string;
  /** When the call was, as well as can be told: what decides whether it is published. */
  readonly happenedAt: EpochMs | undefined;
}

/** A line of which no call can be made. */
export interface OddLine {
  readonly reason: QuarantineReason;
  readonly raw: string;
  readonly line: number;
  readonly key?: string;
}

/** Reads the lines of a pack; each key is read once. */
export const readLines = (
  pack: Pick<PackMessage, 'account' | 'dt' | 'stamp' | 'keyedBy' | 'volatilePaths'>,
  object: string,
  lines: readonly string[],
): { observations: Observation[]; odd: OddLine[] } => {
  const volatile = compileVolatilePaths(pack.volatilePaths);
  const observations = new Map<string, Observation>();
  const odd: OddLine[] = [];
  for (const [line, raw] of lines.entries()) {
    try {
      const { content, fields } = readRecord(raw, volatile, SUMMARY_FIELDS);
      const key = recordKey(content, { trustIds: pack.keyedBy === 'id' });
      const earlier = observations.get(key);
      if (earlier && earlier.call.hash !== content.hash) odd.push({ reason: 'key-repeated', raw, line, key });
      if (earlier) continue;
      const { startAt, endAt, insertedAt } = readCallTimes(fields);
      observations.set(key, {
        raw,
        happenedAt: startAt ?? endAt ?? insertedAt,
        call: {
          account: pack.account,
          key,
          dt: pack.dt,
          summary: summarise(fields),
          hash: content.hash,
          seen: pack.stamp,
          madeBy: pack.stamp,
          changed: [],
          object,
          line,
        },
      });
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
      odd.push({ reason: 'record-unreadable', raw, line });
    }
  }
  return { observations: [...observations.values()], odd };
};
