import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  decodeEntries,
  ENTRY_BYTES,
  fileOfEntries,
  HEAD_BYTES,
  type ProofEntry,
  rangeOf,
  writeEntry,
} from '../../shared/core/proof-entries.ts';

const hash = fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const entry: fc.Arbitrary<ProofEntry> = fc.record({
  key: hash,
  content: hash,
  epoch: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  request: fc.integer({ min: 0, max: 2 ** 16 - 1 }),
});
const texts = (entries: Iterable<ProofEntry>) => [...entries].map((one) => JSON.stringify(one)).sort();

it('a file gives back every entry once, in the bucket of its key, however many buckets there are', () => {
  fc.assert(
    fc.property(fc.array(entry), fc.integer({ min: 0, max: 8 }), (entries, power) => {
      const packed = Buffer.alloc(entries.length * ENTRY_BYTES);
      for (const [place, one] of entries.entries()) writeEntry(packed, place * ENTRY_BYTES, one);
      const file = fileOfEntries(packed);
      const buckets = 2 ** power;
      const found: ProofEntry[] = [];
      for (let bucket = 0; bucket < buckets; bucket += 1) {
        const { from, to } = rangeOf(file.subarray(0, HEAD_BYTES), bucket, buckets);
        const there = [...decodeEntries(file.subarray(from, to))];
        for (const { key } of there)
          expect(Math.floor((Number.parseInt(key.slice(0, 2), 16) * buckets) / 256)).toBe(bucket);
        found.push(...there);
      }
      expect(texts(found)).toEqual(texts(entries));
    }),
  );
});
