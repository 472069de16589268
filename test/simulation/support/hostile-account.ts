import type { IngestPorts } from '../../../functions/consumer/ingest.ts';
import { pollAccount } from '../../../functions/poller/poll.ts';
import { createAuthorisedSource } from '../../../shared/adapters/authorised-source.ts';
import { HTTP_LIMITS, type HttpLimits } from '../../../shared/adapters/bounded-request.ts';
import { createMemoryBus } from '../../../shared/adapters/memory/bus.ts';
import { createMemoryCallIndex } from '../../../shared/adapters/memory/call-index.ts';
import { createMemoryCredentials } from '../../../shared/adapters/memory/credentials.ts';
import {
  createMemoryLedger,
  createMemoryOrders,
  createMemorySessions,
} from '../../../shared/adapters/memory/ledger.ts';
import { createMemoryObjectStore } from '../../../shared/adapters/memory/object-store.ts';
import { createMemoryQueue } from '../../../shared/adapters/memory/queue.ts';
import { createMemoryTelemetry } from '../../../shared/adapters/memory/telemetry.ts';
import { createSmartfloHttp, type SmartfloHttp } from '../../../shared/adapters/smartflo-http.ts';
import { Account, type AccountInput } from '../../../shared/contract/account.ts';
import { parseAccountState } from '../../../shared/contract/account-state-document.ts';
import { parseRawKey, QUARANTINE, RAW } from '../../../shared/contract/bucket-layout.ts';
import { unzipLines } from '../../../shared/contract/pack-message.ts';
import { QuarantineNote } from '../../../shared/contract/quarantine.ts';
import type { TickReport } from '../../../shared/contract/tick.ts';
import type { AccountState } from '../../../shared/core/account-state.ts';
import { type EpochMs, type Ms, SECOND } from '../../../shared/core/time.ts';
import { type Pacer, type Source, SourceError } from '../../../shared/ports/source.ts';
import { consume } from '../../support/consume.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

/** Something put aside: its bytes, and the note beside them. */
export interface PutAside {
  readonly note: QuarantineNote;
  readonly bytes: Buffer;
}

export interface HostileSettings {
  readonly baseUrl: string;
  readonly startedAt: EpochMs;
  readonly limits?: Partial<HttpLimits>;
  /** What one request may take at most, by the machine's clock. */
  readonly requestLimit?: Ms;
}

/** Why a request for records brought none, and after how long by the machine's clock. */
export interface Refusal {
  readonly code: string;
  readonly after: Ms;
}

/** A line of the archive, with what its object's name says. */
export interface ArchivedLine {
  /** The bytes, one char a byte. */
  readonly raw: string;
  readonly dt: string;
  readonly keyedBy: 'id' | 'content';
}

/**
 * One account, polled and consumed by the real use cases over memory adapters, in virtual time; its source is asked
 * over real HTTP, with the real client.
 */
export class HostileAccount implements Disposable {
  readonly clock: VirtualClock;
  readonly account: Account;
  readonly objects = createMemoryObjectStore();
  readonly queue = createMemoryQueue();
  readonly index = createMemoryCallIndex();
  readonly bus = createMemoryBus();
  readonly telemetry = createMemoryTelemetry();
  readonly ledger = createMemoryLedger(parseAccountState);
  readonly sessions = createMemorySessions();
  readonly credentials = createMemoryCredentials();
  readonly reports: TickReport[] = [];
  readonly refusals: Refusal[] = [];
  readonly #limits: HttpLimits;
  readonly #requestLimit: Ms;
  readonly #opened: SmartfloHttp[] = [];
  #messages = 0;

  constructor(
    { baseUrl, startedAt, limits, requestLimit = Number.POSITIVE_INFINITY }: HostileSettings,
    account: Partial<AccountInput> = {},
  ) {
    this.clock = new VirtualClock(startedAt);
    this.account = Account.parse({ name: 'main', secretId: 'secret', baseUrl, ...account });
    this.#limits = { ...HTTP_LIMITS, ...limits };
    this.#requestLimit = requestLimit;
    this.credentials.put('secret', JSON.stringify({ email: 'agent-07', password: 'right' }));
  }

  /** One tick, in a poller that starts cold, and then the consumer, until the queue is empty. */
  async tick(at: EpochMs = this.clock.at): Promise<TickReport> {
    this.clock.at = Math.max(this.clock.at, at);
    const { ledger, objects, queue, telemetry, clock } = this;
    const time = { start: 50 * SECOND, end: 60 * SECOND };
    const order = { at, only: undefined, takeOver: false, time, began: clock.monotonic() };
    const openSource = (account: Account, pacer: Pacer, now: () => EpochMs) =>
      this.#openSource(account, pacer, now);
    const report = await pollAccount(this.account, order, {
      ledger,
      orders: createMemoryOrders(),
      objects,
      queue,
      telemetry,
      clock,
      openSource,
    });
    this[Symbol.dispose]();
    this.reports.push(report);
    await this.#drain();
    return report;
  }

  #openSource(account: Account, pacer: Pacer, now: () => EpochMs): Source {
    const { clock, credentials, sessions } = this;
    const client = createSmartfloHttp({ account, pacer, clock, now, limits: this.#limits });
    this.#opened.push(client);
    const http: Pick<SmartfloHttp, 'login' | 'page'> = {
      login: client.login,
      page: async (token, query, timeLimit) => {
        const sentAt = performance.now();
        try {
          return await client.page(token, query, Math.min(timeLimit, this.#requestLimit));
        } catch (error) {
          if (error instanceof SourceError)
            this.refusals.push({ code: error.code, after: performance.now() - sentAt });
          throw error;
        }
      },
    };
    return createAuthorisedSource({ account, http, credentials, sessions, clock, now });
  }

  async #drain(): Promise<void> {
    const { objects, index, bus, telemetry, clock } = this;
    const ports: IngestPorts = { objects, index, bus, telemetry, now: () => clock.real() };
    for (
      let batch = this.queue.bodies.splice(0, 10);
      batch.length > 0;
      batch = this.queue.bodies.splice(0, 10)
    ) {
      const messages = batch.map((body) => ({ messageId: `m${(this.#messages += 1)}`, body }));
      const back = await consume(ports, messages);
      if (back.length > 0) throw new Error(`${back.length} messages went back to the queue`);
    }
  }

  async state(): Promise<AccountState> {
    const found = await this.ledger.load(this.account.name);
    if (!found) throw new Error('the ledger has no state');
    return found.value;
  }

  /** Every line of the archive, oldest name first. */
  archived(): ArchivedLine[] {
    return [...this.objects.objects]
      .filter(([key]) => key.startsWith(RAW))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([key, body]) => {
        const name = parseRawKey(key);
        if (!name) throw new Error(`${key} is no archive object`);
        return unzipLines(body).map((raw) => ({ raw, dt: name.dt, keyedBy: name.keyedBy }));
      });
  }

  /** What lies in the archive at a place of the index. */
  lineAt(object: string, line: number): string | undefined {
    const body = this.objects.objects.get(object);
    return body && unzipLines(body)[line];
  }

  /** Everything put aside; throws where a note lies without its bytes, or bytes without their note. */
  putAside(): PutAside[] {
    const { objects } = this.objects;
    const keys = [...objects.keys()].filter((key) => key.startsWith(QUARANTINE));
    const notes = keys.filter((key) => key.endsWith('.json'));
    if (keys.length !== notes.length * 2) throw new Error('bytes and notes do not come in pairs');
    return notes.map((key) => {
      const bytes = objects.get(key.replace(/json$/, 'bin'));
      if (!bytes) throw new Error(`${key} stands alone`);
      const note = QuarantineNote.parse(JSON.parse(Buffer.from(objects.get(key) ?? []).toString()));
      return { note, bytes: Buffer.from(bytes) };
    });
  }

  counted(metric: string): number {
    return this.telemetry.metrics
      .filter((counted) => counted.metric === metric)
      .reduce((sum, { value }) => sum + value, 0);
  }

  /** Why ticks failed by an error that nobody foresaw. */
  get failures(): unknown[] {
    return this.telemetry.lines
      .filter(({ message }) => message === 'a tick failed')
      .map(({ facts }) => facts);
  }

  [Symbol.dispose](): void {
    for (const http of this.#opened.splice(0)) http.close();
  }
}
