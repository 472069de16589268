import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CUT, type Cut } from '../../functions/compactor/compact-day.ts';
import { contentOf } from '../../functions/compactor/sights.ts';
import { ALIAS_KEY, rawKey } from '../../shared/contract/bucket-layout.ts';
import { compileVolatilePaths } from '../../shared/core/content-hash.ts';
import { recordKey } from '../../shared/core/record-key.ts';
import { formatStamp } from '../../shared/core/stamp.ts';
import { DAY, parseIstDate, SECOND } from '../../shared/core/time.ts';
import { CompactedArchive } from '../support/compacted.ts';

const DATE = '2026-03-10';
const asked = (parseIstDate(DATE) ?? 0) + DAY;

interface Pack {
  readonly lines: readonly string[];
  readonly keyedBy: 'id' | 'content';
}

/** Ids that are no plain ones, given twice, or not there: each names its record in a way of its own. */
const line = fc
  .tuple(
    fc.constantFrom(
      '"id":"a"',
      '"id":"b"',
      '"id":7',
      '"id":"7"',
      '"id":7.0',
      '"id":"a","id":"b"',
      '"id":"a b"',
      '"x":1',
    ),
    fc.integer({ min: 0, max: 2 }),
  )
  .map(([id, note]) => `{${id},"date":"${DATE}","client_number":"910000099999","note":${note}}`);
const pack: fc.Arbitrary<Pack> = fc.record({
  lines: fc.array(fc.oneof({ weight: 9, arbitrary: line }, fc.constant('no JSON')), {
    minLength: 1,
    maxLength: 4,
  }),
  keyedBy: fc.constantFrom('id', 'id', 'id', 'content'),
});
const cut: fc.Arbitrary<Cut> = fc.record({
  objects: fc.integer({ min: 1, max: 3 }),
  lines: fc.integer({ min: 1, max: 8 }),
  kilobytes: fc.integer({ min: 1, max: 3 }),
});

const compacted = async (packs: readonly Pack[], cut: Cut) => {
  const archive = new CompactedArchive();
  archive.cut = cut;
  archive.store.objects.set(ALIAS_KEY, new Uint8Array(32));
  for (const [number, { lines, keyedBy }] of packs.entries()) {
    const stamp = formatStamp(1, number + 1, asked + number * SECOND);
    const key = rawKey({ account: 'main', dt: DATE, stamp, digest: 'd', keyedBy });
    archive.store.objects.set(key, gzipSync(`${lines.join('\n')}\n`));
  }
  await archive.run('2026-03-14 02:00:00');
  return { rows: await archive.liveRows(), masked: await archive.liveMaskedRows() };
};

const keysOf = (packs: readonly Pack[]): string[] => {
  const volatile = compileVolatilePaths([]);
  const keys = packs.flatMap(({ lines, keyedBy }) =>
    lines.map((line) => recordKey(contentOf(line, volatile), { trustIds: keyedBy === 'id' })),
  );
  return [...new Set(keys)].sort();
};

test('however a day is cut into pieces, it has a row for each record, as the day in one has', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(pack, { minLength: 1, maxLength: 8 }), cut, async (packs, cut) => {
      const inPieces = await compacted(packs, cut);
      expect(inPieces.rows.map(({ key }) => key).sort()).toEqual(keysOf(packs));
      expect(inPieces).toEqual(await compacted(packs, CUT));
    }),
    { numRuns: 25 },
  );
});
