import type { VolatilePaths } from '../../shared/core/content-hash.ts';
import { readContent } from '../../shared/core/content-hash.ts';
import { keyHash, type ProofEntry } from '../../shared/core/proof-entries.ts';
import { recordKey } from '../../shared/core/record-key.ts';
import { parseStamp } from '../../shared/core/stamp.ts';
import type { ArchivedPack } from '../../shared/steps/archive-reader.ts';

/** One line of the archive, read as the consumer reads it. */
export interface ArchivedRecord {
  readonly key: string;
  readonly entry: ProofEntry;
  readonly raw: string;
  readonly line: number;
}

/** The records of a pack; lines of which no record can be made are counted. */
export const recordsOf = (
  { lines, keyedBy, stamp }: ArchivedPack,
  volatile: VolatilePaths,
): { readonly records: ArchivedRecord[]; readonly unreadable: number } => {
  const { epoch, request } = parseStamp(stamp) ?? { epoch: 0, request: 0 };
  const records: ArchivedRecord[] = [];
  let unreadable = 0;
  for (const [line, raw] of lines.entries()) {
    try {
      const content = readContent(raw, volatile);
      const key = recordKey(content, { trustIds: keyedBy === 'id' });
      const entry = { key: keyHash(key), content: content.hash.slice(0, 16), epoch, request };
      records.push({ key, entry, raw, line });
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
      unreadable += 1;
    }
  }
  return { records, unreadable };
};
