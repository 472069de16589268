import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, open, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import * as z from 'zod';
import { CUT, compactDay } from '../functions/compactor/compact-day.ts';
import { lambdaHeap } from '../local/function-host.ts';
import { createParquetFiles } from '../shared/adapters/parquet-files.ts';
import { CURATED_FILES, MASKED_FILES, rawDay, rawKey } from '../shared/contract/bucket-layout.ts';
import { PACK_RECORDS } from '../shared/contract/pack-message.ts';
import { formatStamp } from '../shared/core/stamp.ts';
import { DAY, MINUTE, SECOND } from '../shared/core/time.ts';
import type { ObjectStore } from '../shared/ports/object-store.ts';
import { DT, fakeDay, MIDNIGHT } from './fake-day.ts';

/**
 * Makes the files of one day of the fake's calls, at several sizes: `node bench/compaction.ts 10000 100000 1000000`.
 * The raw archive is written before, by a process of its own, with a pack a minute as a live poller leaves it. The
 * memory is that of the process that makes the files, as Linux counts its peak.
 */
/**
 * A heap as small as the work allows. In what Lambda gives the compactor the collector waits longer, and the peak tells
 * how long, not what the work needs: `--lambda` measures that.
 */
const SMALL_HEAP = ['--max-old-space-size=300', '--max-semi-space-size=8'];
/** MB of the compactor (infra/constructs/compactor.ts). */
const MEMORY_MB = 1_769;

const Filled = z.object({ records: z.int(), objects: z.int(), jsonBytes: z.int(), archiveBytes: z.int() });
const Made = z.object({
  seconds: z.number(),
  cpuSeconds: z.number(),
  peakMb: z.number(),
  files: z.int(),
  curatedBytes: z.int(),
  maskedBytes: z.int(),
});

/** A bucket as a folder, as much of it as the compactor needs: nothing of it is held. */
const folderStore = (root: string): ObjectStore => {
  const at = (key: string) => join(root, key);
  const read: ObjectStore['read'] = async (key) =>
    existsSync(at(key)) ? { body: readFileSync(at(key)), version: '1' } : undefined;
  const write = (key: string, body: Uint8Array) => {
    mkdirSync(dirname(at(key)), { recursive: true });
    writeFileSync(at(key), body);
  };
  return {
    read,
    async create(key, body) {
      write(key, body);
      return 'created';
    },
    async createFrom(key, source) {
      mkdirSync(dirname(at(key)), { recursive: true });
      const part = at(`${key}.${randomUUID()}`);
      await pipeline(source.open(), createWriteStream(part));
      await rename(part, at(key));
      return 'created';
    },
    async replace(key, body) {
      write(key, body);
      return { version: '1' };
    },
    async readRange(key, from, to) {
      await using file = await open(at(key));
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(to - from), 0, to - from, from);
      return buffer.subarray(0, bytesRead);
    },
    async *list(prefix) {
      for (const name of readdirSync(at(prefix)).sort()) yield prefix + name;
    },
    async *folders() {},
  };
};

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

/** kB of this process at its peak, in MB. */
const peakMb = (): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1024;

const bytesUnder = (root: string, prefix: string): { files: number; bytes: number } => {
  const folder = join(root, prefix, `account=main/dt=${DT}`);
  const sizes = readdirSync(folder).map((name) => readFileSync(join(folder, name)).length);
  return { files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
};

const make = async (root: string): Promise<z.infer<typeof Made>> => {
  const began = performance.now();
  const steps = compactDay(
    { account: 'main', dt: DT, volatilePaths: ['recording_url?token'] },
    {
      objects: folderStore(root),
      files: createParquetFiles(tmpdir()),
      bucket: 'bench',
      timeLeft: () => Number.POSITIVE_INFINITY,
    },
    CUT,
  );
  let step = await steps.next();
  while (!step.done) step = await steps.next();
  if (step.value.kind !== 'made') throw new RangeError(`nothing was made: ${step.value.kind}`);
  const seconds = (performance.now() - began) / SECOND;
  const { user, system } = process.cpuUsage();
  const peak = peakMb();
  const masked = bytesUnder(root, MASKED_FILES);
  const curated = bytesUnder(root, CURATED_FILES);
  return {
    seconds,
    cpuSeconds: (user + system) / 1e6,
    peakMb: peak,
    files: curated.files + masked.files,
    curatedBytes: curated.bytes,
    maskedBytes: masked.bytes,
  };
};

const { values: options, positionals } = parseArgs({
  options: { lambda: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const heap = options.lambda ? lambdaHeap(MEMORY_MB) : SMALL_HEAP;
const self = fileURLToPath(import.meta.url);
/** One part of the work in a process of its own. */
const apart = (...args: string[]): unknown =>
  JSON.parse(execFileSync(process.execPath, [...heap, self, ...args], { encoding: 'utf8' }));

const measure = async (wanted: number): Promise<void> => {
  const root = await mkdtemp(join(tmpdir(), 'smartflo-compaction-'));
  try {
    const filled = Filled.parse(apart('fill', root, String(wanted)));
    const made = Made.parse(apart('make', root));
    const each = (bytes: number) => (bytes / filled.records).toFixed(1);
    process.stdout.write(
      `${filled.records} records · ${made.seconds.toFixed(1)} s · ${Math.round(filled.records / made.seconds)} records/s · CPU ${made.cpuSeconds.toFixed(1)} s · peak ${Math.round(made.peakMb)} MB · bytes a record: JSON ${each(filled.jsonBytes)}, archive ${each(filled.archiveBytes)}, curated ${each(made.curatedBytes)}, masked ${each(made.maskedBytes)} · objects ${filled.objects} -> ${made.files}\n`,
    );
  } finally {
    rmSync(root, { recursive: true });
  }
};

const [mode, root = '', wanted = ''] = positionals;
if (mode === 'fill') process.stdout.write(JSON.stringify(fill(root, Number(wanted))));
else if (mode === 'make') process.stdout.write(JSON.stringify(await make(root)));
else for (const size of positionals) await measure(Number(size));
