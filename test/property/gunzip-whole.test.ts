import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { gunzipWhole } from '../../shared/core/gunzip-whole.ts';

/** Some bytes over and over: about the sizes at which room is made otherwise. */
const bytes = fc
  .tuple(fc.uint8Array({ minLength: 1, maxLength: 100 }), fc.constantFrom(1, 300, 16_384, 65_536))
  .map(([some, times]) => Buffer.alloc(some.length * times, some));

it('gives back what was packed, also of several members, of which gzip tells the last size alone', () => {
  fc.assert(
    fc.property(fc.array(bytes, { minLength: 1, maxLength: 3 }), (members) => {
      const packed = Buffer.concat(members.map((member) => gzipSync(member, { level: 1 })));
      expect(gunzipWhole(packed).equals(Buffer.concat(members))).toBe(true);
    }),
    { numRuns: 30 },
  );
});

it('takes no more room than is allowed, whatever the bytes tell of their size', () => {
  const packed = gzipSync(Buffer.alloc(100_000));
  expect(gunzipWhole(packed, 100_000)).toHaveLength(100_000);
  expect(() => gunzipWhole(packed, 99_999)).toThrow(RangeError);
  expect(() => gunzipWhole(Buffer.from([1, 2]))).toThrow();
});
