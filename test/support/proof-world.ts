import type { ProverPorts } from '../../functions/prover/ports.ts';
import { proveDay } from '../../functions/prover/prove-day.ts';
import { createMemoryBus } from '../../shared/adapters/memory/bus.ts';
import { createMemoryCallIndex } from '../../shared/adapters/memory/call-index.ts';
import { createMemoryDayIndex } from '../../shared/adapters/memory/day-index.ts';
import {
  createMemoryLedger,
  createMemoryOrders,
  createMemoryProofs,
} from '../../shared/adapters/memory/ledger.ts';
import { createMemoryObjectStore } from '../../shared/adapters/memory/object-store.ts';
import { createMemoryQueue } from '../../shared/adapters/memory/queue.ts';
import { createMemoryTelemetry } from '../../shared/adapters/memory/telemetry.ts';
import { Account } from '../../shared/contract/account.ts';
import { parseAccountState } from '../../shared/contract/account-state-document.ts';
import { rawKey } from '../../shared/contract/bucket-layout.ts';
import type { DayEvent, DayReport } from '../../shared/contract/day-proof.ts';
import { readLines } from '../../shared/contract/observations.ts';
import { joinLines, packDigest, zipLines } from '../../shared/contract/pack-message.ts';
import {
  encodeSlice,
  type SliceRecord,
  type SourceSlice,
  sliceKey,
} from '../../shared/contract/source-slice.ts';
import { compileVolatilePaths, readContent } from '../../shared/core/content-hash.ts';
import { dayWindow } from '../../shared/core/proof-rounds.ts';
import { formatStamp } from '../../shared/core/stamp.ts';
import { DAY, HOUR, istStamp, type Ms, SECOND } from '../../shared/core/time.ts';

/** A small record of the source's shape: the 10,000 of a day are read again and again. */
export const thinRecord = (id: string, at: number, disposition = ''): string => {
  const [date, time] = istStamp(at).split(' ');
  return JSON.stringify({ id, date, time, status: id.endsWith('7') ? 'missed' : 'answered', disposition });
};

const volatile = compileVolatilePaths([]);
const contentOf = (raw: string) => readContent(raw, volatile).hash.slice(0, 16);

/**
 * One day as source, archive and index hold it after everything went well: in memory, and open to whoever wants to
 * break it. Records stand `spacing` apart from midnight on.
 */
export class ProofWorld {
  readonly account = Account.parse({ name: 'main', secretId: 'secret', volatilePaths: [] });
  readonly objects = createMemoryObjectStore();
  readonly index = createMemoryCallIndex();
  readonly queue = createMemoryQueue();
  readonly telemetry = createMemoryTelemetry();
  readonly orders = createMemoryOrders();
  readonly proofs = createMemoryProofs();
  readonly ledger = createMemoryLedger(parseAccountState);
  readonly bus = createMemoryBus<DayEvent>();
  readonly dt: string;
  readonly records = new Map<string, { raw: string; at: number }>();
  now: number;
  waiting = 0;
  #stamps = 0;

  constructor(dt: string, records: number) {
    this.dt = dt;
    const day = dayWindow(dt);
    this.now = day.to + 27 * HOUR;
    const spacing = Math.floor(DAY / records / SECOND) * SECOND;
    for (let number = 0; number < records; number += 1) {
      const id = `r${String(number).padStart(6, '0')}`;
      const at = day.from + number * spacing;
      this.records.set(id, { raw: thinRecord(id, at), at });
    }
  }

  /** A request that was sent now. */
  stamp(at = this.now): string {
    this.#stamps += 1;
    return formatStamp(1, this.#stamps, at);
  }

  /** Puts records into archive and index as the consumer would, 250 a pack. */
  deliver(ids: Iterable<string> = this.records.keys(), at = this.now - 26 * HOUR): void {
    const all = [...ids];
    for (let from = 0; from < all.length; from += 250) {
      const lines = all.slice(from, from + 250).map((id) => this.records.get(id)?.raw ?? '');
      this.archive(lines, this.stamp(at));
    }
  }

  archive(lines: readonly string[], stamp: string, dt = this.dt): string {
    const pack = { account: 'main', dt, stamp, keyedBy: 'id' as const, volatilePaths: [] };
    const object = rawKey({ ...pack, digest: packDigest(joinLines(lines)) });
    this.objects.objects.set(object, zipLines(lines));
    for (const { call } of readLines(pack, object, lines).observations) {
      const before = this.index.calls.get(`main#${call.key}`);
      if (!before || before.seen < stamp)
        this.index.calls.set(
          `main#${call.key}`,
          before?.hash === call.hash ? { ...before, seen: stamp, object, line: call.line } : call,
        );
    }
    return object;
  }

  /** What a full read of the day's hours shows, now. `hidden` ids are not shown. */
  show({
    hidden = new Set<string>(),
    hours = 24,
    readAt = this.now,
    missing = 0,
  }: {
    hidden?: ReadonlySet<string>;
    hours?: number;
    readAt?: number;
    missing?: number;
  } = {}): void {
    const day = dayWindow(this.dt);
    for (let hour = 0; hour < hours; hour += 1) {
      const window = { from: day.from + hour * HOUR, to: day.from + (hour + 1) * HOUR };
      this.showWindow(window, { hidden, readAt, missing: hour === 0 ? missing : 0 });
    }
  }

  showWindow(
    window: { from: number; to: number },
    {
      hidden = new Set<string>(),
      readAt = this.now,
      missing = 0,
    }: { hidden?: ReadonlySet<string>; readAt?: number; missing?: number } = {},
  ): void {
    const records: SliceRecord[] = [];
    for (const [id, { raw, at }] of this.records)
      if (at >= window.from && at < window.to && !hidden.has(id))
        records.push({ key: id, content: contentOf(raw), at, dt: this.dt });
    const slice: SourceSlice = {
      account: 'main',
      ...window,
      stamp: this.stamp(readAt),
      readAt,
      filterOn: 'start',
      count: records.length + missing,
      missing,
      records,
    };
    this.objects.objects.set(sliceKey(slice), encodeSlice(slice));
  }

  get ports(): ProverPorts {
    const { objects, proofs, orders, ledger, index, bus, telemetry, queue } = this;
    return {
      objects,
      proofs,
      orders,
      ledger,
      index,
      dayIndex: createMemoryDayIndex(index.calls),
      queue: { ...queue, waiting: async () => this.waiting },
      bus,
      telemetry,
      now: () => this.now,
    };
  }

  prove({ anew = false, left = () => HOUR }: { anew?: boolean; left?: () => Ms } = {}): Promise<DayReport> {
    return proveDay({ account: this.account, dt: this.dt, now: this.now, anew, left }, this.ports);
  }
}
