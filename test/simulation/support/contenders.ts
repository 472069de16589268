import type { AccountInput } from '../../../shared/contract/account.ts';
import { readCallTimes } from '../../../shared/core/call-times.ts';
import { scanEnvelope } from '../../../shared/core/raw-json.ts';
import { type EpochMs, istStamp, MINUTE, type Ms, parseIstStamp, SECOND } from '../../../shared/core/time.ts';
import { overlaps, type Window } from '../../../shared/core/window.ts';
import { FakeSmartflo, type FakeSmartfloSettings } from '../../../local/fake-smartflo/api.ts';
import { PolledAccount } from '../../support/polled-account.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

export type WorldSettings = Omit<FakeSmartfloSettings, 'clock'> & { startedAt: EpochMs };

/** Something that polls a world, and what it has of it. */
export interface Contender {
  readonly name: string;
  /** How often it is called. */
  readonly every: Ms;
  tick(at: EpochMs): Promise<void>;
  /** The newest content of each record that it has, by id. */
  contents(): ReadonlyMap<string, string>;
  /** When it had each record first, by id. */
  readonly firstHad: ReadonlyMap<string, EpochMs>;
  /** Requests so far whose window touches the span. */
  requests(span: Window): number;
}

const idOf = (raw: string): string => /"id":"([^"]*)"/.exec(raw)?.[1] ?? '';

const startOf = (raw: string): EpochMs => readCallTimes(JSON.parse(raw)).startAt ?? 0;

/** What a plain poller does: asks for a window page by page until one is short, and overwrites what it had. */
abstract class PlainPoller implements Contender {
  abstract readonly name: string;
  abstract readonly every: Ms;
  readonly firstHad = new Map<string, EpochMs>();
  readonly #clock: VirtualClock;
  readonly #fake: FakeSmartflo;
  readonly #pageLimit: number;
  readonly #asked: Window[] = [];
  readonly #contents = new Map<string, string>();

  constructor(world: WorldSettings, pageLimit: number) {
    this.#clock = new VirtualClock(world.startedAt);
    this.#fake = new FakeSmartflo({ ...world, clock: this.#clock });
    this.#pageLimit = pageLimit;
  }

  abstract tick(at: EpochMs): Promise<void>;

  /** One request a second. @returns the rows */
  protected async read(window: Window): Promise<string[]> {
    this.#clock.at = Math.max(this.#clock.at, window.to);
    const rows: string[] = [];
    for (let page = 1; rows.length === (page - 1) * this.#pageLimit; page += 1) {
      const params = new URLSearchParams({
        from_date: istStamp(window.from),
        to_date: istStamp(window.to),
        page: String(page),
        limit: String(this.#pageLimit),
      });
      const path = `/v1/call/records?${params.toString()}`;
      const headers = { authorization: 'Bearer fake-token' };
      const scanned = scanEnvelope(
        Buffer.from(this.#fake.answer({ method: 'GET', path, headers }).body, 'latin1'),
      );
      if (!scanned.ok || !scanned.records) throw new Error('the source did not answer with a page');
      this.#asked.push(window);
      await this.#clock.sleep(SECOND);
      rows.push(...scanned.records);
      for (const raw of scanned.records) {
        this.#contents.set(idOf(raw), raw);
        if (!this.firstHad.has(idOf(raw))) this.firstHad.set(idOf(raw), this.#clock.at);
      }
    }
    return rows;
  }

  contents(): ReadonlyMap<string, string> {
    return this.#contents;
  }

  requests(span: Window): number {
    return this.#asked.filter((window) => overlaps(window, span)).length;
  }
}

/** Reads the same time back again and again. */
export class SlidingPoller extends PlainPoller {
  readonly name: string;
  readonly every: Ms;
  readonly #back: Ms;

  constructor(world: WorldSettings, pageLimit: number, { back, every }: { back: Ms; every: Ms }) {
    super(world, pageLimit);
    this.name = `${back / MINUTE} min back, every ${every / MINUTE} min`;
    this.every = every;
    this.#back = back;
  }

  async tick(at: EpochMs): Promise<void> {
    await this.read({ from: at - this.#back, to: at });
  }
}

/** Reads from the newest start that it has seen. */
export class NewestSeenPoller extends PlainPoller {
  readonly name = 'from the newest seen, every min';
  readonly every = MINUTE;
  #newest: EpochMs;

  constructor(world: WorldSettings, pageLimit: number) {
    super(world, pageLimit);
    this.#newest = world.startedAt;
  }

  async tick(at: EpochMs): Promise<void> {
    for (const raw of await this.read({ from: this.#newest, to: at }))
      this.#newest = Math.max(this.#newest, startOf(raw));
  }
}

/** The real poller. */
export class OwnPoller implements Contender {
  readonly name: string;
  readonly every = MINUTE;
  readonly firstHad = new Map<string, EpochMs>();
  readonly #polled: PolledAccount;
  readonly #asked: Window[] = [];
  readonly #contents = new Map<string, string>();
  readonly #stamps = new Map<string, string>();

  constructor(world: WorldSettings, name: string, account: Partial<AccountInput>) {
    this.name = name;
    this.#polled = new PolledAccount(world, account, () => this.#noteRequests());
  }

  /** The fake's log grows by one with every request, and keeps the newest only. */
  #noteRequests(): void {
    const { requests } = this.#polled.fake;
    for (const { params } of requests.splice(0)) {
      const from = parseIstStamp(params['from_date'] ?? '') ?? 0;
      this.#asked.push({ from, to: parseIstStamp(params['to_date'] ?? '') ?? from });
    }
  }

  async tick(at: EpochMs): Promise<void> {
    await this.#polled.tick(at);
    this.#noteRequests();
    for (const { pack, lines } of this.#polled.messages()) {
      for (const raw of lines) {
        const id = idOf(raw);
        if ((this.#stamps.get(id) ?? '') > pack.stamp) continue;
        this.#stamps.set(id, pack.stamp);
        this.#contents.set(id, raw);
        if (!this.firstHad.has(id)) this.firstHad.set(id, this.#polled.clock.at);
      }
    }
    this.#polled.queue.bodies.length = 0;
  }

  contents(): ReadonlyMap<string, string> {
    return this.#contents;
  }

  requests(span: Window): number {
    return this.#asked.filter((window) => overlaps(window, span)).length;
  }
}
