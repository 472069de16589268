import { Account, type AccountInput } from '../../shared/contract/account.ts';
import { parseAccountState } from '../../shared/contract/account-state-document.ts';
import { PackMessage, unzipLines } from '../../shared/contract/pack-message.ts';
import type { TickReport } from '../../shared/contract/tick.ts';
import type { Look } from '../../shared/core/policy.ts';
import { type EpochMs, SECOND } from '../../shared/core/time.ts';
import { createMemoryLedger, createMemoryOrders } from '../../shared/adapters/memory/ledger.ts';
import { createMemoryObjectStore } from '../../shared/adapters/memory/object-store.ts';
import { createMemoryQueue } from '../../shared/adapters/memory/queue.ts';
import { readPage } from '../../shared/adapters/smartflo-answer.ts';
import { writeQuery } from '../../shared/adapters/smartflo-http.ts';
import { type Pacer, type Source, SourceError } from '../../shared/ports/source.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import { type PollPorts, pollAccount } from '../../functions/poller/poll.ts';
import { FakeSmartflo, type FakeSmartfloSettings } from '../../local/fake-smartflo/api.ts';
import { VirtualClock } from './virtual-clock.ts';

/** The fake as a source: no HTTP, time passes as its answers say. */
export const sourceOf = (
  fake: FakeSmartflo,
  clock: VirtualClock,
  pacer: Pacer,
  onRequest?: () => void,
): Source => ({
  health: () => ({ tokenExpiresAt: undefined, passwordDaysLeft: undefined, breaker: undefined }),
  async page(query, timeLimit) {
    await pacer.turn();
    onRequest?.();
    const sentAt = clock.at;
    const answer = fake.answer({
      method: 'GET',
      path: `/v1/call/records?${writeQuery(query)}`,
      headers: { authorization: 'Bearer fake-token' },
    });
    await clock.sleep(Math.min(answer.delay, timeLimit));
    if (answer.delay > timeLimit) throw new SourceError('transient', 'time-limit', 'no answer in time');
    if (answer.ending !== 'whole')
      throw new SourceError('transient', 'connection-lost', 'the connection was lost');
    const body = Buffer.from(answer.body, 'latin1');
    return readPage({ status: answer.status, headers: answer.headers, body }, clock.at, clock.at - sentAt);
  },
});

/** Telemetry that keeps what it was told. */
export class HeardTelemetry implements Telemetry {
  readonly counts = new Map<string, number>();
  readonly lines: string[] = [];

  log(level: string, message: string, facts?: object): void {
    this.lines.push(`${level} ${message} ${JSON.stringify(facts ?? {})}`);
  }

  count(metric: string, value: number): void {
    this.counts.set(metric, (this.counts.get(metric) ?? 0) + value);
  }
}

/** One account, polled by the real use case against the fake, in virtual time, with everything else in memory. */
export class PolledAccount {
  readonly clock: VirtualClock;
  readonly fake: FakeSmartflo;
  readonly account: Account;
  readonly telemetry = new HeardTelemetry();
  readonly objects = createMemoryObjectStore();
  readonly queue = createMemoryQueue();
  readonly ledger = createMemoryLedger(parseAccountState);
  readonly orders = createMemoryOrders();
  readonly ports: PollPorts;
  readonly reports: TickReport[] = [];

  /** @param onRequest called before each request is answered: to turn the fake's knobs in the middle of a window */
  constructor(
    settings: Omit<FakeSmartfloSettings, 'clock'> & { startedAt: EpochMs },
    account: Partial<AccountInput> = {},
    onRequest?: () => void,
  ) {
    this.clock = new VirtualClock(settings.startedAt);
    this.fake = new FakeSmartflo({ ...settings, clock: this.clock });
    this.account = Account.parse({ name: 'main', secretId: 'secret', ...account });
    this.ports = {
      ledger: this.ledger,
      orders: this.orders,
      objects: this.objects,
      queue: this.queue,
      clock: this.clock,
      telemetry: this.telemetry,
      openSource: (_account, pacer) => sourceOf(this.fake, this.clock, pacer, onRequest),
    };
  }

  /** One tick at the clock's present, or later. `ports`: another source or store for this tick. */
  async tick(at: EpochMs = this.clock.at, only?: readonly Look[], ports = this.ports): Promise<TickReport> {
    this.clock.at = Math.max(this.clock.at, at);
    const report = await pollAccount(
      this.account,
      {
        at,
        only,
        takeOver: false,
        time: { start: 50 * SECOND, end: 60 * SECOND },
        began: this.clock.monotonic(),
      },
      ports,
    );
    this.reports.push(report);
    return report;
  }

  /** Ticks every minute from the clock's present until `end`; `lost` tells which do not run. */
  async run(end: EpochMs, lost: (at: EpochMs) => boolean = () => false): Promise<void> {
    for (let at = Math.ceil(this.clock.at / 60_000) * 60_000; at < end; at += 60_000) {
      if (!lost(at)) await this.tick(at);
    }
    this.clock.at = Math.max(this.clock.at, end);
  }

  /** Every message so far, unpacked, oldest first. */
  messages(): { pack: PackMessage; lines: string[] }[] {
    return this.queue.bodies.map((body) => {
      const pack = PackMessage.parse(JSON.parse(body));
      const zipped =
        pack.body === 'inline' ? Buffer.from(pack.ndjson, 'base64') : this.objects.objects.get(pack.key);
      return { pack, lines: zipped ? unzipLines(zipped) : [] };
    });
  }
}
