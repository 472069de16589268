import { createAuthorisedSource } from '../../../shared/adapters/authorised-source.ts';
import { rememberCredentials } from '../../../shared/adapters/remembered-credentials.ts';
import { createMemoryCredentials } from '../../../shared/adapters/memory/credentials.ts';
import { createMemorySessions } from '../../../shared/adapters/memory/ledger.ts';
import { readLogin, readPage } from '../../../shared/adapters/smartflo-answer.ts';
import type { Session } from '../../../shared/core/session.ts';
import { type EpochMs, HOUR, MINUTE, type Ms, parseIstStamp, SECOND } from '../../../shared/core/time.ts';
import { type Source, SourceError } from '../../../shared/ports/source.ts';
import { Chaos, type FaultKind } from './chaos.ts';
import { ChaoticPorts } from './chaotic-ports.ts';
import { Draws } from './draws.ts';
import { type Attempt, LoginOffice } from './login-office.ts';
import { Scheduler, SimulatedProcess } from './scheduler.ts';

const STARTED_AT = parseIstStamp('2026-03-10 09:00:00') ?? 0;
const ENDS_AT = STARTED_AT + 3 * HOUR;
const POLLERS = 3;
/** The function's own time limit. */
const LIFE: Ms = MINUTE;
const QUERY = { from_date: '2026-03-10 09:00:00', to_date: '2026-03-10 09:01:00', page: 1, limit: 100 };

/** A session that a poller wrote down. */
export interface Written {
  readonly at: EpochMs;
  readonly process: string;
  readonly session: Session;
}

/** What a run came to. */
export interface CredentialRun {
  readonly office: LoginOffice;
  readonly attempts: readonly Attempt[];
  readonly written: readonly Written[];
  /** Of the secret. */
  readonly versions: ReadonlySet<string>;
  readonly pages: number;
  /** Errors that are no `SourceError`, and not made up. */
  readonly strange: readonly unknown[];
  /** Whether the last poller, after all faults, with a right secret and no lock-out, got its page. */
  readonly recovered: boolean;
  readonly faults: number;
}

const connectionLost = (): never => {
  throw new SourceError('transient', 'connection-lost', 'made up');
};

/**
 * Three pollers at once for three hours, each cold every minute or so, against a vendor that kills tokens and locks
 * the account, while a person changes the secret, now and then to a wrong one.
 *
 * @param faultShare of the effects, so many fail, lose their reply or kill their process
 */
export const runCredentials = async (seed: number, faultShare: number): Promise<CredentialRun> => {
  const draws = new Draws(seed, 1);
  const scheduler = new Scheduler(STARTED_AT, new Draws(seed, 2));
  const office = new LoginOffice(new Draws(seed, 3));
  const credentials = createMemoryCredentials();
  /** As a process that lives on has it, here for all of them: what is remembered may be of any age allowed. */
  const remembered = rememberCredentials(credentials, { monotonic: () => scheduler.now });
  const sessions = createMemorySessions();
  const versions = new Set<string>();
  const written: Written[] = [];
  const strange: unknown[] = [];
  let pages = 0;
  let faults = 0;
  let isCalm = false;

  const plan = ({ name }: { name: string }): FaultKind | undefined => {
    if (isCalm || !draws.chance(faultShare)) return undefined;
    faults += 1;
    return name.startsWith('source')
      ? draws.of(['refused', 'reply-lost', 'crash-before', 'crash-after'])
      : draws.of(['refused', 'reply-lost', 'crash-before', 'crash-after', 'stalled']);
  };
  const chaos = new Chaos({ scheduler, plan, stall: 20 * SECOND });

  let passwords = 0;
  let lastPut: EpochMs = STARTED_AT;
  /**
   * A person changes the password at the vendor, where the old one is dead at once, and the secret some time later;
   * or types a wrong one into the secret only.
   */
  const changeSecret = (isRight: boolean, lag: Ms) => {
    const version = `v${(passwords += 1)}`;
    const password = `${isRight ? 'right' : 'wrong'}-${version}`;
    if (isRight) {
      office.right.clear();
      office.right.add(password);
    }
    const put = () => {
      versions.add(version);
      credentials.put('secret', JSON.stringify({ email: 'agent-07', password }));
    };
    // What was changed first is put first, as the versions say.
    lastPut = Math.max(lastPut, scheduler.now + lag);
    if (lastPut === scheduler.now) put();
    else scheduler.at(lastPut, put);
  };

  const open = (process: SimulatedProcess): Source => {
    const ports = new ChaoticPorts(chaos, process);
    const clock = scheduler.clockOf(process);
    const now = () => scheduler.now;
    const effect = <T>(name: string, act: () => T, fail: () => never) =>
      ports.effect(name, '', async () => act(), fail);
    const http = {
      login: (_email: string, password: string) =>
        effect(
          'source.login',
          () => readLogin(office.login(password, process.name, now()), now()),
          connectionLost,
        ),
      page: async (token: string) =>
        effect('source.page', () => readPage(office.page(token, now()), now(), 1), connectionLost),
    };
    const save = async (account: string, session: Session, expected: number) => {
      const saved = await sessions.save(account, session, expected);
      if (saved !== 'conflict') written.push({ at: now(), process: process.name, session });
      return saved;
    };
    return createAuthorisedSource({
      account: { name: 'main', secretId: 'secret' },
      http,
      credentials: ports.credentials(remembered),
      sessions: ports.documents<Session>('sessions', { load: sessions.load, save }),
      clock,
      now,
    });
  };

  /** Asks some pages, some at once. @returns whether the last came. */
  const poll = async (process: SimulatedProcess): Promise<boolean> => {
    const source = open(process);
    let isAnswered = false;
    const ask = async () => {
      try {
        await source.page(QUERY, 20 * SECOND);
        pages += 1;
        isAnswered = true;
      } catch (error) {
        isAnswered = false;
        if (!(error instanceof SourceError || (error instanceof Error && error.name === 'MadeUp')))
          strange.push(error);
      }
    };
    for (let round = draws.between(1, 3); round > 0; round--) {
      await Promise.all(Array.from({ length: draws.between(1, 2) }, ask));
      await scheduler.sleep(process, draws.between(1, 5) * SECOND);
    }
    return isAnswered;
  };

  let invocations = 0;
  const invoke = (): { process: SimulatedProcess; done: Promise<boolean> } => {
    const process = new SimulatedProcess(`poller-${(invocations += 1)}`, scheduler.now);
    scheduler.at(scheduler.now + LIFE, () => process.end());
    return { process, done: poll(process).finally(() => process.end()) };
  };

  changeSecret(draws.chance(0.8), 0);
  for (let slot = 0; slot < POLLERS; slot++) {
    const again = () => {
      if (isCalm) return;
      void invoke().done;
      scheduler.at(scheduler.now + draws.between(20, 70) * SECOND, again);
    };
    scheduler.at(STARTED_AT + draws.below(2 * SECOND), again);
  }
  const sometimes = (most: number, act: () => void) => {
    for (let count = draws.below(most + 1); count > 0; count--)
      scheduler.at(STARTED_AT + draws.below(ENDS_AT - STARTED_AT), act);
  };
  sometimes(4, () => office.killTokens(scheduler.now));
  sometimes(4, () => changeSecret(draws.chance(0.6), draws.of([0, 5 * SECOND, 3 * MINUTE])));
  sometimes(2, () => office.lock(scheduler.now + draws.between(5, 40) * MINUTE));
  await scheduler.run(ENDS_AT + 4 * MINUTE);

  // A person puts it right, nothing fails any more, and every lock-out is over.
  isCalm = true;
  changeSecret(true, 0);
  await scheduler.run(Math.max(scheduler.now, office.lockedUntil) + 2 * MINUTE);
  const last = invoke();
  await scheduler.run(scheduler.now + LIFE, () => !last.process.isAlive);
  const recovered = await Promise.race([last.done, Promise.resolve(false)]);
  const { attempts } = office;
  return { office, attempts, written, versions, pages, strange, recovered, faults };
};
