import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { openArchiveDatabase } from '../../local/archive-database.ts';
import { type DayManifest, manifestKey } from '../../shared/contract/day-proof.ts';
import { ProofWorld } from '../support/proof-world.ts';

test('the view days has the newest proof of each day, and says nothing of days without one', async () => {
  const world = new ProofWorld('2026-03-10', 300);
  world.deliver();
  world.show({ hidden: new Set(['r000001']) });
  const proven = (await world.prove()).manifest;
  world.now += 3_600_000;
  world.index.calls.delete('main#r000002');
  const differs = (await world.prove({ anew: true })).manifest;
  const manifests = [proven, differs].filter((manifest): manifest is DayManifest => manifest !== undefined);
  const folder = await mkdtemp(join(tmpdir(), 'days-'));
  try {
    const none = await openArchiveDatabase(folder);
    expect((await none.connection.runAndReadAll('SELECT * FROM days')).getRowObjectsJson()).toEqual([]);
    none.close();
    for (const manifest of manifests) {
      const file = join(folder, manifestKey(manifest));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${JSON.stringify(manifest)}\n`);
    }
    const database = await openArchiveDatabase(folder);
    const read = await database.connection.runAndReadAll(
      "SELECT * EXCLUDE (proof, proven_at, read_from, read_to) FROM days WHERE dt = '2026-03-10'",
    );
    expect(read.getRowObjectsJson()).toEqual([
      {
        account: 'main',
        dt: '2026-03-10',
        verdict: 'differs',
        round_hours: 26,
        source_records: 299,
        archive_records: 300,
        index_records: 299,
        source_fingerprint: differs?.source.fingerprint,
        archive_fingerprint: differs?.archive.fingerprint,
        index_fingerprint: differs?.index.fingerprint,
        missing: 0,
        stale: 0,
        unindexed: 1,
        misindexed: 0,
        extra: 0,
        unshown: 0,
        vanished: 1,
        quarantined: 0,
        moved: 0,
      },
    ]);
    const times = await database.connection.runAndReadAll(
      'SELECT proven_at, read_from <= read_to AS fits FROM days',
    );
    expect(times.getRowObjectsJson()).toEqual([
      { proven_at: differs?.provenAt.replace('T', ' ').replace(/(\.000)?Z$/, ''), fits: true },
    ]);
    database.close();
  } finally {
    await rm(folder, { recursive: true });
  }
});
