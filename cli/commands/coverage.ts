import { policyOf } from '../../shared/contract/account.ts';
import type { Verdict } from '../../shared/contract/day-proof.ts';
import { type AccountState } from '../../shared/core/account-state.ts';
import { coveredIn, gapsIn } from '../../shared/core/coverage.ts';
import { backfillSpan, fetchFrom, horizon } from '../../shared/core/planner.ts';
import { type Policy, PROOF_AGE } from '../../shared/core/policy.ts';
import {
  DAY,
  type EpochMs,
  HOUR,
  istBlockStart,
  istDate,
  MINUTE,
  parseIstDate,
} from '../../shared/core/time.ts';
import { contains } from '../../shared/core/window.ts';
import { newestManifest } from '../../shared/steps/day-manifests.ts';
import { keyed } from '../columns.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { count } from '../figures.ts';
import { withPlace } from '../place/open-place.ts';
import { accountsOf, type Place, type PlaceOptions } from '../place/place.ts';
import { NARROW_COLUMNS, type Terminal } from '../terminal.ts';

export interface CoverageOptions extends PlaceOptions {
  readonly month?: string;
}

/** What an hour of call time is in: a letter each, for a terminal of any kind. */
const SIGNS = {
  proven: 'P',
  settling: 's',
  covered: 'c',
  exception: 'X',
  gap: 'G',
  unwanted: '.',
} as const;
type HourState = keyof typeof SIGNS;

interface DayRow {
  readonly account: string;
  readonly dt: string;
  readonly verdict: Verdict | undefined;
  /** 24 of them, from midnight in India on. */
  readonly hours: readonly HourState[];
}

const daysOf = (month: string | undefined, now: EpochMs): string[] => {
  if (month === undefined) return Array.from({ length: 31 }, (_, back) => istDate(now - (30 - back) * DAY));
  const first = /^\d{4}-\d{2}$/.test(month) ? parseIstDate(`${month}-01`) : undefined;
  if (first === undefined)
    throw new Failure('usage', 'this is no month', {
      came: month,
      wanted: 'a month like 2024-05',
      cure: 'npx smartflo-cdr coverage --month 2024-05',
      exit: EXIT.usage,
    });
  const days: string[] = [];
  for (let at = first; istDate(at).startsWith(month); at += DAY) days.push(istDate(at));
  return days.filter((day) => day <= istDate(now));
};

/** A calendar of hours. Exit 3 where there is a gap or an exception. */
export const coverage = async (terminal: Terminal, options: CoverageOptions): Promise<ExitCode> =>
  withPlace(options, async (place) => {
    const now = Date.now();
    const days = daysOf(options.month, now);
    const rows: DayRow[] = [];
    let newest: string | undefined;
    for (const account of accountsOf(place, options.account)) {
      const state = (await place.ledger.load(account.name))?.value;
      const last = state?.coverage.at(-1)?.to;
      if (last !== undefined && (newest === undefined || istDate(last - 1) > newest))
        newest = istDate(last - 1);
      for (const dt of days) {
        const manifest = await newestManifest(place, account.name, dt);
        const hours = state ? hoursOf(dt, state, policyOf(account), now, manifest?.verdict) : [];
        rows.push({ account: account.name, dt, verdict: manifest?.verdict, hours });
      }
    }
    const states = rows.flatMap(({ hours }) => hours);
    const exit = states.some((state) => state === 'gap' || state === 'exception') ? EXIT.finding : EXIT.ok;
    if (terminal.manners.json) {
      terminal.document('coverage/1', { days: rows, exit });
      return exit;
    }
    draw(terminal, place, rows);
    const tally = (state: HourState) => states.filter((each) => each === state).length;
    terminal.say(
      `${count(tally('proven'))} hours proven, ${count(tally('covered') + tally('settling'))} covered, ${count(tally('gap'))} with a gap, ${count(tally('exception'))} with an exception`,
    );
    terminal.say(`next: ${nextCommand(rows, newest)}${place.flag}`);
    return exit;
  });

/** Where none of these hours was read, the month that was; else the proof of the days that were. */
const nextCommand = (rows: readonly DayRow[], newest: string | undefined): string => {
  const read = rows.filter(({ hours }) => hours.some((state) => state !== 'unwanted')).map(({ dt }) => dt);
  const [first = ''] = read;
  if (read.length > 0) return `npx smartflo-cdr prove --from ${first} --to ${read.at(-1) ?? first}`;
  return newest === undefined
    ? 'npx smartflo-cdr status'
    : `npx smartflo-cdr coverage --month ${newest.slice(0, 7)}`;
};

const hoursOf = (
  dt: string,
  state: AccountState,
  policy: Policy,
  now: EpochMs,
  verdict: Verdict | undefined,
): HourState[] => {
  const midnight = parseIstDate(dt) ?? 0;
  const wantedFrom = Math.min(
    fetchFrom(state, policy),
    ...state.coverage.slice(0, 1).map(({ from }) => from),
  );
  const backfill = backfillSpan(state, policy, now);
  // What lies between the end of a span and the first live look was never asked for.
  const wanted = (from: EpochMs) =>
    from >= wantedFrom &&
    (contains(backfill, from) ||
      from >= (state.liveFrom ?? Number.POSITIVE_INFINITY) ||
      coveredIn(state.coverage, { from, to: from + HOUR }).length > 0);
  return Array.from({ length: 24 }, (_, hour): HourState => {
    const from = midnight + hour * HOUR;
    const window = { from, to: Math.min(from + HOUR, horizon(now, policy)) };
    if (window.from >= window.to || !wanted(Math.max(from, istBlockStart(wantedFrom, MINUTE))))
      return 'unwanted';
    const asked = { from: Math.max(window.from, wantedFrom), to: window.to };
    if (asked.from >= asked.to) return 'unwanted';
    if (state.exceptions.some(({ at }) => contains(window, at))) return 'exception';
    if (gapsIn(state.coverage, asked).length > 0) return 'gap';
    if (verdict === 'proven') return 'proven';
    return coveredIn(state.coverage, asked).every(({ readAge }) => readAge >= PROOF_AGE)
      ? 'covered'
      : 'settling';
  });
};

const draw = (terminal: Terminal, place: Place, rows: readonly DayRow[]): void => {
  const narrow = terminal.output.columns < NARROW_COLUMNS;
  const several = place.accounts.length > 1;
  const line = ({ account, dt, hours, verdict }: DayRow) => {
    const signs = hours.map((state) => SIGNS[state]);
    const text = signs.length === 0 ? 'nothing asked yet' : narrow ? signs.join('') : groups(signs);
    return narrow
      ? keyed([[several ? `${account} ${dt.slice(5)}` : dt.slice(5), text]], terminal.output.columns)
      : `${several ? `${account.padEnd(12)} ` : ''}${dt}  ${text}  ${verdict ?? ''}`.trimEnd();
  };
  const head = `${several ? ' '.repeat(13) : ''}${' '.repeat(12)}00     06     12     18`;
  terminal.print([...(narrow ? [] : [head]), ...rows.map(line)].join('\n'));
  terminal.print(
    `\n${Object.entries(SIGNS)
      .map(([state, sign]) => `${sign} ${state}`)
      .join(narrow ? '\n' : '   ')}`,
  );
};

const groups = (signs: readonly string[]): string =>
  [0, 6, 12, 18].map((from) => signs.slice(from, from + 6).join('')).join(' ');
