import { parseRawKey, RAW } from '../../../shared/contract/bucket-layout.ts';
import type { CallEvent } from '../../../shared/contract/call-event.ts';
import type { IndexedCall } from '../../../shared/contract/indexed-call.ts';
import {
  joinLines,
  PackMessage,
  packDigest,
  unzipLines as unzip,
} from '../../../shared/contract/pack-message.ts';
import type { TickReport } from '../../../shared/contract/tick.ts';
import type { AccountState } from '../../../shared/core/account-state.ts';
import { compileVolatilePaths, readContent } from '../../../shared/core/content-hash.ts';
import type { Coverage } from '../../../shared/core/coverage.ts';
import { parseStamp } from '../../../shared/core/stamp.ts';
import { type EpochMs, istStamp } from '../../../shared/core/time.ts';
import type { SimulatedProcess } from './scheduler.ts';

/** What a run can break; each names a promise. */
export type Check =
  | 'lost'
  | 'stale'
  | 'silent'
  | 'repeated-effect'
  | 'coverage-claims'
  | 'done-claims'
  | 'repeated-message'
  | 'stamps'
  | 'lease'
  | 'not-converged'
  | 'set-aside'
  | 'defect';

export interface Violation {
  readonly check: Check;
  readonly detail: string;
}

/** One answer that a poller was given. */
interface Sight {
  readonly process: SimulatedProcess;
  readonly at: EpochMs;
  readonly rows: readonly string[];
}

/** What the queue took of one record last, by stamp. */
interface Accepted {
  readonly stamp: string;
  readonly raw: string;
}

/** A record of the source, as far as claims about it are judged. */
export interface WitnessedRecord {
  readonly id: string;
  readonly startAt: EpochMs;
  /** When it first can be seen. */
  readonly appearsAt: EpochMs;
  readonly newest: string;
}

/** What the stores hold at the end. */
export interface Stores {
  readonly objects: ReadonlyMap<string, Uint8Array>;
  readonly calls: ReadonlyMap<string, IndexedCall>;
  readonly events: readonly CallEvent[];
}

const VOLATILE = compileVolatilePaths(['recording_url?token']);
const ids = new Map<string, string>();
const hashes = new Map<string, string>();
const packs = new Map<string, { readonly pack: PackMessage; readonly lines: readonly string[] }>();
const unzipped = new Map<string, readonly string[]>();

/** The runs of one seed see the same records, messages and objects over and over. */
const remembered = <T>(known: Map<string, T>, text: string, read: (text: string) => T): T => {
  const before = known.get(text);
  if (before !== undefined) return before;
  if (known.size > 10_000) known.clear();
  const now = read(text);
  known.set(text, now);
  return now;
};
const idOf = (raw: string): string => remembered(ids, raw, () => String(JSON.parse(raw).id));
const hashOf = (raw: string): string => remembered(hashes, raw, () => readContent(raw, VOLATILE).hash);

const packOf = (body: string) =>
  remembered(packs, body, () => {
    const pack = PackMessage.parse(JSON.parse(body));
    return { pack, lines: pack.body === 'inline' ? unzip(Buffer.from(pack.ndjson, 'base64')) : [] };
  });
const unzipLines = (body: Uint8Array): readonly string[] =>
  remembered(unzipped, Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1'), () =>
    unzip(body),
  );

const ageAt = (coverage: Coverage, at: EpochMs): number =>
  coverage.find(({ from, to }) => from <= at && at < to)?.readAge ?? -1;

/**
 * Watches what a run's processes really did, and judges it. It sees effects as the stores do: done or not, whatever
 * the caller was told.
 */
export class Witness {
  readonly violations: Violation[] = [];
  readonly #records: ReadonlyMap<string, readonly WitnessedRecord[]>;
  /** By account and process: its answers by request number. */
  readonly #sights = new Map<string, Map<number, Sight>>();
  /** Account and epoch → who raised it. */
  readonly #holders = new Map<string, SimulatedProcess>();
  /** By account and process: the epoch that it holds. */
  readonly #epochOf = new Map<string, number>();
  /** By account: the highest. */
  readonly #epochs = new Map<string, number>();
  readonly #states = new Map<string, AccountState>();
  /** Account and stamp → who sent under it. */
  readonly #senders = new Map<string, SimulatedProcess>();
  readonly #accepted = new Map<string, Accepted>();
  /** Account and id → everything that the queue took. */
  readonly #all = new Map<string, Accepted[]>();
  /** Names of archive objects → lines, as accepted messages will make them. */
  readonly #owed = new Map<string, readonly string[]>();

  /** @param records of each account, as they will be in the end */
  constructor(records: ReadonlyMap<string, readonly WitnessedRecord[]>) {
    this.#records = records;
  }

  blame(check: Check, detail: string): void {
    this.violations.push({ check, detail });
  }

  /** @param request the number of the request under its process */
  sawAnswer(
    process: SimulatedProcess,
    account: string,
    request: number,
    at: EpochMs,
    rows: readonly string[],
  ): void {
    const key = `${account} ${process.name}`;
    const sights = this.#sights.get(key) ?? new Map<number, Sight>();
    sights.set(request, { process, at, rows });
    this.#sights.set(key, sights);
  }

  sawLedger(process: SimulatedProcess, account: string, state: AccountState): void {
    const holding = `${account} ${state.epoch}`;
    const holder = this.#holders.get(holding) ?? process;
    this.#holders.set(holding, holder);
    this.#epochOf.set(`${account} ${process.name}`, state.epoch);
    if (holder !== process)
      this.blame(
        'lease',
        `${process.name} wrote under epoch ${state.epoch} of ${holder.name} for ${account}`,
      );
    const highest = this.#epochs.get(account) ?? 0;
    if (state.epoch < highest)
      this.blame('lease', `${process.name} wrote under epoch ${state.epoch} after ${highest} for ${account}`);
    this.#epochs.set(account, Math.max(highest, state.epoch));
    this.#judgeClaims(process, account, this.#states.get(account)?.coverage ?? [], state.coverage);
    this.#states.set(account, state);
  }

  /** What counts as read from now on must have been shown to this process, and be the newest that the queue took. */
  #judgeClaims(process: SimulatedProcess, account: string, before: Coverage, after: Coverage): void {
    const sights = [...(this.#sights.get(`${account} ${process.name}`)?.values() ?? [])];
    for (const { id, startAt, appearsAt } of this.#records.get(account) ?? []) {
      const [was, is] = [ageAt(before, startAt), ageAt(after, startAt)];
      if (is < was) this.blame('coverage-claims', `${account} ${id}: covered before, and no longer`);
      if (is <= was) continue;
      // One that appeared meanwhile may be at another window's edge, and not have been there for this one's read.
      if (appearsAt > process.startedAt) continue;
      const shown = sights.flatMap(({ rows }) => rows.filter((raw) => idOf(raw) === id));
      if (shown.length === 0)
        this.blame('coverage-claims', `${account} ${id}: covered, never shown (start ${istStamp(startAt)})`);
      const newest = this.#accepted.get(`${account} ${id}`);
      if (shown.length > 0 && !(newest && shown.includes(newest.raw)))
        this.blame(
          'coverage-claims',
          `${account} ${id}: covered, but the queue’s newest is ${newest?.stamp ?? 'nothing'}, another content than shown`,
        );
    }
  }

  /**
   * A tick that says it is done has queued the last content that it was shown of each record. Only one whose time
   * ran out may have left rows for the next.
   */
  sawReports(process: SimulatedProcess, reports: readonly TickReport[]): void {
    if (process.isOverdue) return;
    for (const { account, outcome } of reports) {
      if (outcome !== 'done') continue;
      const mine = this.#epochOf.get(`${account} ${process.name}`) ?? 0;
      const sights = [...(this.#sights.get(`${account} ${process.name}`) ?? [])].sort(([a], [b]) => a - b);
      const shown = new Map(sights.flatMap(([, { rows }]) => rows.map((raw) => [idOf(raw), raw] as const)));
      for (const [id, raw] of shown) {
        const newest = this.#accepted.get(`${account} ${id}`);
        const { epoch = 0 } = parseStamp(newest?.stamp ?? '') ?? {};
        if (newest?.raw === raw || epoch > mine) continue;
        this.blame(
          'done-claims',
          `${process.name} is done with ${account}, and ${id} is queued as of ${newest?.stamp ?? 'never'}, not as shown`,
        );
      }
    }
  }

  /** By account and id: the contents that the queue took, in the order of their stamps. */
  get contents(): ReadonlyMap<string, readonly string[]> {
    return new Map(
      [...this.#all].map(([record, all]) => [
        record,
        [...all].sort((a, b) => (a.stamp < b.stamp ? -1 : 1)).map(({ raw }) => raw),
      ]),
    );
  }

  /** Where nothing failed, each revision is sent once. */
  judgeRepeats(): void {
    for (const [record, contents] of this.contents)
      if (contents.some((raw, place) => raw === contents[place - 1]))
        this.blame('repeated-message', `${record} was sent again as it was`);
  }

  /** The queue took this message. */
  sawAccepted(process: SimulatedProcess, body: string): void {
    const { pack, lines } = packOf(body);
    if (pack.body !== 'inline') return;
    const { account, stamp, dt, keyedBy } = pack;
    const digest = packDigest(joinLines(lines));
    const mark = keyedBy === 'content' ? '-c' : '';
    this.#owed.set(`${RAW}account=${account}/dt=${dt}/${stamp}-${digest}${mark}.ndjson.gz`, lines);
    for (const raw of lines) {
      const key = `${account} ${idOf(raw)}`;
      const before = this.#accepted.get(key);
      if (!before || before.stamp <= stamp) this.#accepted.set(key, { stamp, raw });
      const all = this.#all.get(key) ?? [];
      all.push({ stamp, raw });
      this.#all.set(key, all);
    }
    const { epoch = 0, request = 0 } = parseStamp(stamp) ?? {};
    const named = `${account} ${epoch} ${request}`;
    const sender = this.#senders.get(named) ?? process;
    this.#senders.set(named, sender);
    if (sender !== process) this.blame('stamps', `${stamp} of ${account} names requests of two pollers`);
    if (this.#holders.get(`${account} ${epoch}`) !== process)
      this.blame('stamps', `${process.name} sent under an epoch that it never held: ${stamp} of ${account}`);
    const rows = this.#sights.get(`${account} ${process.name}`)?.get(request)?.rows ?? [];
    if (!lines.every((raw) => rows.includes(raw)))
      this.blame('stamps', `${stamp} of ${account} is not of the request that brought its rows`);
  }

  /** Judges what the stores hold when everything has come to rest. */
  judgeEnd(stores: Stores): void {
    this.#judgeArchive(stores.objects);
    for (const [account, records] of this.#records) {
      for (const record of records) this.#judgeRecord(account, record, stores);
    }
    const known = new Set(
      [...this.#records].flatMap(([account, all]) => all.map(({ id }) => `${account}#${id}`)),
    );
    for (const key of stores.calls.keys())
      if (!known.has(key)) this.blame('repeated-effect', `${key} is in the index and not at the source`);
    this.#judgeEvents(stores.events);
  }

  #judgeArchive(objects: ReadonlyMap<string, Uint8Array>): void {
    const places = new Map<string, string>();
    for (const [key, lines] of this.#owed) {
      const body = objects.get(key);
      if (!body || unzipLines(body).join('\n') !== lines.join('\n'))
        this.blame('lost', `${key} was accepted by the queue and is not in the archive as it was`);
    }
    for (const [key, body] of objects) {
      if (key.startsWith('quarantine/')) this.blame('set-aside', key);
      if (!key.startsWith(RAW)) continue;
      const name = parseRawKey(key);
      if (!name) {
        this.blame('repeated-effect', `${key} is no archive object`);
        continue;
      }
      for (const raw of unzipLines(body)) {
        const place = `${name.account} ${name.stamp} ${idOf(raw)}`;
        const other = places.get(place);
        if (other !== undefined)
          this.blame('repeated-effect', `${place} is archived in ${other} and in ${key}`);
        places.set(place, key);
      }
    }
  }

  #judgeRecord(account: string, { id, newest }: WitnessedRecord, { objects, calls, events }: Stores): void {
    const call = calls.get(`${account}#${id}`);
    const accepted = this.#accepted.get(`${account} ${id}`);
    if (!accepted || ![...this.#owed.values()].some((lines) => lines.includes(newest)))
      this.blame('lost', `${account} ${id}: the newest content was never sent`);
    if (!call) {
      this.blame('lost', `${account} ${id} is not in the index`);
      return;
    }
    if (call.hash !== hashOf(newest))
      this.blame('stale', `${account} ${id} has the content of ${call.madeBy}`);
    if (accepted && call.seen !== accepted.stamp)
      this.blame(
        'stale',
        `${account} ${id} says it was seen at ${call.seen}, and ${accepted.stamp} was sent`,
      );
    const body = objects.get(call.object);
    const line = body && unzipLines(body)[call.line];
    if (line === undefined || hashOf(line) !== call.hash)
      this.blame('stale', `${account} ${id} points to another content: ${call.object} line ${call.line}`);
    const told = events.find(({ detail }) => detail.dedupeKey === `${account}/${id}/${call.madeBy}`);
    if (!told)
      this.blame('silent', `${account} ${id}: its newest revision ${call.madeBy} was never published`);
    else if (told.detail.summary.answeredSeconds !== call.summary.answeredSeconds)
      this.blame('silent', `${account} ${id}: ${call.madeBy} was published with another content`);
    const later = events.find(
      ({ detail }) => detail.account === account && detail.id === id && detail.revision > call.madeBy,
    );
    if (later)
      this.blame('stale', `${account} ${id}: ${later.detail.revision} was published, and is not the newest`);
  }

  /** Events of one key say the same, so that all but one may be dropped. */
  #judgeEvents(events: readonly CallEvent[]): void {
    const said = new Map<string, string>();
    for (const event of events) {
      const { dedupeKey, summary, changed } = event.detail;
      const words = JSON.stringify([event['detail-type'], summary, changed]);
      const before = said.get(dedupeKey) ?? words;
      said.set(dedupeKey, before);
      if (before !== words) this.blame('repeated-effect', `${dedupeKey} was published with two contents`);
    }
  }
}
