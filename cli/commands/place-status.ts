import { type Account, policyOf } from '../../shared/contract/account.ts';
import { coveredTo } from '../../shared/core/coverage.ts';
import { horizon } from '../../shared/core/planner.ts';
import { HOUR, istStamp, type Ms } from '../../shared/core/time.ts';
import { newestManifest, provenDays } from '../../shared/steps/day-manifests.ts';
import { count, span } from '../figures.ts';
import type { Place } from '../place/place.ts';
import { openOrders } from '../place/work-off.ts';

/** How one account stands, as ledger, archive and queue tell. */
export interface AccountStatus {
  readonly account: string;
  /** Now − the newest instant before which coverage has no gap, seconds. */
  readonly lagSeconds: number | undefined;
  readonly lastTickAt: string | undefined;
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

const accountStatus = async (place: Place, account: Account, now: number): Promise<AccountStatus> => {
  const { name } = account;
  const [state, session] = await Promise.all([place.ledger.load(name), place.sessions.load(name)]);
  const { liveFrom, coverage = [], lastTickAt, exceptions = [] } = state?.value ?? {};
  let last: string | undefined;
  for await (const dt of provenDays(place.objects, name)) last = dt;
  const manifest = last === undefined ? undefined : await newestManifest(place, name, last);
  const to = liveFrom === undefined ? undefined : coveredTo(coverage, liveFrom);
  const lag: Ms | undefined =
    to === undefined ? undefined : Math.max(0, horizon(now, policyOf(account)) - to);
  return {
    account: name,
    lagSeconds: lag === undefined ? undefined : Math.round(lag / 1000),
    lastTickAt: lastTickAt === undefined || lastTickAt === 0 ? undefined : new Date(lastTickAt).toISOString(),
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
  ['last proof', status.lastProof ? `${status.lastProof.dt} ${status.lastProof.verdict}` : 'none yet'],
  ['ordered', status.ordered === 0 ? '' : `${count(status.ordered)} spans to fetch`],
  ['exceptions', status.exceptions === 0 ? '' : count(status.exceptions)],
  ['password days', status.credentialDaysLeft === undefined ? '' : count(status.credentialDaysLeft)],
  ['breaker', status.breaker === undefined ? '' : `OPEN: ${status.breaker}`],
];
