import { HOUR, MINUTE, type EpochMs, type Ms, SECOND } from '../../shared/core/time.ts';
import type { CallSight } from './call-sight.ts';

/** One call that a test wants to be there, whatever the seed; it gives one record. Lengths in whole ms. */
export interface PlantedCall {
  readonly startAt: EpochMs;
  /** From start to hang-up. */
  readonly life: Ms;
  /** From hang-up to insert. Default: 2.5 s. */
  readonly insertDelay?: Ms;
  /** From insert to removal. Default: never. */
  readonly goneAfter?: Ms;
  /** Default: true. */
  readonly answered?: boolean;
  /** When it is edited, after insert, oldest first. Default: as the seed draws it. */
  readonly editsAfter?: readonly Ms[];
}

/** What calls there are. Read once, when the world is made. Shares are 0 to 1. */
export interface CallKnobs {
  /** Calls that start in a minute, the day's mean. */
  callsPerMinute: number;
  /** 0: the same all day. 1: India's office hours, ten times the night. */
  dayCurve: number;
  /** Share of calls that nobody answers (10 to 45 s long). */
  missedShare: number;
  /** Share of calls that give a second record with the same `call_id`: a transfer. */
  legShare: number;
  /** Share of calls that belong to a broadcast. */
  broadcastShare: number;
  /** Share of records that are inserted long after hang-up; the others take 2 to 3 s. */
  lateShare: number;
  /** How long after hang-up a late record is inserted, at least and at most. */
  lateFrom: Ms;
  lateTo: Ms;
  /** Share of records that the vendor removes again, and how long after insert. */
  vanishShare: number;
  vanishFrom: Ms;
  vanishTo: Ms;
  /** Share whose `call_duration` is only 0.88 to 0.99 of end − start. */
  understatedShare: number;
  /** Calls besides the drawn ones, at any time. */
  planted: readonly PlantedCall[];
}

/** How records change after first sight (open questions 10 and 11). Read once, when the world is made. */
export interface EditKnobs {
  /** Share of records that get disposition, notes, contact or rating later: one to three edits each. */
  share: number;
  /** How long after insert an edit comes, at least and at most; each order of magnitude as likely as the next. */
  from: Ms;
  to: Ms;
  /** Of the edited records, how many go back to exactly their first content. */
  revertShare: number;
  /** Share of recordings whose URL is null at first and is filled in 1 to 10 min after insert. */
  recordingLateShare: number;
  /** False: every edit gives the record a new `id`. */
  idSurvives: boolean;
}

/** Who a record is. Such records are never edited nor removed: their key is their content. Read once. */
export interface IdentityKnobs {
  /** Share of records without a usable `id`: absent, null or "". */
  missingShare: number;
  /** Share of records that come with a twin: same `id`, same second, other content. */
  repeatedShare: number;
  /** Share of records whose `id` is a number, a UUID, very long, or full of slashes, quotes and the like. */
  hostileShare: number;
}

/** Shapes of the fields. Read once, when the world is made. */
export interface DriftKnobs {
  /** The chance of each shape of drift.ts on each record. */
  share: number;
  /** Share of records whose `date`, `time` or `end_stamp` can't be read. */
  hostileDateShare: number;
  /** Share of records with a note of `hugeBytes` characters. */
  hugeShare: number;
  hugeBytes: number;
}

export type TimeField = 'start' | 'end' | 'insert';

/** How a query is answered: open questions 1 to 9, 12, 13, 17. May be turned while the fake runs. */
export interface ListingKnobs {
  /** The largest page that is served. */
  limitCap: number;
  /** What the envelope's `limit` says then: the page size used, or what was asked for (a silent cap). */
  limitEcho: 'used' | 'asked';
  defaultLimit: number;
  /** What `count`, `limit`, `size` and `page` arrive as. */
  numbersAs: 'number' | 'string';
  pastTheEnd: 'empty' | 'last-page' | 'error';
  /** Rows that lie deeper than this are not served. */
  wallRows: number;
  atTheWall: 'error' | 'empty';
  sortBy: TimeField | 'id';
  order: 'desc' | 'asc';
  /** Rows of one second: always in the same order, or in another one for each request. */
  ties: 'stable' | 'shuffled';
  fromInclusive: boolean;
  toInclusive: boolean;
  /** True: times are compared with their fractions, so 12:00:00.4 is after `to_date` 12:00:00. */
  subSecond: boolean;
  filterOn: TimeField;
  /** The widest span of one query. */
  spanCap: Ms;
  /** What a wider one gets: an error, only its newest part, or the range as if no dates were given. */
  aboveSpanCap: 'error' | 'truncated' | 'ignored';
  /** The range when a date is missing: up to now, this long; Infinity is the whole history. */
  defaultRange: Ms;
  /** Parameters that are silently ignored although they are spelt right. */
  ignoredParameters: Set<string>;
  /** Whether `count` moves while calls land, or stays as it was when the query's page 1 was asked for. */
  count: 'moving' | 'frozen';
  /** Share of pages after the first whose rows have shifted by up to `shiftRows`, up or down. */
  shiftShare: number;
  shiftRows: number;
  /** True: the recording URL's token differs from read to read. */
  rotatingTokens: boolean;
  /** True: broadcast calls are left out unless the `broadcast` parameter asks for them. */
  broadcastOnRequest: boolean;
  /** Records that are neither listed nor counted. Pure; assign another function to change it. */
  hidden: ((call: CallSight) => boolean) | undefined;
  /** Records that are counted but never listed: their window never settles. Pure, as `hidden`. */
  unlisted: ((call: CallSight) => boolean) | undefined;
  /** How far back the source answers; Infinity: everything there is. A finite one hides the official sample too. */
  historyDepth: Ms;
  /** White space between tokens. */
  layout: 'minified' | 'pretty';
  /** Over HTTP: gzip the body for those who accept it. */
  gzip: boolean;
}

/** Credentials: open question 14. May be turned while the fake runs. */
export interface AuthKnobs {
  logins: readonly { readonly email: string; readonly password: string }[];
  /** Portal tokens, good for ever. */
  tokens: readonly string[];
  /** Life of a token that a login gives, in seconds. */
  expiresIn: number;
  /** Requests after which such a token dies before its hour. */
  diesAfterRequests: number;
  numberOfDaysLeft: number;
  /** What a dead or unknown token gets: 401, or 200 with `success: false`. */
  refusal: '401' | '200';
  rejectedLoginStatus: 200 | 401 | 422;
  /** Failed logins that lock the account, and for how long. */
  lockAfter: number;
  lockFor: Ms;
  /** How the lock is told; both bodies carry `retry_after`, India time. */
  lockStatus: 200 | 429;
}

/** May be turned while the fake runs. */
export interface RateKnobs {
  /** Requests in one second of the clock above which 429 comes, all routes together. */
  cps: number;
  /** Seconds for the `Retry-After` header of a 429; undefined: no header (open question 15). */
  retryAfter: number | undefined;
}

/**
 * What can go wrong with one request:
 * - `unauthorized` 401, `forbidden` 403, with a token that is good
 * - `token-death` 401, and the token is dead from then on
 * - `rate-limited` 429 · `server-error` 500 · `bad-gateway` 502 with HTML · `gateway-timeout` 504 after 29 s
 * - `failure-200` 200 with `success: false` · `html` 200 with HTML · `not-a-page` 200 with JSON that has no results
 * - `truncated` a body that ends too soon, in good order · `cut` the same, and the connection dies
 * - `reset` no answer at all · `slow` a whole answer, late
 * - `redirect` 302 to another host · `deep`, `huge` bodies against which a reader needs limits
 */
export type FaultKind =
  | 'unauthorized'
  | 'forbidden'
  | 'token-death'
  | 'rate-limited'
  | 'server-error'
  | 'bad-gateway'
  | 'gateway-timeout'
  | 'failure-200'
  | 'html'
  | 'not-a-page'
  | 'truncated'
  | 'cut'
  | 'reset'
  | 'slow'
  | 'redirect'
  | 'deep'
  | 'huge';

/** One planned fault; all conditions that are given must hold. */
export interface PlannedFault {
  readonly kind: FaultKind;
  /** First and last request for records, counted from 1, both included. */
  readonly requests?: readonly [first: number, last: number];
  /** From this instant (included) to that one (excluded). */
  readonly between?: readonly [from: EpochMs, to: EpochMs];
  /** Only where this page is asked for. */
  readonly page?: number;
}

/** What goes wrong on the way, for `GET /v1/call/records`. May be turned while the fake runs. */
export interface FaultKnobs {
  /** Share of requests that get one of `kinds`, drawn from the seed and the request's number. */
  share: number;
  kinds: readonly FaultKind[];
  plan: readonly PlannedFault[];
  /** How long every answer takes. */
  latency: Ms;
  /** How long a `slow` answer takes. */
  slowFor: Ms;
  /** Characters of a `huge` body. */
  hugeBytes: number;
  /** Nesting of a `deep` body. */
  depth: number;
}

/** All that is UNKNOWN or may go wrong, as one object. */
export interface Knobs {
  calls: CallKnobs;
  edits: EditKnobs;
  identity: IdentityKnobs;
  drift: DriftKnobs;
  listing: ListingKnobs;
  auth: AuthKnobs;
  rate: RateKnobs;
  faults: FaultKnobs;
}

export type KnobChanges = { readonly [Group in keyof Knobs]?: Partial<Knobs[Group]> };

/**
 * A fresh set of knobs. The defaults are a calm source that does what smartflo-api.md holds for KNOWN or LIKELY:
 * nothing late, nothing changes, nothing fails.
 */
export const turnKnobs = (changes: KnobChanges = {}): Knobs => ({
  calls: {
    callsPerMinute: 6,
    dayCurve: 0,
    missedShare: 0.25,
    legShare: 0.03,
    broadcastShare: 0.02,
    lateShare: 0,
    lateFrom: 30 * SECOND,
    lateTo: 25 * MINUTE,
    vanishShare: 0,
    vanishFrom: MINUTE,
    vanishTo: 12 * HOUR,
    understatedShare: 0.05,
    planted: [],
    ...changes.calls,
  },
  edits: {
    share: 0,
    from: MINUTE,
    to: 24 * HOUR,
    revertShare: 0.1,
    recordingLateShare: 0,
    idSurvives: true,
    ...changes.edits,
  },
  identity: { missingShare: 0, repeatedShare: 0, hostileShare: 0, ...changes.identity },
  drift: { share: 0, hostileDateShare: 0, hugeShare: 0, hugeBytes: 400_000, ...changes.drift },
  listing: {
    limitCap: 1000,
    limitEcho: 'used',
    defaultLimit: 20,
    numbersAs: 'number',
    pastTheEnd: 'empty',
    wallRows: Infinity,
    atTheWall: 'error',
    sortBy: 'start',
    order: 'desc',
    ties: 'stable',
    fromInclusive: true,
    toInclusive: true,
    subSecond: false,
    filterOn: 'start',
    spanCap: Infinity,
    aboveSpanCap: 'error',
    defaultRange: Infinity,
    count: 'moving',
    shiftShare: 0,
    shiftRows: 3,
    rotatingTokens: false,
    broadcastOnRequest: false,
    hidden: undefined,
    unlisted: undefined,
    historyDepth: Infinity,
    layout: 'minified',
    gzip: false,
    ...changes.listing,
    ignoredParameters: new Set(changes.listing?.ignoredParameters),
  },
  auth: {
    logins: [{ email: 'fake-login', password: 'fake-password' }],
    tokens: ['fake-token'],
    expiresIn: 3600,
    diesAfterRequests: Infinity,
    numberOfDaysLeft: 60,
    refusal: '401',
    rejectedLoginStatus: 401,
    lockAfter: 5,
    lockFor: 30 * MINUTE,
    lockStatus: 429,
    ...changes.auth,
  },
  rate: { cps: Infinity, retryAfter: undefined, ...changes.rate },
  faults: {
    share: 0,
    kinds: ['server-error', 'rate-limited', 'html', 'truncated', 'reset'],
    plan: [],
    latency: 0,
    slowFor: 5 * SECOND,
    hugeBytes: 64 * 1024 * 1024,
    depth: 100_000,
    ...changes.faults,
  },
});
