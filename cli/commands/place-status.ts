import { type Account, policyOf } from '../../shared/contract/account.ts';
import { sentKey } from '../../shared/contract/bucket-layout.ts';
import { type AccountState, initialState } from '../../shared/core/account-state.ts';
import { coveredTo } from '../../shared/core/coverage.ts';
import { horizon, owedSeconds, pageLimitOf, standingPlan } from '../../shared/core/planner.ts';
import type { Look, Policy } from '../../shared/core/policy.ts';
import { planRequests } from '../../shared/core/request-plan.ts';
import { SentList, SentListUnreadable } from '../../shared/core/sent-list.ts';
import { DAY, type EpochMs, HOUR, istBlockStart, istStamp, type Ms, SECOND } from '../../shared/core/time.ts';
import { newestManifest, provenDays } from '../../shared/steps/day-manifests.ts';
import { count, rate, span } from '../figures.ts';
import type { Place } from '../place/place.ts';
import { openOrders } from '../place/work-off.ts';

/** How one account stands, as ledger, archive and queue tell. */
export interface AccountStatus {
  readonly account: string;
  /** Now − the newest instant before which coverage has no gap, seconds. */
  readonly lagSeconds: number | undefined;
  readonly lastTickAt: string | undefined;
  /** Records known at the source that started today in India. */
  readonly callsToday: number;
  /** What polling needs at the density seen, and what it may spend. */
  readonly budget: { readonly requestsPerMinute: number; readonly capacityPerMinute: number };
  /** Call time that is owed and not yet asked for, seconds by look; live looks are owed at every tick. */
  readonly debtSeconds: Readonly<Partial<Record<Look, number>>>;
  /** Spans that are ordered and not yet read. */
  readonly ordered: number;
  readonly exceptions: number;
  readonly credentialDaysLeft: number | undefined;
  readonly breaker: string | undefined;
  readonly lastProof: { readonly dt: string; readonly verdict: string } | undefined;
}

export interface PlaceStatus {
  readonly accounts: readonly AccountStatus[];
  readonly waiting: number;
  readonly deadLetters: number;
}

/** What a planner would find owed at the beginning of a tick. */
const debtOf = (state: AccountState, policy: Policy, now: EpochMs): AccountStatus['debtSeconds'] => {
  const situation = {
    standing: standingPlan(state, policy, now),
    state,
    policy,
    now,
    only: undefined,
    done: new Set<string>(),
    suspects: [],
    hints: [],
    busy: [],
    skipped: [],
    budget: { total: 0, left: 0, spent: {} },
  };
  const { live: _live, 'just-ended': _justEnded, ...debt } = owedSeconds(situation);
  return debt;
};

const budgetOf = (state: AccountState, policy: Policy): AccountStatus['budget'] => {
  const density = { ...state.learned, pageLimit: pageLimitOf(state, policy) };
  const { requestsPerMinute, capacityPerMinute } = planRequests(policy, density);
  return { requestsPerMinute, capacityPerMinute };
};

/** From the poller's own lists, an object an hour: the index would have to be read whole. */
const callsOf = async ({ objects }: Place, account: string, day: EpochMs): Promise<number> => {
  const hours = Array.from({ length: DAY / HOUR }, (_, hour) => day + hour * HOUR);
  const known = await Promise.all(
    hours.map(async (hour) => {
      const stored = await objects.read(sentKey(account, hour));
      try {
        return stored ? new SentList(hour, stored.body).count({ from: hour, to: hour + HOUR }) : 0;
      } catch (thrown) {
        if (thrown instanceof SentListUnreadable) return 0;
        throw thrown;
      }
    }),
  );
  return known.reduce((sum, calls) => sum + calls, 0);
};

const accountStatus = async (place: Place, account: Account, now: number): Promise<AccountStatus> => {
  const { name } = account;
  const [state, session] = await Promise.all([place.ledger.load(name), place.sessions.load(name)]);
  const policy = policyOf(account);
  const { liveFrom, coverage = [], lastTickAt, exceptions = [] } = state?.value ?? {};
  let last: string | undefined;
  for await (const dt of provenDays(place.objects, name)) last = dt;
  const manifest = last === undefined ? undefined : await newestManifest(place, name, last);
  const to = liveFrom === undefined ? undefined : coveredTo(coverage, liveFrom);
  const lag: Ms | undefined = to === undefined ? undefined : Math.max(0, horizon(now, policy) - to);
  return {
    account: name,
    lagSeconds: lag === undefined ? undefined : Math.round(lag / 1000),
    lastTickAt: lastTickAt === undefined || lastTickAt === 0 ? undefined : new Date(lastTickAt).toISOString(),
    callsToday: await callsOf(place, name, istBlockStart(now, DAY)),
    budget: budgetOf(state?.value ?? initialState(now), policy),
    debtSeconds: state ? debtOf(state.value, policy, now) : {},
    ordered: (await openOrders(place, name)).length,
    exceptions: exceptions.length,
    credentialDaysLeft: session?.value.passwordDaysLeft,
    breaker: session?.value.breaker?.reason,
    lastProof: manifest && { dt: manifest.dt, verdict: manifest.verdict },
  };
};

export const placeStatus = async (place: Place): Promise<PlaceStatus> => ({
  accounts: await Promise.all(place.accounts.map((account) => accountStatus(place, account, Date.now()))),
  waiting: await place.depth.waiting(),
  deadLetters: await place.deadLetters.count(),
});

/** A tick that is older than this is none of a poller that runs. */
const SILENT: Ms = HOUR;

const debtText = (debt: AccountStatus['debtSeconds']): string => {
  const owed = Object.entries(debt).map(([look, seconds]) => `${look} ${span(seconds * SECOND)}`);
  return owed.length === 0 ? 'none' : `${owed.join(', ')} of call time to ask for`;
};

/** The same for people. */
export const accountFacts = (status: AccountStatus, running: boolean): (readonly [string, string])[] => [
  ['account', status.account],
  ['lag', status.lagSeconds === undefined || !running ? '' : span(status.lagSeconds * 1000)],
  [
    'last tick',
    status.lastTickAt === undefined
      ? 'never'
      : `${istStamp(Date.parse(status.lastTickAt))}${running && Date.now() - Date.parse(status.lastTickAt) > SILENT ? ', too long ago' : ''}`,
  ],
  ['calls today', count(status.callsToday)],
  [
    'budget',
    `${rate(status.budget.requestsPerMinute)} of ${rate(status.budget.capacityPerMinute)} requests a minute needed`,
  ],
  ['debt', running ? debtText(status.debtSeconds) : ''],
  ['last proof', status.lastProof ? `${status.lastProof.dt} ${status.lastProof.verdict}` : 'none yet'],
  ['ordered', status.ordered === 0 ? '' : `${count(status.ordered)} spans to fetch`],
  ['exceptions', status.exceptions === 0 ? '' : count(status.exceptions)],
  ['password days', status.credentialDaysLeft === undefined ? '' : count(status.credentialDaysLeft)],
  ['breaker', status.breaker === undefined ? '' : `OPEN: ${status.breaker}`],
];
