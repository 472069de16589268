import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ProverPorts } from '../functions/prover/ports.ts';
import { proveDay } from '../functions/prover/prove-day.ts';
import { createMemoryBus } from '../shared/adapters/memory/bus.ts';
import {
  createMemoryLedger,
  createMemoryOrders,
  createMemoryProofs,
} from '../shared/adapters/memory/ledger.ts';
import { Account } from '../shared/contract/account.ts';
import { parseAccountState } from '../shared/contract/account-state-document.ts';
import { DAYS, PROOFS, QUARANTINE, RAW, rawKey, SLICES } from '../shared/contract/bucket-layout.ts';
import type { DayEvent } from '../shared/contract/day-proof.ts';
import { dayKeys } from '../shared/contract/index-table.ts';
import type { IndexedCall } from '../shared/contract/indexed-call.ts';
import { encodeSlice, sliceKey } from '../shared/contract/source-slice.ts';
import { compileVolatilePaths, readContent } from '../shared/core/content-hash.ts';
import { dayWindow } from '../shared/core/proof-rounds.ts';
import { formatStamp } from '../shared/core/stamp.ts';
import { HOUR, istStamp } from '../shared/core/time.ts';
import { OFFICIAL } from '../local/fake-smartflo/official.ts';

/**
 * Proves one day of so many records, of the official record's size, that are made as they are read, so that the
 * memory measured is the prover's own. `node bench/proof.ts 10000 100000`.
 */
const DT = '2026-03-10';
const PACK = 250;
const HOURS = 24;
const volatile = compileVolatilePaths([]);

const requests = { reads: 0, writes: 0, lists: 0, queries: 0 };

const worldOf = (records: number, folder: string): ProverPorts & { made: () => number } => {
  const day = dayWindow(DT);
  const perHour = Math.ceil(records / HOURS);
  let made = 0;
  const idOf = (number: number) => `b${String(number).padStart(9, '0')}`;
  const rawOf = (number: number): string => {
    const at = day.from + Math.floor(number / perHour) * HOUR;
    return OFFICIAL.raw
      .replace(/"id":"[^"]*"/, `"id":"${idOf(number)}"`)
      .replace(/"date":"[^"]*"/, `"date":"${istStamp(at).slice(0, 10)}"`)
      .replace(/"time":"[^"]*"/, `"time":"${istStamp(at).slice(11)}"`);
  };
  const hashOf = (number: number) => readContent(rawOf(number), volatile).hash;
  const stampOf = (pack: number) => formatStamp(1 + Math.floor(pack / 60_000), pack % 60_000, day.to);
  const packs = Math.ceil(records / PACK);
  const packKey = (pack: number) =>
    rawKey({ account: 'main', dt: DT, stamp: stampOf(pack), digest: '0'.repeat(16), keyedBy: 'id' });
  const numbers = (from: number, to: number) =>
    Array.from({ length: Math.max(0, Math.min(to, records) - from) }, (_, index) => from + index);
  const sliceOf = (hour: number) => ({
    account: 'main',
    from: day.from + hour * HOUR,
    to: day.from + (hour + 1) * HOUR,
    stamp: formatStamp(60_000, hour, day.to),
    readAt: day.to + 26 * HOUR,
    filterOn: 'start' as const,
    count: 0,
    missing: 0,
  });
  const onDisk = (key: string) => join(folder, key.replaceAll('/', '_'));
  const read = async (key: string): Promise<Uint8Array | undefined> => {
    if (key.startsWith(RAW)) {
      const began = performance.now();
      const pack = Number.parseInt(key.slice(key.lastIndexOf('/') + 1).split('-')[1] ?? '0', 16);
      const epoch = Number.parseInt(key.slice(key.lastIndexOf('/') + 1), 16) - 1;
      const at = epoch * 60_000 + pack;
      const lines = numbers(at * PACK, (at + 1) * PACK).map(rawOf);
      const zipped = gzipSync(Buffer.from(`${lines.join('\n')}\n`, 'latin1'), { level: 1 });
      made += performance.now() - began;
      return zipped;
    }
    if (key.startsWith(SLICES)) {
      const began = performance.now();
      const hour = Number.parseInt(key.split('-').at(-2) ?? '0', 16);
      const rows = numbers(hour * perHour, (hour + 1) * perHour).map((number) => ({
        key: idOf(number),
        content: hashOf(number).slice(0, 16),
        at: day.from + hour * HOUR,
        dt: DT,
      }));
      const bytes = encodeSlice({ ...sliceOf(hour), records: rows });
      made += performance.now() - began;
      return bytes;
    }
    return readFile(onDisk(key)).catch(() => undefined);
  };
  const call = (number: number): IndexedCall => ({
    account: 'main',
    key: idOf(number),
    dt: DT,
    summary: {},
    hash: hashOf(number),
    seen: stampOf(Math.floor(number / PACK)),
    madeBy: stampOf(Math.floor(number / PACK)),
    changed: [],
    object: packKey(Math.floor(number / PACK)),
    line: number % PACK,
  });
  const unused = () => Promise.reject(new Error('a proof of a clean day does not ask this'));
  return {
    made: () => made,
    objects: {
      create: async (key, body) => {
        requests.writes += 1;
        await writeFile(onDisk(key), body);
        return 'created';
      },
      replace: async (key, body) => {
        requests.writes += 1;
        await writeFile(onDisk(key), body);
        return { version: '1' };
      },
      read: async (key) => {
        requests.reads += 1;
        const body = await read(key);
        return body && { body, version: '1' };
      },
      async *list(prefix, after = '') {
        requests.lists += 1;
        if (prefix.startsWith(RAW))
          for (let pack = 0; pack < packs; pack += 1) {
            if (pack % 1_000 === 999) requests.lists += 1;
            const key = packKey(pack);
            if (key > after) yield key;
          }
        else if (prefix.startsWith(SLICES))
          for (let hour = 0; hour < HOURS; hour += 1) {
            const key = sliceKey(sliceOf(hour));
            if (key.startsWith(prefix)) yield key;
          }
        else if (![QUARANTINE, DAYS, PROOFS].some((known) => prefix.startsWith(known)))
          throw new Error(`nobody lists ${prefix}`);
      },
      createFrom: unused,
      readRange: async (key, from, to) => {
        requests.reads += 1;
        return (await readFile(onDisk(key))).subarray(from, to);
      },
      async *folders() {},
    },
    proofs: createMemoryProofs(),
    orders: createMemoryOrders(),
    ledger: createMemoryLedger(parseAccountState),
    index: { load: unused },
    dayIndex: {
      async *pages(account, dt, _statuses, after) {
        const partitions = dayKeys(account, dt, 'answered').sort();
        for (const [place, partition] of partitions.slice(0, HOURS).entries())
          if (after === undefined || partition > after)
            for (let from = place * perHour; from < (place + 1) * perHour; from += 1_000) {
              requests.queries += 1;
              const began = performance.now();
              const calls = numbers(from, Math.min(from + 1_000, (place + 1) * perHour)).map(call);
              made += performance.now() - began;
              yield { partition, calls };
            }
      },
    },
    queue: { send: unused, waiting: async () => 0 },
    bus: createMemoryBus<DayEvent>(),
    telemetry: { log: () => {}, count: () => {} },
    now: Date.now,
  };
};

const run = async (records: number): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'proof-'));
  for (const name of Object.keys(requests)) Reflect.set(requests, name, 0);
  try {
    const ports = worldOf(records, folder);
    const began = performance.now();
    const account = Account.parse({ name: 'main', secretId: 'bench', volatilePaths: [] });
    const now = dayWindow(DT).to + 27 * HOUR;
    const report = await proveDay({ account, dt: DT, now, anew: false, left: () => HOUR }, ports);
    const seconds = (performance.now() - began - ports.made()) / 1000;
    const peak = process.resourceUsage().maxRSS / 1024;
    const asked = Object.entries(requests).map(([name, value]) => `${value} ${name}`);
    process.stdout.write(
      `${records} records: ${report.verdict} in ${seconds.toFixed(1)} s, ${Math.round(records / seconds)} records/s, peak ${Math.round(peak)} MB; ${asked.join(', ')}\n`,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
};

for (const text of process.argv.slice(2)) await run(Number(text));
