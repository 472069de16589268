import { type Account, policyOf } from '../../shared/contract/account.ts';
import { SECONDARY_INDEXES } from '../../shared/contract/index-table.ts';
import type { AccountState } from '../../shared/core/account-state.ts';
import { gapsIn } from '../../shared/core/coverage.ts';
import { leftOf, type Order } from '../../shared/core/orders.ts';
import { horizon, pageLimitOf } from '../../shared/core/planner.ts';
import { planRequests } from '../../shared/core/request-plan.ts';
import { DAY, type EpochMs, istDate, istStamp, MINUTE, type Ms } from '../../shared/core/time.ts';
import { length, type Window } from '../../shared/core/window.ts';
import { newestManifest } from '../../shared/steps/day-manifests.ts';
import { cancelOrders, placeOrders, readOrders } from '../../shared/steps/place-order.ts';
import { confirm } from '../confirm.ts';
import { PRICES } from '../cost/prices.ts';
import { facts } from '../columns.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { count, counted, span } from '../figures.ts';
import { openPlace } from '../place/open-place.ts';
import { accountOf, type Place, type PlaceOptions } from '../place/place.ts';
import { openOrders, workOff } from '../place/work-off.ts';
import type { Terminal } from '../terminal.ts';

export interface BackfillOptions extends PlaceOptions {
  /** UTC epoch ms. */
  readonly from?: EpochMs;
  readonly to?: EpochMs;
  readonly publish?: boolean;
  readonly yes?: boolean;
  readonly cancel?: boolean;
}

/** Where nothing is known of an account's density: calls a minute. */
const UNKNOWN_DENSITY = 20;
/** Backfill is the last in the order of looks, and keeps this share of the rate whatever the others need. */
const LEAST_SHARE = 0.1;
const REGION = 'us-east-1';
/** A backfill is waited for so long at most; the same command goes on waiting. */
const ENOUGH: Ms = DAY;
/** An entry of the index is written once, and once more for each secondary index, all of them switched on. */
const INDEX_WRITES = 1 + Object.keys(SECONDARY_INDEXES).length;

/** What a backfill will take, said before it begins. */
export interface BackfillPlan {
  readonly from: string;
  readonly to: string;
  readonly days: number;
  /** Of them, those that are proven already: nothing of them is fetched again. */
  readonly provenDays: number;
  /** Of the span, what is not covered. */
  readonly minutesToFetch: number;
  readonly calls: number;
  readonly requests: number;
  /** How long the poller will need. */
  readonly minutes: number;
  /** Of the account's polling rate, what is left for it. */
  readonly shareOfRate: number;
  readonly usd: number;
}

export const backfill = async (terminal: Terminal, options: BackfillOptions): Promise<ExitCode> => {
  let place = await openPlace(options);
  try {
    const account = accountOf(place, options.account);
    if (options.cancel) return await cancel(terminal, place, account);
    const window = windowOf(options);
    const { book, progress } = await readOrders(account.name, place);
    const known = book.orders.find(
      (order) =>
        order.kind === 'backfill' &&
        order.from === window.from &&
        order.to === window.to &&
        leftOf(progress, order) > 0 &&
        !book.cancelled.includes(order.id),
    );
    if (!known) {
      const state = (await place.ledger.load(account.name))?.value;
      const plan = await planOf(place, account, state, window, options.publish ?? false);
      if (!terminal.manners.json) sayPlan(terminal, plan);
      if (plan.minutesToFetch === 0) return finish(terminal, plan, 'nothing to fetch: all of it is covered');
      if (!(await confirm(terminal, 'fetch these calls?', options.yes ?? false, '--yes')))
        return decline(terminal, plan);
      const wanted = gapsOf(state, window);
      await placeOrders(
        account.name,
        wanted.map((gap) => ({
          ...gap,
          kind: 'backfill' as const,
          publish: options.publish ?? false,
          orderedAt: Date.now(),
        })),
        place,
      );
    } else terminal.say(`under way since ${istStamp(known.orderedAt)}: ${leftText(leftOf(progress, known))}`);
    const worked = await workOff(terminal, place, options.data, ENOUGH);
    ({ place } = worked);
    if (worked.trouble) throw worked.trouble;
    const left = await openOrders(place, account.name);
    if (terminal.manners.json) terminal.document('backfill/1', { done: left.length === 0, open: left });
    terminal.say(
      left.length === 0 ? 'all of it is fetched' : `${counted(left.length, 'span')} still to fetch`,
    );
    terminal.say(
      `next: npx smartflo-cdr prove --from ${istDate(window.from)} --to ${istDate(window.to - 1)}${place.flag}`,
    );
    return left.length === 0 ? EXIT.ok : EXIT.finding;
  } finally {
    await place.close();
  }
};

const windowOf = ({ from, to }: BackfillOptions): Window => {
  if (from !== undefined && to !== undefined && from < to) return { from, to };
  throw new Failure(from === undefined || to === undefined ? 'usage' : 'range-empty', 'which calls?', {
    came: `--from ${from === undefined ? '(none)' : istStamp(from)} --to ${to === undefined ? '(none)' : istStamp(to)}`,
    wanted: '--from before --to, which is not included itself',
    cure: 'npx smartflo-cdr backfill --from 2024-04-01 --to 2024-05-01',
    exit: EXIT.usage,
  });
};

const dollars = (price: 'tableWrites' | 'events', units: number): number =>
  (units * PRICES[price].usd[REGION]) / PRICES[price].per;

const gapsOf = (state: AccountState | undefined, window: Window): Window[] =>
  gapsIn(state?.coverage ?? [], window);

const planOf = async (
  place: Place,
  account: Account,
  state: AccountState | undefined,
  wanted: Window,
  publish: boolean,
): Promise<BackfillPlan> => {
  const policy = policyOf(account);
  const window = { from: wanted.from, to: Math.min(wanted.to, horizon(Date.now(), policy)) };
  const gaps = gapsOf(state, window);
  const toFetch = gaps.reduce((sum, gap) => sum + length(gap), 0);
  const perMinute = state && state.learned.perMinute > 0 ? state.learned.perMinute : UNKNOWN_DENSITY;
  const pageLimit = state ? pageLimitOf(state, policy) : policy.pageLimit;
  const calls = Math.round((toFetch / MINUTE) * perMinute);
  const requests = Math.ceil(calls / pageLimit) + gaps.length;
  const durations = state?.learned.durations;
  const needed = planRequests(policy, {
    perMinute,
    pageLimit,
    durations: durations ?? [1],
  }).requestsPerMinute;
  const capacity = policy.requestsPerSecond * 60;
  const spare = Math.max(LEAST_SHARE * capacity, capacity - needed);
  let provenDays = 0;
  const days = Math.ceil(length(window) / DAY);
  for (let at = window.from; at < window.to; at += DAY)
    if ((await newestManifest(place, account.name, istDate(at)))?.verdict === 'proven') provenDays += 1;
  return {
    from: istStamp(window.from),
    to: istStamp(window.to),
    days,
    provenDays,
    minutesToFetch: Math.round(toFetch / MINUTE),
    calls,
    requests,
    minutes: Math.ceil(requests / spare),
    shareOfRate: spare / capacity,
    usd:
      Math.ceil(
        100 * (dollars('tableWrites', calls * INDEX_WRITES) + dollars('events', publish ? calls : 0)),
      ) / 100,
  };
};

const sayPlan = (terminal: Terminal, plan: BackfillPlan): void =>
  terminal.say(
    facts(
      [
        ['from', plan.from],
        ['to', plan.to],
        ['days', `${count(plan.days)}, ${count(plan.provenDays)} of them proven already`],
        ['to fetch', span(plan.minutesToFetch * MINUTE)],
        ['calls', `about ${count(plan.calls)}`],
        ['requests', `about ${count(plan.requests)}`],
        [
          'time',
          `about ${span(plan.minutes * MINUTE)}, at ${Math.round(plan.shareOfRate * 100)} percent of the rate; live calls go first`,
        ],
        ['money', `about $${plan.usd.toFixed(2)} of AWS use (us-east-1 list prices)`],
      ],
      terminal.people.columns,
    ),
  );

const decline = (terminal: Terminal, plan: BackfillPlan): ExitCode => {
  if (terminal.manners.json) terminal.document('backfill/1', { plan, ordered: false });
  terminal.say('nothing was ordered');
  return EXIT.declined;
};

const finish = (terminal: Terminal, plan: BackfillPlan, words: string): ExitCode => {
  if (terminal.manners.json) terminal.document('backfill/1', { plan, done: true, open: [] });
  terminal.say(words);
  return EXIT.ok;
};

const leftText = (seconds: number): string => `${span(seconds * 1000)} of calls left`;

const cancel = async (terminal: Terminal, place: Place, account: Account): Promise<ExitCode> => {
  const { book, progress } = await readOrders(account.name, place);
  const open = book.orders.filter(
    (order: Order) =>
      order.kind === 'backfill' && leftOf(progress, order) > 0 && !book.cancelled.includes(order.id),
  );
  await cancelOrders(
    account.name,
    open.map(({ id }) => id),
    place,
  );
  if (terminal.manners.json) terminal.document('backfill/1', { cancelled: open.map(({ id }) => id) });
  terminal.say(`${counted(open.length, 'backfill')} cancelled; what was fetched stays`);
  return EXIT.ok;
};
