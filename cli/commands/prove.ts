import * as z from 'zod';
import { type Account } from '../../shared/contract/account.ts';
import { type DayManifest, DayReport, DIFFERENCE_KINDS } from '../../shared/contract/day-proof.ts';
import type { ProveInput } from '../../shared/contract/prove-order.ts';
import { DAY, istDate, parseIstDate } from '../../shared/core/time.ts';
import { table } from '../columns.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure, tell } from '../failure.ts';
import { count, counted, span } from '../figures.ts';
import { openPlace } from '../place/open-place.ts';
import { accountsOf, type Place, type PlaceOptions } from '../place/place.ts';
import { workOff } from '../place/work-off.ts';
import type { Terminal } from '../terminal.ts';

export interface ProveOptions extends PlaceOptions {
  readonly day?: string;
  readonly from?: string;
  readonly to?: string;
  readonly anew?: boolean;
  readonly heal: boolean;
}

/** Without a day: as many as the look at 8 days reaches back, and one. */
const USUAL_DAYS = 9;
/** Days of one invocation: it must end within a function's time. */
const DAYS_AT_ONCE = 5;
const MOST_DAYS = 400;

const Reports = z.array(DayReport);

/** The IST dates that are meant, oldest first. @throws {Failure} whose cure is the same `command` */
export const daysOf = (
  { day, from, to }: { day?: string | undefined; from?: string | undefined; to?: string | undefined },
  now: number,
  command = 'prove',
): string[] => {
  if (day !== undefined && (from !== undefined || to !== undefined))
    throw new Failure('usage', 'name one day, or a span', {
      came: '--day beside --from or --to',
      wanted: '--day D, or --from A --to B',
      cure: 'npx smartflo-cdr prove --day 2024-05-09',
      exit: EXIT.usage,
    });
  if (day !== undefined) return [day];
  const yesterday = istDate(now - DAY);
  const first = parseIstDate(from ?? istDate(now - USUAL_DAYS * DAY)) ?? now;
  const last = parseIstDate(to ?? yesterday) ?? now;
  const days: string[] = [];
  for (let at = first; at <= last && days.length <= MOST_DAYS; at += DAY) days.push(istDate(at));
  if (days.length > 0 && days.length <= MOST_DAYS) return days;
  throw new Failure(
    'range-empty',
    days.length === 0 ? 'there is no day between them' : 'too many days at once',
    {
      came: `${from ?? ''} to ${to ?? yesterday}`,
      wanted: `--from before --to, ${MOST_DAYS} days at most`,
      cure: `npx smartflo-cdr ${command} --from 2024-05-01 --to 2024-05-31`,
      exit: EXIT.usage,
    },
  );
};

const proveDays = async (
  terminal: Terminal,
  place: Place,
  accounts: readonly Account[],
  days: readonly string[],
  anew: boolean,
): Promise<DayReport[]> => {
  const reports: DayReport[] = [];
  for (let at = 0; at < days.length; at += DAYS_AT_ONCE) {
    const some = days.slice(at, at + DAYS_AT_ONCE);
    terminal.stand(`proving ${some[0] ?? ''} (${at} of ${days.length} days)`);
    const order: ProveInput = {
      scheduledAt: new Date().toISOString(),
      accounts: [...accounts],
      days: some,
      ...(anew && { anew }),
    };
    reports.push(...Reports.parse(await place.invoke('prover', order)));
  }
  terminal.stand('');
  return reports;
};

/** Proves days, has made good what differs, and proves those again. Exit 3 unless all are proven. */
export const prove = async (terminal: Terminal, options: ProveOptions): Promise<ExitCode> => {
  const days = daysOf(options, Date.now());
  let place = await openPlace(options);
  try {
    const accounts = accountsOf(place, options.account);
    let reports = await proveDays(terminal, place, accounts, days, options.anew ?? false);
    const differing = reports.filter(({ verdict }) => verdict === 'differs');
    if (options.heal && differing.length > 0) {
      for (const report of differing) terminal.say(differenceLine(report));
      const worked = await workOff(terminal, place, options.data);
      ({ place } = worked);
      // The verdict is shown all the same.
      if (worked.trouble) tell(terminal, worked.trouble, false);
      const again = [...new Set(differing.map(({ dt }) => dt))];
      const proven = await proveDays(terminal, place, accounts, again, true);
      reports = reports.map(
        (report) =>
          proven.find(({ account, dt }) => account === report.account && dt === report.dt) ?? report,
      );
    }
    return show(terminal, place, reports);
  } finally {
    await place.close();
  }
};

const show = (terminal: Terminal, place: Place, reports: readonly DayReport[]): ExitCode => {
  const exit = reports.every(({ verdict }) => verdict === 'proven') ? EXIT.ok : EXIT.finding;
  if (terminal.manners.json) {
    terminal.document('prove/1', { days: reports, exit });
    return exit;
  }
  const several = new Set(reports.map(({ account }) => account)).size > 1;
  terminal.print(
    table(
      [...(several ? ['account'] : []), 'day', 'source', 'archive', 'index', 'verdict'],
      reports.map(({ account, dt, manifest, ...report }) => [
        ...(several ? [account] : []),
        dt,
        manifest ? count(manifest.source.records) : '-',
        manifest ? count(manifest.archive.records) : '-',
        manifest ? count(manifest.index.records) : '-',
        verdictText(report, manifest),
      ]),
      terminal.output.columns,
      several ? [2, 3, 4] : [1, 2, 3],
    ),
  );
  const unproven = reports.filter(({ verdict }) => verdict !== 'proven').length;
  terminal.say(
    unproven === 0
      ? `${counted(reports.length, 'day')} proven: nothing that this credential may see is missing`
      : `${count(unproven)} of ${counted(reports.length, 'day')} not proven`,
  );
  const differs = reports.find(({ verdict }) => verdict === 'differs');
  const id = differs && Object.values(differs.manifest?.named ?? {}).flat()[0];
  if (id !== undefined) terminal.say(`next: npx smartflo-cdr call ${id}${place.flag}`);
  else terminal.say(`next: npx smartflo-cdr coverage${place.flag}`);
  return exit;
};

const WHY: Readonly<Record<NonNullable<DayReport['reason']>, string>> = {
  'not-over': 'the day has not ended',
  'not-due': 'not due yet',
  'not-read': 'not asked yet',
  'queue-not-empty': 'messages on their way',
  'out-of-time': 'run it again',
};

const verdictText = (
  { verdict, reason, unreadSeconds }: Pick<DayReport, 'verdict' | 'reason' | 'unreadSeconds'>,
  manifest: DayManifest | undefined,
): string => {
  if (reason !== undefined) {
    const unread = unreadSeconds === undefined ? '' : `, ${span(unreadSeconds * 1000)} unread`;
    return `${verdict}: ${WHY[reason]}${unread}`;
  }
  if (verdict !== 'differs' || !manifest) {
    const vanished = manifest?.vanished ?? 0;
    return vanished > 0 ? `${verdict}, ${count(vanished)} vanished at the source` : verdict;
  }
  return `differs: ${differences(manifest)}`;
};

const differences = (manifest: DayManifest): string =>
  [
    ...DIFFERENCE_KINDS.filter((kind) => manifest.counts[kind] > 0).map(
      (kind) => `${count(manifest.counts[kind])} ${kind} (${shortList(manifest.named[kind])})`,
    ),
    ...(manifest.unshown > 0 ? [`${count(manifest.unshown)} counted and never shown`] : []),
  ].join(', ');

const shortList = (ids: readonly string[]): string =>
  ids.length > 3 ? `${ids.slice(0, 3).join(', ')}, ...` : ids.join(', ');

const differenceLine = ({ dt, manifest }: DayReport): string =>
  `${dt} differs: ${manifest ? differences(manifest) : ''}`;
