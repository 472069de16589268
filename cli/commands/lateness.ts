import { type Account, policyOf } from '../../shared/contract/account.ts';
import { MINUTE, type Ms, SECOND } from '../../shared/core/time.ts';
import { readDay } from '../../shared/steps/archive-reader.ts';
import {
  type Delays,
  ENOUGH,
  type Lateness,
  LatenessTally,
  recommendedLooks,
} from '../../shared/steps/lateness.ts';
import { table, wrapped } from '../columns.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { count, counted, span } from '../figures.ts';
import { withPlace } from '../place/open-place.ts';
import { accountsOf, type PlaceOptions } from '../place/place.ts';
import type { Terminal } from '../terminal.ts';
import { daysOf } from './prove.ts';

export interface LatenessOptions extends PlaceOptions {
  readonly from?: string;
  readonly to?: string;
}

interface Measured {
  readonly account: Account;
  readonly lateness: Lateness;
}

/** How late calls were, measured in the archive, and what looks that asks for. */
export const lateness = async (terminal: Terminal, options: LatenessOptions): Promise<ExitCode> => {
  const days = daysOf(options, Date.now(), 'lateness');
  return withPlace(options, async (place) => {
    const measured: Measured[] = [];
    for (const account of accountsOf(place, options.account)) {
      const tally = new LatenessTally(account.volatilePaths);
      for (const [at, day] of days.entries()) {
        terminal.stand(`reading ${account.name}, ${day} (${at} of ${days.length} days)`);
        for await (const pack of readDay(place.objects, account.name, day)) tally.add(pack);
        tally.endDay();
      }
      measured.push({ account, lateness: tally.result() });
    }
    terminal.stand('');
    const exit = measured.every((one) => one.lateness.calls === 0) ? EXIT.finding : EXIT.ok;
    if (terminal.manners.json)
      terminal.document('lateness/1', {
        from: days[0],
        to: days.at(-1),
        accounts: measured.map((one) => document(one)),
      });
    else {
      for (const one of measured) show(terminal, days, one);
      terminal.say(
        exit === EXIT.ok
          ? `next: npx smartflo-cdr lateness --from ${days[0] ?? ''} --to ${days.at(-1) ?? ''} --json${place.flag} spells the looks as cdk.json takes them`
          : `next: npx smartflo-cdr coverage${place.flag} shows the days that have calls`,
      );
    }
    return exit;
  });
};

type Looks = readonly { readonly age: Ms; readonly block: Ms }[];

const inSeconds = ({ records, p50, p90, p99, max }: Delays) => ({
  records,
  p50: p50 / SECOND,
  p90: p90 / SECOND,
  p99: p99 / SECOND,
  max: max / SECOND,
});

/** As the configuration spells them, to be copied there. */
const configured = (looks: Looks | undefined) =>
  looks?.map(({ age, block }) => ({ ageMinutes: age / MINUTE, blockMinutes: block / MINUTE }));

const document = ({ account, lateness: found }: Measured): object => {
  const { probes, edits } = policyOf(account);
  const recommended = recommendedLooks(found);
  return {
    account: account.name,
    calls: found.calls,
    untold: found.untold,
    fetchedLater: found.fetchedLater,
    secondsAfterEnd: {
      inserted: inSeconds(found.inserted),
      firstSeen: inSeconds(found.firstSeen),
      lastChange: inSeconds(found.lastChange),
    },
    looks: {
      probes: { configured: configured(probes), recommended: configured(recommended.probes) ?? null },
      edits: { configured: configured(edits), recommended: configured(recommended.edits) ?? null },
    },
  };
};

const delay = (value: Ms): string => (value < 0 ? `-${span(-value)}` : span(value));

const show = (terminal: Terminal, days: readonly string[], one: Measured): void => {
  const { account, lateness: found } = one;
  const { columns } = terminal.output;
  const row = (name: string, { records, p50, p90, p99, max }: Delays): string[] => [
    name,
    count(records),
    ...(records === 0 ? ['-', '-', '-', '-'] : [p50, p90, p99, max].map(delay)),
  ];
  terminal.print(
    wrapped(
      `${account.name}, ${days[0] ?? ''} to ${days.at(-1) ?? ''}: ${counted(found.calls, 'call')}`,
      columns,
    ),
  );
  if (found.calls === 0) return;
  terminal.print(
    table(
      ['after the end of the call', 'calls', 'p50', 'p90', 'p99', 'max'],
      [
        row('stored by the source', found.inserted),
        row('first seen', found.firstSeen),
        row('last change seen', found.lastChange),
      ],
      columns,
      [1, 2, 3, 4, 5],
    ),
  );
  const { probes, edits } = policyOf(account);
  const recommended = recommendedLooks(found);
  const ages = (looks: Looks): string => looks.map(({ age }) => span(age)).join(', ');
  const advice = (looks: Looks | undefined, what: string): string =>
    looks ? ages(looks) : `as configured: fewer than ${count(ENOUGH)} calls ${what}`;
  terminal.print(
    table(
      ['look', 'ages configured', 'ages recommended'],
      [
        ['counts (probes)', ages(probes), advice(recommended.probes, 'were late')],
        ['reads (edits)', ages(edits), advice(recommended.edits, 'changed')],
      ],
      columns,
    ),
  );
  if (found.untold > 0)
    terminal.say(`${counted(found.untold, 'call')} without a readable end or ObjectId left out`);
  if (found.fetchedLater > 0)
    terminal.say(
      `${counted(found.fetchedLater, 'call')} fetched over 26 h after the source had stored them: only the first line counts them`,
    );
};
