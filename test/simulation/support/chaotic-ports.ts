import type { CallEvent } from '../../../shared/contract/call-event.ts';
import type { DayEvent } from '../../../shared/contract/day-proof.ts';
import type { Bus } from '../../../shared/ports/bus.ts';
import type { CallIndex, DayIndex } from '../../../shared/ports/call-index.ts';
import type { Credentials } from '../../../shared/ports/credentials.ts';
import type { Proofs } from '../../../shared/ports/ledger.ts';
import type { ObjectStore } from '../../../shared/ports/object-store.ts';
import type { Queue, QueueDepth, SendOutcome } from '../../../shared/ports/queue.ts';
import { type Chaos, MadeUp } from './chaos.ts';
import type { SimulatedProcess } from './scheduler.ts';

const refuse = (): never => {
  throw new MadeUp('made up');
};
const NOT_SENT: SendOutcome = { sent: false, code: 'made-up' };

/** Sends every second entry. */
const sendHalf = async <T>(all: readonly T[], send: (some: readonly T[]) => Promise<SendOutcome[]>) => {
  const outcomes = await send(all.filter((_, place) => place % 2 === 0));
  return all.map((_, place) => (place % 2 === 0 ? (outcomes[place / 2] ?? NOT_SENT) : NOT_SENT));
};

/** The ports as one process sees them: each call is an effect of that process. */
export class ChaoticPorts {
  readonly #chaos: Chaos;
  readonly #process: SimulatedProcess;

  constructor(chaos: Chaos, process: SimulatedProcess) {
    this.#chaos = chaos;
    this.#process = process;
  }

  effect<T>(name: string, what: string, act: () => Promise<T>, fail: () => T = refuse): Promise<T> {
    return this.#chaos.effect(this.#process, name, what, { act, fail });
  }

  /** A ledger, or sessions. */
  documents<T>(port: string, { load, save }: Documents<T>): Documents<T> {
    return {
      load: (account) => this.effect(`${port}.load`, account, () => load(account)),
      save: (account, value, expected) =>
        this.effect(`${port}.save`, account, () => save(account, value, expected)),
    };
  }

  objects(store: ObjectStore): ObjectStore {
    return {
      create: (key, body) => this.effect('objects.create', key, () => store.create(key, body)),
      replace: (key, body, expected) =>
        this.effect('objects.replace', key, () => store.replace(key, body, expected)),
      createFrom: (key, source) => this.effect('objects.create', key, () => store.createFrom(key, source)),
      read: (key) => this.effect('objects.read', key, () => store.read(key)),
      readRange: (key, from, to) => this.effect('objects.read', key, () => store.readRange(key, from, to)),
      list: (prefix, after) => this.#pages('objects.list', prefix, () => store.list(prefix, after)),
      folders: (prefix) => this.#pages('objects.list', prefix, () => store.folders(prefix)),
    };
  }

  /** What comes page by page can fail at the first. */
  async *#pages<T>(name: string, what: string, open: () => AsyncIterable<T>): AsyncGenerator<T> {
    yield* await this.effect(name, what, async () => open());
  }

  proofs({ load, save }: Proofs): Proofs {
    return {
      load: (account, dt) => this.effect('proofs.load', `${account} ${dt}`, () => load(account, dt)),
      save: (account, dt, state, expected) =>
        this.effect('proofs.save', `${account} ${dt} ${state.run?.step ?? state.verdict}`, () =>
          save(account, dt, state, expected),
        ),
    };
  }

  dayIndex(index: DayIndex): DayIndex {
    return {
      pages: (account, dt, statuses, after) =>
        this.#pages('index.pages', `${account} ${dt}`, () => index.pages(account, dt, statuses, after)),
    };
  }

  queueDepth({ waiting }: QueueDepth): QueueDepth {
    return { waiting: () => this.effect('queue.waiting', '', waiting) };
  }

  queue({ send }: Queue): Queue {
    return {
      send: (bodies) =>
        this.#chaos.effect(this.#process, 'queue.send', `${bodies.length}`, {
          act: () => send(bodies),
          fail: () => bodies.map(() => NOT_SENT),
          half: () => sendHalf(bodies, send),
        }),
    };
  }

  index(index: CallIndex): CallIndex {
    return {
      write: (call, expectSeen) =>
        this.effect('index.write', `${call.account}#${call.key} ${call.seen}`, () =>
          index.write(call, expectSeen),
        ),
      load: (account, keys, asOf) =>
        this.effect('index.load', account, () => index.load(account, keys, asOf)),
      find: (account, filter, limit) =>
        this.effect('index.find', account, () => index.find(account, filter, limit)),
    };
  }

  bus<E extends CallEvent | DayEvent>({ publish }: Bus<E>): Bus<E> {
    return {
      publish: (events) =>
        this.#chaos.effect(this.#process, 'bus.publish', `${events.length}`, {
          act: () => publish(events),
          fail: () => events.map(() => NOT_SENT),
          half: () => sendHalf(events, publish),
        }),
    };
  }

  credentials({ read }: Credentials): Credentials {
    return {
      read: (secretId, atMostOld) =>
        this.effect('credentials.read', secretId, () => read(secretId, atMostOld)),
    };
  }
}

interface Documents<T> {
  load(account: string): Promise<{ value: T; version: number } | undefined>;
  save(account: string, value: T, expected: number): Promise<{ value: T; version: number } | 'conflict'>;
}
