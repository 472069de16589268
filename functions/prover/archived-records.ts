import { eachLine } from '../../shared/contract/pack-message.ts';
import type { VolatilePaths } from '../../shared/core/content-hash.ts';
import { readContent } from '../../shared/core/content-hash.ts';
import { keyHash, type ProofEntry } from '../../shared/core/proof-entries.ts';
import { recordKey } from '../../shared/core/record-key.ts';
import { parseStamp } from '../../shared/core/stamp.ts';
import type { ReadPack } from '../../shared/steps/archive-reader.ts';

/** One line of the archive, read as the consumer reads it. */
export interface ArchivedRecord {
  readonly key: string;
  readonly entry: ProofEntry;
  readonly raw: string;
  readonly line: number;
}

/** The records of a pack, one after the other; undefined for a line of which no record can be made. */
export function* recordsOf(
  { ndjson, keyedBy, stamp }: ReadPack,
  volatile: VolatilePaths,
): Generator<ArchivedRecord | undefined> {
  let line = 0;
  for (const raw of eachLine(ndjson)) yield recordOf(raw, line++, { keyedBy, stamp }, volatile);
}

const recordOf = (
  raw: string,
  line: number,
  { keyedBy, stamp }: Pick<ReadPack, 'keyedBy' | 'stamp'>,
  volatile: VolatilePaths,
): ArchivedRecord | undefined => {
  const { epoch, request } = parseStamp(stamp) ?? { epoch: 0, request: 0 };
  try {
    const content = readContent(raw, volatile);
    const key = recordKey(content, { trustIds: keyedBy === 'id' });
    return {
      key,
      entry: { key: keyHash(key), content: content.hash.slice(0, 16), epoch, request },
      raw,
      line,
    };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
};
