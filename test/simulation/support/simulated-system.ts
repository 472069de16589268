import { createHandler as createConsumer } from '../../../functions/consumer/handler.ts';
import { createHandler as createPoller } from '../../../functions/poller/handler.ts';
import { createHandler as createProver } from '../../../functions/prover/handler.ts';
import { createAuthorisedSource } from '../../../shared/adapters/authorised-source.ts';
import { createMemoryBus } from '../../../shared/adapters/memory/bus.ts';
import { createMemoryCallIndex } from '../../../shared/adapters/memory/call-index.ts';
import { createMemoryCredentials } from '../../../shared/adapters/memory/credentials.ts';
import { createMemoryDayIndex } from '../../../shared/adapters/memory/day-index.ts';
import {
  createMemoryLedger,
  createMemoryOrders,
  createMemoryProofs,
  createMemorySessions,
} from '../../../shared/adapters/memory/ledger.ts';
import { createMemoryObjectStore } from '../../../shared/adapters/memory/object-store.ts';
import { createMemoryTelemetry } from '../../../shared/adapters/memory/telemetry.ts';
import type { AccountInput } from '../../../shared/contract/account.ts';
import { parseAccountState } from '../../../shared/contract/account-state-document.ts';
import type { CdrQuery } from '../../../shared/contract/cdr-query.ts';
import type { DayEvent, DayReport } from '../../../shared/contract/day-proof.ts';
import type { ProveInput } from '../../../shared/contract/prove-order.ts';
import type { TickReport } from '../../../shared/contract/tick.ts';
import type { AccountState } from '../../../shared/core/account-state.ts';
import type { Session } from '../../../shared/core/session.ts';
import { type EpochMs, MINUTE, type Ms, SECOND } from '../../../shared/core/time.ts';
import { type Page, SourceError } from '../../../shared/ports/source.ts';
import { sqsEvent } from '../../support/consume.ts';
import { CallQueue, type QueueWeather } from './call-queue.ts';
import { Chaos, type ChaosSettings } from './chaos.ts';
import { ChaoticPorts } from './chaotic-ports.ts';
import { Draws } from './draws.ts';
import { Scheduler, SimulatedProcess } from './scheduler.ts';
import { Witness, type WitnessedRecord } from './witness.ts';

/** As the template sets them. */
const POLLER_LIFE: Ms = MINUTE;
const CONSUMER_LIFE: Ms = MINUTE;
const PROVER_LIFE: Ms = 15 * MINUTE;
/** A queue that did not answer is asked again after this. */
const RECEIVE_AGAIN: Ms = 5 * SECOND;

export interface SystemSettings {
  readonly seed: number;
  readonly startedAt: EpochMs;
  readonly accounts: readonly AccountInput[];
  /** The secret of each account, as a person would write it. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What the source answers now; throws SourceError. */
  readonly answer: (account: string, query: CdrQuery, at: EpochMs) => Omit<Page, 'latency'>;
  /** Left out where every answer and claim would be too many to watch: the witness then says nothing. */
  readonly records?: ReadonlyMap<string, readonly WitnessedRecord[]>;
  /** How far the wall clock of a process that begins now is off. */
  readonly skew?: () => Ms;
  readonly queue: QueueWeather;
  readonly chaos: Omit<ChaosSettings, 'scheduler'>;
}

/** One invocation of a function: how it ended, or that it has not. */
export interface Invocation {
  readonly process: SimulatedProcess;
  reports?: readonly TickReport[];
  error?: unknown;
}

const connectionLost = (): never => {
  throw new SourceError('transient', 'connection-lost', 'made up');
};

/** The same of the prover. */
export interface Proof {
  readonly process: SimulatedProcess;
  reports?: readonly DayReport[];
  error?: unknown;
}

/**
 * The whole system in one process and virtual time: the real handlers of poller, consumer and prover, the real adapter
 * that logs in, and the memory adapters, with every call of a port under the scheduler and the chaos.
 */
export class SimulatedSystem {
  readonly scheduler: Scheduler;
  readonly chaos: Chaos;
  readonly witness: Witness;
  readonly queue: CallQueue;
  readonly objects = createMemoryObjectStore();
  readonly ledger = createMemoryLedger(parseAccountState);
  readonly orders = createMemoryOrders();
  readonly sessions = createMemorySessions();
  readonly index = createMemoryCallIndex();
  readonly bus = createMemoryBus();
  readonly proofs = createMemoryProofs();
  readonly dayBus = createMemoryBus<DayEvent>();
  readonly credentials = createMemoryCredentials();
  readonly telemetry = createMemoryTelemetry();
  /** Logins that the source has seen, by account. */
  readonly logins = new Map<string, number>();
  readonly #settings: SystemSettings;
  readonly #draws: Draws;
  readonly #isWatched: boolean;
  #invocations = 0;

  constructor(settings: SystemSettings) {
    this.#settings = settings;
    this.#draws = new Draws(settings.seed, 3);
    this.scheduler = new Scheduler(settings.startedAt, new Draws(settings.seed, 4));
    this.chaos = new Chaos({ ...settings.chaos, scheduler: this.scheduler });
    this.#isWatched = settings.records !== undefined;
    this.witness = new Witness(settings.records ?? new Map());
    this.queue = new CallQueue(this.scheduler, new Draws(settings.seed, 5), settings.queue);
    for (const [secretId, text] of Object.entries(settings.secrets)) this.credentials.put(secretId, text);
  }

  #begin(name: string, life: Ms): SimulatedProcess {
    this.#invocations += 1;
    const process = new SimulatedProcess(`${name}-${this.#invocations}`, this.scheduler.now);
    this.scheduler.at(this.scheduler.now + life, () => {
      if (!process.isOverdue) process.end();
    });
    return process;
  }

  /** One tick of all accounts, in a process of its own, which dies at the function's time limit. */
  startPoller(scheduledAt: EpochMs): Invocation {
    const process = this.#begin('poller', POLLER_LIFE);
    const invocation: Invocation = { process };
    const handler = createPoller(this.#pollerPorts(process), {});
    const tick = { scheduledAt: new Date(scheduledAt).toISOString(), accounts: this.#settings.accounts };
    const answered: Promise<TickReport[]> = handler(tick, {});
    answered
      .then(
        (reports) => {
          this.witness.sawReports(process, reports);
          return Object.assign(invocation, { reports });
        },
        (error: unknown) => Object.assign(invocation, { error }),
      )
      .finally(() => process.end());
    return invocation;
  }

  #pollerPorts(process: SimulatedProcess) {
    const { chaos, witness, scheduler, telemetry } = this;
    const ports = new ChaoticPorts(chaos, process);
    const saveLedger = async (account: string, state: AccountState, expected: number) => {
      const saved = await this.ledger.save(account, state, expected);
      if (saved !== 'conflict' && this.#isWatched) witness.sawLedger(process, account, state);
      return saved;
    };
    const send = async (bodies: readonly string[]) => {
      const outcomes = await this.queue.send(bodies);
      for (const [place, body] of bodies.entries())
        if (outcomes[place]?.sent && this.#isWatched) witness.sawAccepted(process, body);
      return outcomes;
    };
    const clock = scheduler.clockOf(process, this.#settings.skew?.());
    return {
      orders: {
        load: (account: string) => ports.effect('orders.load', account, () => this.orders.load(account)),
      },
      ledger: ports.documents<AccountState>('ledger', {
        load: this.ledger.load,
        save: saveLedger,
      }),
      objects: ports.objects(this.objects),
      queue: ports.queue({ send }),
      // For a mutant that asks it; the real poller does not know of it.
      index: ports.index(this.index),
      clock,
      telemetry,
      openSource: this.#sourceOpener(process, ports, clock),
    };
  }

  #sourceOpener(
    process: SimulatedProcess,
    ports: ChaoticPorts,
    clock: ReturnType<Scheduler['clockOf']>,
  ): Parameters<typeof createPoller>[0]['openSource'] {
    const { witness, scheduler } = this;
    return (account, pacer, now) => {
      let requests = 0;
      /** The number that the use case gave to the request, through whatever the adapter makes of it. */
      const numbers = new WeakMap<CdrQuery, number>();
      const http = {
        login: async () => {
          await pacer.turn();
          return ports.effect(
            'source.login',
            account.name,
            async () => {
              this.logins.set(account.name, (this.logins.get(account.name) ?? 0) + 1);
              const token = `token-${this.logins.get(account.name)}`;
              return { outcome: 'granted' as const, token, life: 3600 * SECOND, passwordDaysLeft: 60 };
            },
            connectionLost,
          );
        },
        page: async (_token: string, query: CdrQuery): Promise<Page> => {
          await pacer.turn();
          const page = await ports.effect(
            'source.page',
            `${account.name} ${query.from_date} ${query.to_date} ${query.page}/${query.limit} ${query.duration ?? ''}`,
            async () => {
              const answer = this.#settings.answer(account.name, query, scheduler.now);
              const rows = answer.records.map(({ raw }) => raw);
              // A count shows a row, and nobody looks at it.
              const isCount = query.limit === 1;
              if (!isCount && this.#isWatched)
                witness.sawAnswer(process, account.name, numbers.get(query) ?? -1, scheduler.now, rows);
              return answer;
            },
            connectionLost,
          );
          const latency = this.#draws.between(5, 200);
          await clock.sleep(latency);
          return { ...page, latency };
        },
      };
      const { load, save } = this.sessions;
      const sessions = ports.documents<Session>('sessions', { load, save });
      const credentials = ports.credentials(this.credentials);
      const source = createAuthorisedSource({ account, http, credentials, sessions, clock, now });
      return {
        health: () => source.health(),
        page(query, timeLimit) {
          numbers.set(query, requests);
          requests += 1;
          return source.page(query, timeLimit);
        },
      };
    };
  }

  /**
   * One run of the prover, in a process of its own.
   * @param looksLeft so often it is told that there is time, and then that there is none
   */
  startProver(
    order: Omit<ProveInput, 'accounts'>,
    looksLeft = Number.POSITIVE_INFINITY,
    published: (event: DayEvent) => Promise<void> = async () => undefined,
  ): Proof {
    const process = this.#begin('prover', PROVER_LIFE);
    const proof: Proof = { process };
    const { objects, proofs, orders, ledger, index, queue, dayBus, telemetry, scheduler } = this;
    const ports = new ChaoticPorts(this.chaos, process);
    const publish = async (events: readonly DayEvent[]) => {
      for (const event of events) await published(event);
      return dayBus.publish(events);
    };
    const { load, save } = orders;
    const handler = createProver({
      objects: ports.objects(objects),
      proofs: ports.proofs(proofs),
      orders: ports.documents('orders', { load, save }),
      ledger: ports.documents('ledger', { load: ledger.load, save: ledger.save }),
      index: ports.index(index),
      dayIndex: ports.dayIndex(createMemoryDayIndex(index.calls)),
      queue: {
        ...ports.queue({ send: (bodies) => queue.send(bodies) }),
        ...ports.queueDepth({ waiting: () => queue.waiting() }),
      },
      bus: ports.bus({ publish }),
      telemetry,
      now: () => scheduler.now,
    });
    let looks = looksLeft;
    const getRemainingTimeInMillis = () => {
      looks -= 1;
      return looks < 0 ? 0 : process.startedAt + PROVER_LIFE - scheduler.now;
    };
    const answered: Promise<DayReport[]> = handler(
      { ...order, accounts: [...this.#settings.accounts] },
      { getRemainingTimeInMillis },
    );
    answered
      .then(
        (reports) => Object.assign(proof, { reports }),
        (error: unknown) => Object.assign(proof, { error }),
      )
      .finally(() => process.end());
    return proof;
  }

  /** So many consumers at once: each takes what is visible, in a process that lives until it dies. */
  startConsumers(count: number): void {
    for (let place = 0; place < count; place += 1) void this.#consume();
  }

  /** Takes batches for ever; the process that dies at one is replaced by another for the next. */
  async #consume(): Promise<void> {
    const slot = new SimulatedProcess('slot', this.scheduler.now);
    for (;;) {
      await this.scheduler.when(slot, () => this.queue.hasVisible);
      const process = this.#begin('consumer', CONSUMER_LIFE);
      void this.#settleBatch(process).finally(() => process.end());
      await this.scheduler.when(slot, () => !process.isAlive);
    }
  }

  async #settleBatch(process: SimulatedProcess): Promise<void> {
    const ports = new ChaoticPorts(this.chaos, process);
    const most = this.#draws.between(1, 10);
    const batch = await ports
      .effect('queue.receive', '', () => this.queue.receive(most))
      .catch(async () => {
        await this.scheduler.sleep(process, RECEIVE_AGAIN);
        return [];
      });
    if (batch.length === 0) return;
    const skew = this.#settings.skew?.() ?? 0;
    const handler = createConsumer({
      objects: ports.objects(this.objects),
      index: ports.index(this.index),
      bus: ports.bus(this.bus),
      telemetry: this.telemetry,
      now: () => this.scheduler.now + skew,
    });
    const { batchItemFailures } = await handler(sqsEvent(batch), {} as never);
    const back = new Set(
      batchItemFailures.map(({ itemIdentifier }: { itemIdentifier: string }) => itemIdentifier),
    );
    for (const message of batch) {
      if (back.has(message.messageId)) continue;
      await ports
        .effect('queue.delete', message.messageId, () => this.queue.delete(message))
        .catch(() => undefined);
    }
  }
}
