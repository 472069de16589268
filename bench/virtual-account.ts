import { type PollPorts, pollAccount } from '../functions/poller/poll.ts';
import { FakeSmartflo } from '../local/fake-smartflo/api.ts';
import { writeThinly } from '../local/fake-smartflo/thin.ts';
import { createMemoryLedger, createMemoryOrders } from '../shared/adapters/memory/ledger.ts';
import { createMemoryObjectStore } from '../shared/adapters/memory/object-store.ts';
import { readPage } from '../shared/adapters/smartflo-answer.ts';
import { writeQuery } from '../shared/adapters/smartflo-http.ts';
import { Account } from '../shared/contract/account.ts';
import { parseAccountState } from '../shared/contract/account-state-document.ts';
import { PackMessage, unzipLines } from '../shared/contract/pack-message.ts';
import type { TickReport } from '../shared/contract/tick.ts';
import { type EpochMs, istStamp, MINUTE, type Ms, SECOND } from '../shared/core/time.ts';
import type { Ledger } from '../shared/ports/ledger.ts';
import type { ObjectStore } from '../shared/ports/object-store.ts';
import { SourceError } from '../shared/ports/source.ts';
import { VirtualClock } from '../test/support/virtual-clock.ts';
import { Missing } from './stages.ts';
import { TOKEN } from './source.ts';

export interface VirtualOptions {
  readonly callsPerMinute: number;
  readonly requestsPerSecond: number;
  readonly startedAt: EpochMs;
  /** Records of five fields: how many requests are needed does not depend on how long a record is. */
  readonly thin: boolean;
}

/** How long each virtual answer takes. */
const LATENCY: Ms = 100;

/** What a tick sent. */
export interface Packs {
  records: number;
  messages: number;
  /** Of the compressed records, as they will lie in the archive. */
  bytes: number;
}

/** What ticks asked of AWS, apart from the queue. */
export interface Asked {
  objectGets: number;
  objectPuts: number;
  ledgerGets: number;
  ledgerPuts: number;
  /** Of the ledger's documents as they were written; DynamoDB takes a unit for each kilobyte begun. */
  ledgerUnits: number;
  /** Virtual time in ticks: the source's answers and the waits that the rate asks for. */
  waited: Ms;
}

/** One account, polled by the real use case every minute in virtual time; ledger, bucket and queue are in memory. */
export class VirtualAccount {
  readonly packs: Packs = { records: 0, messages: 0, bytes: 0 };
  readonly asked: Asked = {
    objectGets: 0,
    objectPuts: 0,
    ledgerGets: 0,
    ledgerPuts: 0,
    ledgerUnits: 0,
    waited: 0,
  };
  readonly sentIds = new Set<string>();
  readonly #startedAt: EpochMs;
  readonly #clock: VirtualClock;
  readonly #fake: FakeSmartflo;
  readonly #account: Account;
  readonly #ports: PollPorts;

  constructor({ callsPerMinute, requestsPerSecond, startedAt, thin }: VirtualOptions) {
    const clock = new VirtualClock(startedAt);
    const fake = new FakeSmartflo({
      seed: 2,
      clock,
      historyFrom: startedAt,
      knobs: { calls: { callsPerMinute, lateShare: 0.02 }, faults: { latency: LATENCY } },
    });
    if (thin) writeThinly(fake);
    this.#startedAt = startedAt;
    this.#clock = clock;
    this.#fake = fake;
    this.#account = Account.parse({
      name: 'main',
      secretId: 'bench',
      cps: requestsPerSecond,
      share: 1,
      fetchFrom: istStamp(startedAt),
    });
    this.#ports = {
      ledger: countLedger(createMemoryLedger(parseAccountState), this.asked),
      orders: createMemoryOrders(),
      objects: countObjects(createMemoryObjectStore(), this.asked),
      queue: { send: async (bodies) => bodies.map((body) => this.#take(body)) },
      clock,
      telemetry: { log: () => {}, count: () => {} },
      openSource: (_account, pacer) => ({
        health: () => ({ tokenExpiresAt: undefined, passwordDaysLeft: undefined, breaker: undefined }),
        page: async (query, timeLimit) => {
          await pacer.turn();
          const path = `/v1/call/records?${writeQuery(query)}`;
          const answer = fake.answer({ method: 'GET', path, headers: { authorization: `Bearer ${TOKEN}` } });
          await clock.sleep(Math.min(answer.delay, timeLimit));
          if (answer.delay > timeLimit) throw new SourceError('transient', 'time-limit', 'no answer in time');
          const body = Buffer.from(answer.body, 'latin1');
          return readPage({ status: answer.status, headers: answer.headers, body }, clock.at, answer.delay);
        },
      }),
    };
  }

  #take(body: string): { sent: true } {
    const pack = PackMessage.parse(JSON.parse(body));
    if (pack.body !== 'inline') throw new Missing('a pack of the fake is too large for its message');
    const zipped = Buffer.from(pack.ndjson, 'base64');
    for (const line of unzipLines(zipped)) {
      const { id } = JSON.parse(line) as { id: string };
      this.sentIds.add(id);
    }
    this.packs.records += pack.records;
    this.packs.messages += 1;
    this.packs.bytes += zipped.length;
    return { sent: true };
  }

  /** The tick of a minute. */
  async tick(at: EpochMs): Promise<TickReport> {
    this.#clock.at = Math.max(this.#clock.at, at);
    const began = this.#clock.at;
    const report = await pollAccount(
      this.#account,
      {
        at,
        only: undefined,
        takeOver: false,
        time: { start: 50 * SECOND, end: 60 * SECOND },
        began: this.#clock.monotonic(),
      },
      this.#ports,
    );
    this.asked.waited += this.#clock.at - began;
    if (report.outcome !== 'done') throw new Missing(`a virtual tick ended ${JSON.stringify(report)}`);
    return report;
  }

  /** Records that the source showed at an instant and that were never sent. */
  missingAt(instant: EpochMs): number {
    const { refs } = this.#fake.world.scan(instant, {
      by: 'start',
      from: this.#startedAt,
      to: instant,
      wholeSeconds: false,
    });
    return refs.filter((ref) => !this.sentIds.has(this.#fake.world.sight(ref, instant).id ?? '')).length;
  }
}

const KILOBYTE = 1_024;

const countLedger = (ledger: Ledger, asked: Asked): Ledger => ({
  load(account) {
    asked.ledgerGets += 1;
    return ledger.load(account);
  },
  save(account, state, expected) {
    asked.ledgerPuts += 1;
    asked.ledgerUnits += Math.ceil(JSON.stringify(state).length / KILOBYTE);
    return ledger.save(account, state, expected);
  },
});

const countObjects = (objects: ObjectStore, asked: Asked): ObjectStore => ({
  ...objects,
  create(...given) {
    asked.objectPuts += 1;
    return objects.create(...given);
  },
  replace(...given) {
    asked.objectPuts += 1;
    return objects.replace(...given);
  },
  read(key) {
    asked.objectGets += 1;
    return objects.read(key);
  },
});

/** The minutes of a stretch. */
export function* minutes(from: EpochMs, to: EpochMs): Generator<EpochMs> {
  for (let at = Math.ceil(from / MINUTE) * MINUTE; at < to; at += MINUTE) yield at;
}
