import type { AccountState } from './account-state.ts';
import { type Coverage, coverRead, gapsIn, type LookAge, type OwedSpan, owedSpans } from './coverage.ts';
import { type Density, expectedPages, justEndedSteps } from './just-ended.ts';
import { REACH_OF_AN_ANSWER } from './neighbour.ts';
import type { OrderKind } from './orders.ts';
import { DEFAULT_REACH, LOOKS, type Look, liveReach, PROOF_AGE, type Policy } from './policy.ts';
import { affordableEdits } from './request-plan.ts';
import { type EpochMs, HOUR, istBlockStart, MINUTE, type Ms, SECOND } from './time.ts';
import { spanLimit } from './troubles.ts';
import { length, overlaps, type Window, widen } from './window.ts';

/** Pages of one window at most: beyond, a failure would waste too much. */
const PAGES_OF_A_WINDOW = 20;
/** Longest window at all: few sent lists to load, far below the month that the source allows. */
const LONGEST_WINDOW: Ms = 6 * HOUR;
/** A read may take this many times the pages that were expected; one that would take more is cut anew. */
const OVERRUN = 2;
/** Window length where nothing is known of the account's density. */
const UNKNOWN_DENSITY_WINDOW: Ms = HOUR;
/** A count that disagrees is narrowed down to windows of so many pages, which are read. */
const PAGES_WORTH_NARROWING = 2;
/** An edit that is overdue by this leaves its probe owed: cheap certainty first when reads are starved. */
const STARVED: Ms = 15 * MINUTE;
/** Every look that owes something keeps this share of the budget. */
const KEPT_SHARE = 0.1;

/** One window to ask for, and how. */
export interface OwedWindow {
  readonly look: Look;
  readonly window: Window;
  /** `read`: in full. `filtered`: with the duration filter, no coverage comes of it. `count`: one request, `limit=1`. */
  readonly ask: 'read' | 'filtered' | 'count';
  /** Seconds, for `filtered`. */
  readonly minDuration?: number;
  readonly requests: number;
  /** Requests that it may take before it has to be cut anew. */
  readonly most: number;
  /** Names a look that is owed once a tick. */
  readonly once?: string;
  /** The order that it is read for. */
  readonly order?: number;
}

/** A window as it is owed, before the budget is asked. */
export type Uncut = Omit<OwedWindow, 'most'>;

/** Records a minute as a count of one window showed them: better than the account's average there. */
export interface DensityHint extends Window {
  readonly perMinute: number;
}

/** A window that failed in this tick. It is not asked for in this way again; that it may be asked in another stays. */
export interface Skipped extends Window {
  readonly ask: OwedWindow['ask'];
}

/** A span whose count disagreed with what is known there. */
export interface Suspect extends Window {
  /** So many records are missing that finding them by counts would cost more than reading all of it. */
  readonly whole: boolean;
}

/** What is fixed for a tick, so that it does not shift under what the tick itself learns. */
export interface Standing {
  readonly justEnded: readonly Uncut[];
  /** The edit looks that the rate can carry. */
  readonly edits: readonly LookAge[];
  /** Those that days are proven by and that the rate can't carry: done with what the others leave. */
  readonly proofs: readonly LookAge[];
}

export interface Situation {
  readonly standing: Standing;
  readonly state: AccountState;
  readonly policy: Policy;
  /** The tick's scheduled time. */
  readonly now: EpochMs;
  readonly only: readonly Look[] | undefined;
  /** `once` names of what this tick has done or given up. */
  readonly done: ReadonlySet<string>;
  /** Spans whose count disagreed: to be narrowed and read. */
  readonly suspects: readonly Suspect[];
  readonly hints: readonly DensityHint[];
  /** Windows being asked for now: nothing whose answer may show the same record may be asked for meanwhile. */
  readonly busy: readonly Window[];
  readonly skipped: readonly Skipped[];
  readonly budget: {
    /** Requests of this tick in all, and those left now. */
    readonly total: number;
    readonly left: number;
    readonly spent: Readonly<Partial<Record<Look, number>>>;
  };
}

const floorSecond = (at: EpochMs): EpochMs => Math.floor(at / SECOND) * SECOND;

/** The newest instant that is asked for. */
export const horizon = (now: EpochMs, policy: Policy): EpochMs => floorSecond(now - policy.settle);

/** Start of what is wanted at all. */
export const fetchFrom = (state: AccountState, policy: Policy): EpochMs =>
  policy.fetchFrom ?? floorSecond(state.firstTickAt - DEFAULT_REACH);

/** The span before the first live window that is wanted; empty where there is none. */
export const backfillSpan = (state: AccountState, policy: Policy, now: EpochMs): Window => {
  const from = fetchFrom(state, policy);
  const end = Math.min(
    policy.fetchTo ?? Number.POSITIVE_INFINITY,
    state.liveFrom ?? horizon(now, policy),
    horizon(now, policy),
  );
  return { from, to: Math.max(from, end) };
};

const closedBefore = (now: EpochMs, policy: Policy): EpochMs =>
  floorSecond(now - policy.longestCall - policy.settle);

/** Closed: every call that can still begin in it has ended, so its count has come to rest. */
export const isClosed = (window: Window, now: EpochMs, policy: Policy): boolean =>
  window.to <= closedBefore(now, policy);

export const pageLimitOf = (state: AccountState, policy: Policy): number =>
  Math.min(policy.pageLimit, state.learned.pageLimit ?? policy.pageLimit);

const densityOf = ({ state, hints }: Situation, window: Window): number =>
  hints.findLast((hint) => overlaps(hint, window))?.perMinute ?? state.learned.perMinute;

const expectedRequests = (situation: Situation, window: Window): number => {
  const records = (densityOf(situation, window) * length(window)) / MINUTE;
  // Less a hair: a window cut to whole pages must not cost one more by a rounding error.
  return Math.ceil(expectedPages(records, pageLimitOf(situation.state, situation.policy)) - 1e-9);
};

/** A window that is closed in part only would be judged by the weaker rule as a whole. */
const onOneSide = ({ now, policy }: Situation, window: Window, end: 'newest' | 'oldest'): Window => {
  const border = closedBefore(now, policy);
  if (border <= window.from || border >= window.to) return window;
  return end === 'newest' ? { from: border, to: window.to } : { from: window.from, to: border };
};

/** The part of a window that `requests` can read, all closed or all open, cut at a quarter of an hour where that fits. */
const cut = (situation: Situation, whole: Window, requests: number, end: 'newest' | 'oldest'): Window => {
  const window = onOneSide(situation, whole, end);
  const perMinute = densityOf(situation, window);
  const pages = Math.max(0.5, Math.min(requests, PAGES_OF_A_WINDOW) - 0.5);
  const byBudget =
    perMinute > 0
      ? (pages * pageLimitOf(situation.state, situation.policy) * MINUTE) / perMinute
      : UNKNOWN_DENSITY_WINDOW;
  const limit = spanLimit(situation.state.troubles, window) ?? Number.POSITIVE_INFINITY;
  const longest = Math.max(SECOND, floorSecond(Math.min(byBudget, limit, LONGEST_WINDOW)));
  if (length(window) <= longest) return window;
  const grid = [6 * HOUR, HOUR, 15 * MINUTE, MINUTE, SECOND].find((size) => size <= longest) ?? SECOND;
  if (end === 'oldest') {
    const to = istBlockStart(window.from + longest, grid);
    return { from: window.from, to: to > window.from ? to : window.from + longest };
  }
  const from = istBlockStart(window.to - longest + grid - SECOND, grid);
  return { from: from < window.to ? from : window.to - longest, to: window.to };
};

type Owing = (situation: Situation) => Uncut[];

/** The newest starts, which every tick reads in full. */
export const liveWindow = ({ state, policy, now }: Pick<Situation, 'state' | 'policy' | 'now'>): Window => {
  const needsMore = state.learned.filterOn === 'start' && state.learned.durationFilter === 'ignored';
  const span = liveReach(policy, needsMore ? policy.liveWithoutDuration : policy.live);
  return { from: floorSecond(now - span), to: horizon(now, policy) };
};

const owedLive: Owing = (situation) => {
  const window = liveWindow(situation);
  if (situation.done.has('live') || window.from >= window.to) return [];
  return [{ look: 'live', window, ask: 'read', requests: expectedRequests(situation, window), once: 'live' }];
};

const justEndedWindows = (
  { lastLiveAt }: AccountState,
  policy: Policy,
  now: EpochMs,
  density: Density,
): Uncut[] => {
  if (lastLiveAt === undefined) return [];
  // Who waits that long finds every call over when its start is first read.
  if (policy.settle >= policy.longestCall) return [];
  const gap = Math.max(SECOND, now - lastLiveAt);
  const youngest = Math.max(liveReach(policy), gap);
  const oldest = policy.longestCall + gap;
  return justEndedSteps(youngest, oldest, gap, policy.settle, density).map((step) => ({
    look: 'just-ended',
    window: { from: floorSecond(now - step.oldest), to: floorSecond(now - step.youngest) },
    ask: 'filtered',
    minDuration: step.minDuration,
    requests: Math.ceil(step.requests),
    once: `just-ended:${step.youngest}`,
  }));
};

/** Made once a tick, before its first request. */
export const standingPlan = (state: AccountState, policy: Policy, now: EpochMs): Standing => {
  const density = { ...state.learned, pageLimit: pageLimitOf(state, policy) };
  const { edits } = affordableEdits(policy, density);
  const proofs = policy.edits.filter((look) => look.age >= PROOF_AGE && !edits.includes(look));
  return { justEnded: justEndedWindows(state, policy, now, density), edits, proofs };
};

const owedJustEnded: Owing = ({ state: { learned }, standing, done }) =>
  learned.filterOn === 'start' && learned.durationFilter === 'trusted'
    ? standing.justEnded.filter(({ once }) => once !== undefined && !done.has(once))
    : [];

/**
 * What to do about a window whose count is off by `missing` records: read it whole, or count its halves. Halving finds
 * one record by two counts a level and the read at the end, and the windows of several overlap at first only.
 */
export const suspectsOf = (window: Window, pages: number, missing: number): Suspect[] => {
  const middle = window.from + Math.floor(length(window) / 2 / SECOND) * SECOND;
  const levels = Math.log2(Math.max(1, pages / PAGES_WORTH_NARROWING));
  const whole = missing * (2 * levels + PAGES_WORTH_NARROWING) >= pages;
  if (whole || middle <= window.from) return [{ ...window, whole }];
  return [
    { from: window.from, to: middle, whole },
    { from: middle, to: window.to, whole },
  ];
};

const owedEditSpans = (situation: Situation): OwedSpan[] =>
  owedSpans(situation.state.coverage, situation.standing.edits, situation.now, ({ readAge }) => readAge).sort(
    (a, b) => a.dueAt - b.dueAt || a.from - b.from,
  );

const owedProbes: Owing = (situation) => {
  const { state, policy, now, suspects } = situation;
  const narrowed = suspects.map(({ from, to, whole }): Uncut => {
    const window = { from, to };
    const requests = expectedRequests(situation, window);
    const toRead = whole || requests <= PAGES_WORTH_NARROWING || length(window) <= SECOND;
    return { look: 'probe', window, ask: toRead ? 'read' : 'count', requests: toRead ? requests : 1 };
  });
  const edits = owedEditSpans(situation).filter(({ dueAt }) => now - dueAt < STARVED);
  const spans = owedSpans(state.coverage, policy.probes, now, ({ probeAge }) => probeAge)
    .filter((span) => !edits.some((edit) => overlaps(edit, span)))
    .filter((span) => !suspects.some((suspect) => overlaps(suspect, span)))
    .sort((a, b) => a.dueAt - b.dueAt || a.from - b.from);
  return [
    ...narrowed,
    ...spans.map(
      ({ from, to }): Uncut => ({ look: 'probe', window: { from, to }, ask: 'count', requests: 1 }),
    ),
  ];
};

const reads = (situation: Situation, look: Look, windows: readonly Window[]): Uncut[] =>
  windows.map(({ from, to }) => ({
    look,
    window: { from, to },
    ask: 'read',
    requests: expectedRequests(situation, { from, to }),
  }));

const newestFirst = (windows: Window[]): Window[] => windows.reverse();

/**
 * Spans that failed count as covered, and those being read with as much again on both sides, so that the next window
 * lies apart from them: what is between is read when its neighbours are done.
 */
const withBusy = ({ state, busy, skipped, now, policy }: Situation): Coverage =>
  [
    ...busy.map((window) => widen(window, Math.max(REACH_OF_AN_ANSWER, length(window)))),
    ...skipped.filter(({ ask }) => ask === 'read'),
  ].reduce((coverage, window) => coverRead(coverage, window, now, policy), state.coverage);

/** What is left of the orders of a kind, older orders first. */
const ordered = (situation: Situation, look: Look, kind: OrderKind): Uncut[] =>
  situation.state.orders.open
    .filter((order) => order.kind === kind)
    .flatMap(({ id, left }) =>
      reads(situation, look, newestFirst([...left])).map((owed) => ({ ...owed, order: id })),
    );

const OWING: Record<Look, Owing> = {
  live: owedLive,
  'just-ended': owedJustEnded,
  probe: owedProbes,
  edit: (situation) => reads(situation, 'edit', owedEditSpans(situation)),
  gap: (situation) => {
    const { state, policy, now } = situation;
    if (state.liveFrom === undefined) return [];
    return reads(
      situation,
      'gap',
      newestFirst(gapsIn(withBusy(situation), { from: state.liveFrom, to: horizon(now, policy) })),
    );
  },
  proof: (situation) => {
    const { standing, state, now } = situation;
    const unread = owedSpans(state.coverage, standing.proofs, now, ({ readAge }) => readAge);
    return [...ordered(situation, 'proof', 'repair'), ...reads(situation, 'proof', unread)];
  },
  backfill: (situation) => {
    const { state, policy, now } = situation;
    const first = newestFirst(gapsIn(withBusy(situation), backfillSpan(state, policy, now)));
    return [...reads(situation, 'backfill', first), ...ordered(situation, 'backfill', 'backfill')];
  },
};

/** Everything owed, by look, uncut. */
export const owedByLook = (situation: Situation): { look: Look; windows: Uncut[] }[] =>
  LOOKS.filter((look) => situation.only?.includes(look) ?? true).map((look) => ({
    look,
    windows: OWING[look](situation),
  }));

/** Seconds of call time still owed, by look; looks that owe nothing are left out. */
export const owedSeconds = (situation: Situation): Partial<Record<Look, number>> =>
  Object.fromEntries(
    owedByLook(situation)
      .filter(({ windows }) => windows.length > 0)
      .map(({ look, windows }) => [
        look,
        windows.reduce((sum, { window }) => sum + length(window) / SECOND, 0),
      ]),
  );

/** Requests of a tick that every look can count on. */
export const keptShare = (total: number): number => Math.max(1, Math.floor(total * KEPT_SHARE));

/**
 * The next window to ask for within the budget, cut to what it allows; undefined when nothing is owed that fits.
 *
 * Looks are served in the order of LOOKS, but each leaves the ones below it that owe something a tenth of the
 * tick's budget, less what they have spent. Where there is not enough for a tenth each, the first are served.
 */
export const nextWindow = (situation: Situation): OwedWindow | undefined => {
  const { total, left, spent } = situation.budget;
  const share = keptShare(total);
  const unspent = (look: Look) => Math.max(0, share - (spent[look] ?? 0));
  const owed = owedByLook(situation)
    .map(({ look, windows }) => ({
      look,
      windows: windows.filter(
        ({ window, ask }) =>
          !situation.busy.some((other) => overlaps(widen(other, REACH_OF_AN_ANSWER), window)) &&
          !situation.skipped.some((other) => other.ask === ask && overlaps(other, window)),
      ),
    }))
    .filter(({ windows }) => windows.length > 0);
  for (const [index, { look, windows }] of owed.entries()) {
    const kept = owed.slice(index + 1).reduce((sum, below) => sum + unspent(below.look), 0);
    const allowed = Math.floor(Math.max(left - kept, Math.min(left, unspent(look))));
    if (allowed < 1) continue;
    for (const candidate of windows) {
      if (candidate.ask === 'count') return { ...candidate, most: 1 };
      if (candidate.ask === 'filtered') {
        if (candidate.requests <= allowed) return { ...candidate, most: allowed };
        continue;
      }
      const window = cut(situation, candidate.window, allowed, look === 'edit' ? 'oldest' : 'newest');
      const requests = expectedRequests(situation, window);
      if (requests <= allowed || length(window) <= SECOND) {
        // A second can't be cut anew: it is read if the budget allows it at all.
        const whole = look === 'live' || length(window) <= SECOND;
        const most = whole ? allowed : Math.min(allowed, requests * OVERRUN);
        return { ...candidate, window, requests, most };
      }
    }
  }
  return undefined;
};
