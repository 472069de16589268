import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { OFFICIAL } from '../../local/fake-smartflo/official.ts';
import { formatStamp } from '../../shared/core/stamp.ts';
import type { ArchivedPack } from '../../shared/steps/archive-reader.ts';
import { newestCalls } from '../../shared/steps/newest-calls.ts';

const PACKS = 20;
const RECORDS = 250;

async function* packs(): AsyncGenerator<ArchivedPack> {
  for (let pack = 0; pack < PACKS; pack += 1) {
    const idOf = (line: number) => `663c6bc92b66${String(pack * RECORDS + line).padStart(12, '0')}`;
    const records = Array.from({ length: RECORDS }, (_, line) =>
      OFFICIAL.raw.replace(/"id":"[^"]*"/, `"id":"${idOf(line)}"`),
    );
    // As read back: one text, cut into lines.
    const lines = Buffer.from(records.join('\n'), 'latin1').toString('latin1').split('\n');
    const stamp = formatStamp(1, pack, Date.UTC(2026, 2, 10));
    yield { object: `raw/${pack}`, account: 'main', dt: '2026-03-10', stamp, keyedBy: 'id', lines };
  }
}

it('keeps a summary of each call, and not the pack that it came from', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  const before = process.memoryUsage().heapUsed;
  const calls = await newestCalls(packs(), []);
  collect();
  const bytes = (process.memoryUsage().heapUsed - before) / calls.size;
  expect(calls.size).toBe(PACKS * RECORDS);
  // 1.1 KB were measured; with its text a record is 5 KB.
  expect(bytes).toBeLessThan(2_500);
});
