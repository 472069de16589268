import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import * as z from 'zod';
import type { ProvisionedFunction } from '../local/provision.ts';
import { CURATED_FILES, MASKED_FILES, rawDay, rawKey } from '../shared/contract/bucket-layout.ts';
import { CompactionReport, CURATED_AFTER_DAYS } from '../shared/contract/compaction.ts';
import { PACK_RECORDS } from '../shared/contract/pack-message.ts';
import { formatStamp } from '../shared/core/stamp.ts';
import { DAY, MINUTE, SECOND } from '../shared/core/time.ts';
import { DT, fakeDay, MIDNIGHT } from './fake-day.ts';
import { startFolderS3 } from './folder-s3.ts';
import { functionNamed, provisionBench } from './functions.ts';
import { demand, MeasuredFunction } from './stages.ts';

/**
 * Makes the files of one day of the fake's calls by the bundled function, with the heap and the 15 minutes that it has on
 * Lambda, over a folder that answers as S3: `node bench/compaction.ts 10000 100000 1000000`. The raw archive is written before, by a
 * process of its own, with a pack a minute as a live poller leaves it.
 */
const Filled = z.object({ records: z.int(), objects: z.int(), jsonBytes: z.int(), archiveBytes: z.int() });

/** A run each half hour until none is owed: more would be a day that never ends. */
const MOST_RUNS = 10;

/** Writes a day of about so many records. */
const fill = (root: string, wanted: number): z.infer<typeof Filled> => {
  const callsOf = fakeDay(wanted);
  const filled = { records: 0, objects: 0, jsonBytes: 0, archiveBytes: 0 };
  mkdirSync(join(root, rawDay('main', DT)), { recursive: true });
  const put = (lines: readonly string[]) => {
    const body = gzipSync(Buffer.from(`${lines.join('\n')}\n`, 'latin1'), { level: 5 });
    const stamp = formatStamp(1, filled.objects, MIDNIGHT + filled.objects * SECOND);
    writeFileSync(
      join(root, rawKey({ account: 'main', dt: DT, stamp, digest: '0'.repeat(16), keyedBy: 'id' })),
      body,
    );
    filled.objects += 1;
    filled.records += lines.length;
    filled.archiveBytes += body.length;
  };
  for (let from = MIDNIGHT; from < MIDNIGHT + DAY; from += MINUTE) {
    let lines: string[] = [];
    for (const { raw } of callsOf(from, from + MINUTE)) {
      lines.push(raw);
      filled.jsonBytes += raw.length + 1;
      if (lines.length < PACK_RECORDS) continue;
      put(lines);
      lines = [];
    }
    if (lines.length > 0) put(lines);
  }
  return filled;
};

const bytesUnder = (root: string, prefix: string): { files: number; bytes: number } => {
  const folder = join(root, prefix, `account=main/dt=${DT}`);
  const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
  return { files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
};

/** Makes the files of what lies in the folder. */
const make = async (fn: ProvisionedFunction, root: string, records: number) => {
  const s3 = await startFolderS3(root);
  const compactor = new MeasuredFunction(fn, s3.env);
  try {
    const order = {
      scheduledAt: new Date(MIDNIGHT + 10 * DAY).toISOString(),
      curatedAfterDays: CURATED_AFTER_DAYS,
      volatilePaths: { main: ['recording_url?token'] },
    };
    let [runs, owed, made] = [0, 1, 0];
    while (owed > 0 && runs < MOST_RUNS) {
      const report = CompactionReport.parse((await compactor.run(order)).result);
      runs += 1;
      owed = report.owed;
      made += report.records;
    }
    demand('records made into rows', made, records);
    return { runs, ...compactor.take() };
  } finally {
    compactor.end();
    await s3.close();
  }
};

const self = fileURLToPath(import.meta.url);

const measure = async (fn: ProvisionedFunction, wanted: number): Promise<void> => {
  const root = await mkdtemp(join(tmpdir(), 'smartflo-compaction-'));
  try {
    const { records, objects, jsonBytes, archiveBytes } = Filled.parse(
      JSON.parse(execFileSync(process.execPath, [self, 'fill', root, String(wanted)], { encoding: 'utf8' })),
    );
    const { runs, wallMs, cpuMs, peakMemoryMb, heapMb } = await make(fn, root, records);
    const curated = bytesUnder(root, CURATED_FILES);
    const masked = bytesUnder(root, MASKED_FILES);
    const each = (bytes: number) => (bytes / records).toFixed(1);
    process.stdout.write(
      `${records} records · ${(wallMs / SECOND).toFixed(1)} s in ${runs} runs · CPU ${(cpuMs / SECOND).toFixed(1)} s, ${Math.round((records * SECOND) / cpuMs)} records/s/core · peak ${peakMemoryMb} MB, heap ${heapMb} MB · bytes a record: JSON ${each(jsonBytes)}, archive ${each(archiveBytes)}, curated ${each(curated.bytes)}, masked ${each(masked.bytes)} · objects ${objects} -> ${curated.files + masked.files}\n`,
    );
  } finally {
    await rm(root, { recursive: true, maxRetries: 3 });
  }
};

const [mode, root = '', wanted = ''] = process.argv.slice(2);
if (mode === 'fill') process.stdout.write(JSON.stringify(fill(root, Number(wanted))));
else {
  const compactor = functionNamed(await provisionBench(), 'compactor');
  for (const size of process.argv.slice(2)) await measure(compactor, Number(size));
}
