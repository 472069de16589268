import { type Account, eventsFromOf, policyOf } from '../../shared/contract/account.ts';
import { TICK_ENDED } from '../../shared/contract/metrics.ts';
import type { TickReport } from '../../shared/contract/tick.ts';
import { type AccountState, initialState } from '../../shared/core/account-state.ts';
import { compileVolatilePaths } from '../../shared/core/content-hash.ts';
import { coveredTo, gapsIn } from '../../shared/core/coverage.ts';
import { credentialDaysLeft } from '../../shared/core/credential-life.ts';
import { EMPTY_BOOK, takeOrders } from '../../shared/core/orders.ts';
import { fetchFrom, horizon, owedSeconds } from '../../shared/core/planner.ts';
import type { Look, Policy } from '../../shared/core/policy.ts';
import { DAY, type EpochMs, istBlockStart, type Ms, SECOND } from '../../shared/core/time.ts';
import { length } from '../../shared/core/window.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Ledger, Orders, Versioned } from '../../shared/ports/ledger.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import type { Queue } from '../../shared/ports/queue.ts';
import type { Pacer, Source } from '../../shared/ports/source.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import { AccountPoll } from './account-poll.ts';
import { Asking, type TimeBudget } from './asking.ts';
import { Evidence } from './evidence.ts';
import { Outbox } from './outbox.ts';
import { createPacer, SLACK } from './pacing.ts';
import { Quarantine } from './quarantine.ts';
import { hoursOf, SentLists } from './sent-lists.ts';

/** Outlives the age of a tick (60 s) and the function's timeout (60 s): a holder that was taken over is dead. */
const LEASE: Ms = 150 * SECOND;

/** Of the records that are read again: where more have changed, somebody should look why. */
const USUALLY_CHANGED = 0.2;

export interface PollPorts {
  readonly ledger: Ledger;
  readonly orders: Pick<Orders, 'load'>;
  readonly objects: ObjectStore;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** The account's source, authorised, and paced by `pacer`. `now` is tick time. */
  readonly openSource: (account: Account, pacer: Pacer, now: () => EpochMs) => Source;
}

export interface TickOrder {
  readonly at: EpochMs;
  readonly only: readonly Look[] | undefined;
  readonly takeOver: boolean;
  readonly time: TimeBudget;
  /** Monotonic, when the invocation began. */
  readonly began: Ms;
}

const emptyReport = (account: Account, outcome: TickReport['outcome'], reason?: string): TickReport => ({
  account: account.name,
  outcome,
  ...(reason !== undefined && { reason }),
  requests: 0,
  records: 0,
  sent: 0,
  owed: {},
  exceptions: 0,
});

class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** Takes the lease by compare-and-set; a value says why it can't be had. */
const takeLease = async (
  account: Account,
  { at, takeOver }: TickOrder,
  ledger: Ledger,
): Promise<Versioned<AccountState> | 'stale' | 'busy'> => {
  const found = await ledger.load(account.name);
  const state = found?.value ?? initialState(at);
  if (at <= state.lastTickAt) return 'stale';
  if (state.leaseUntil > at && !takeOver) return 'busy';
  // Never below the tick's own second: a ledger that was lost, or restored to an older state, must not bring stamps back
  // that the index has passed, or what is read from then on would be older than what is there.
  const epoch = Math.max(state.epoch + 1, Math.floor(at / SECOND));
  const taken = { ...state, epoch, leaseUntil: at + LEASE, lastTickAt: at };
  const saved = await ledger.save(account.name, taken, found?.version ?? 0);
  return saved === 'conflict' ? 'busy' : saved;
};

const secondsCovered = (state: AccountState, policy: Policy, now: EpochMs) => {
  const until = Math.min(policy.fetchTo ?? Number.POSITIVE_INFINITY, horizon(now, policy));
  const wanted = { from: fetchFrom(state, policy), to: Math.max(until, fetchFrom(state, policy)) };
  const missing = gapsIn(state.coverage, wanted).reduce((sum, gap) => sum + length(gap), 0);
  return { coveredSeconds: (length(wanted) - missing) / SECOND, wantedSeconds: length(wanted) / SECOND };
};

/** Seconds of today, India time, whose calls should be here and are not. */
const missingToday = (state: AccountState, policy: Policy, now: EpochMs): number => {
  const from = Math.max(istBlockStart(now, DAY), fetchFrom(state, policy));
  const to = Math.max(from, horizon(now, policy));
  return gapsIn(state.coverage, { from, to }).reduce((sum, gap) => sum + length(gap), 0) / SECOND;
};

/** What was ordered since the last tick is taken up; where that can't be asked, the looks go on without. */
const ordersOf = async (
  { name }: Account,
  { orders: before }: AccountState,
  { orders, telemetry }: PollPorts,
): Promise<AccountState['orders']> => {
  try {
    return takeOrders(before, (await orders.load(name))?.value ?? EMPTY_BOOK);
  } catch (error) {
    const reason = error instanceof Error ? error.name : 'unknown';
    telemetry.log('warn', 'the orders could not be read, the next tick tries again', {
      account: name,
      reason,
    });
    return before;
  }
};

/**
 * One tick of one account: lease, windows owed, sent lists, coverage, in this order. A crash at any point leaves
 * what was done safe and what was not owed again.
 *
 * @returns what was done. Rejects only when the ledger could not be asked or written: nothing counts as done then.
 */
export const pollAccount = async (
  account: Account,
  order: TickOrder,
  ports: PollPorts,
): Promise<TickReport> => {
  const { ledger, objects, queue, clock, telemetry } = ports;
  const lease = await takeLease(account, order, ledger);
  if (lease === 'stale' || lease === 'busy') return emptyReport(account, lease);
  const { name } = account;
  const policy = policyOf(account);
  const base = lease.value;
  let version = lease.version;
  let marked: readonly EpochMs[] = base.dirty;

  const tickNow = () => order.at + clock.monotonic() - order.began;
  const { concurrency } = policy;
  const rate = policy.requestsPerSecond / SLACK;
  const pacer = createPacer(SECOND / rate, base.nextRequestAt, clock);
  const source = ports.openSource(account, pacer, tickNow);
  const asking = new Asking(source, clock, {
    epoch: base.epoch,
    at: order.at,
    began: order.began,
    time: order.time,
    rate,
    concurrency,
    latency: base.learned.latency,
  });
  const lists = new SentLists(account.name, base.dirty, objects, telemetry);

  /** One write before the first send of a tick, as a rule: the hours in which calls can still appear go along. */
  const writeDirty = async (hours: ReadonlySet<EpochMs>) => {
    if ([...hours].every((hour) => marked.includes(hour))) return;
    const appearing = hoursOf({ from: order.at - policy.longestCall, to: order.at });
    const dirty = [...new Set([...marked, ...hours, ...appearing])];
    const saved = await ledger.save(name, { ...base, nextRequestAt: pacer.nextAt, dirty }, version);
    if (saved === 'conflict') throw new LeaseLost('another holder has written the ledger');
    version = saved.version;
    marked = dirty;
  };
  let marking: Promise<void> = Promise.resolve();
  /** One write after another: each names the version that the one before made. */
  const markDirty = (hours: ReadonlySet<EpochMs>) => {
    const mine = marking.then(() => writeDirty(hours));
    marking = mine.catch(() => undefined);
    return mine;
  };

  const eventsFrom = eventsFromOf(account, base.firstTickAt);
  const { numbers, volatilePaths } = account;
  const outbox = new Outbox(
    { account: name, eventsFrom, numbers, volatilePaths },
    { queue, objects, lists, markDirty, nextTurn: () => clock.nextTurn() },
  );
  const poll = new AccountPoll(
    { ...base, orders: await ordersOf(account, base, ports) },
    {
      account: name,
      policy,
      volatile: compileVolatilePaths(volatilePaths),
      broadcast: account.broadcast,
      only: order.only,
      asking,
      lists,
      outbox,
      quarantine: new Quarantine(name, objects, clock, telemetry),
      evidence: new Evidence(name, objects),
      telemetry,
    },
  );
  if (base.pausedUntil > order.at) poll.stop = { outcome: 'rate-limited', reason: 'paused' };
  // What was delivered before a store failed is still written down; `poll.stop` tells the failure.
  await poll.run().catch((error: unknown) => {
    telemetry.log('error', 'a tick failed', {
      account: account.name,
      reason: error instanceof Error ? error.name : 'unknown',
    });
  });

  const daysLeft = credentialDaysLeft(source.health(), clock.real());
  if (daysLeft !== undefined) telemetry.count('CredentialDaysLeft', daysLeft, name);
  const { saved, failed } = await lists.save();
  const dirty = [...new Set([...base.dirty, ...failed])].filter((hour) => !saved.has(hour));
  const final: AccountState = { ...poll.state, leaseUntil: 0, nextRequestAt: pacer.nextAt, dirty };
  const ended = await ledger.save(name, final, version);
  if (ended === 'conflict') return emptyReport(account, 'failed', 'lease-lost');

  const { situation } = poll;
  const owed = owedSeconds(situation);
  const to = final.liveFrom === undefined ? undefined : coveredTo(final.coverage, final.liveFrom);
  if (to !== undefined) telemetry.count('Lag', Math.max(0, (tickNow() - policy.settle - to) / SECOND), name);
  const { total, spent } = situation.budget;
  const needed = asking.requests - (spent.backfill ?? 0);
  const outcome = poll.stop?.outcome ?? 'done';
  const sweepDebt = (owed.probe ?? 0) + (owed.edit ?? 0);
  const budgetUsed = total === 0 ? 0 : (100 * needed) / total;
  telemetry.count('SweepDebt', sweepDebt);
  telemetry.count('BudgetUsed', budgetUsed);
  // A refused credential is told by the days that it has left: none. A locked login is not.
  const isTold = outcome === 'auth' && daysLeft === 0;
  telemetry.count('TicksRefused', outcome === 'done' || isTold ? 0 : 1);
  telemetry.count('TicksHindered', outcome === 'done' ? 0 : 1);
  if (outbox.reread > 0) {
    telemetry.count('ExcessChanges', outbox.changed - USUALLY_CHANGED * outbox.reread);
    telemetry.count('RecordsReread', outbox.reread);
    telemetry.count('RecordsChanged', outbox.changed);
  }
  telemetry.count('RequestsSent', asking.requests);
  telemetry.count('RecordsSeen', poll.records);
  if (poll.covered > 0) telemetry.count('RecordsSent', poll.sent);
  telemetry.log('info', TICK_ENDED, {
    account: name,
    outcome,
    reason: poll.stop?.reason,
    requests: asking.requests,
    records: poll.records,
    sent: poll.sent,
    covered: poll.covered,
    budgetUsed: Math.round(budgetUsed),
    sweepDebt,
    daysLeft,
    latency: Math.round(final.learned.latency),
    missingToday: missingToday(final, policy, order.at),
  });
  return {
    account: name,
    outcome,
    ...(poll.stop && { reason: poll.stop.reason }),
    requests: asking.requests,
    records: poll.records,
    sent: poll.sent,
    ...(to !== undefined && { coveredTo: to }),
    owed,
    fetched: secondsCovered(final, policy, order.at),
    exceptions: final.exceptions.length,
  };
};
