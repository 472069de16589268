import { readDay, readPack } from '../../shared/steps/archive-reader.ts';
import type { Account } from '../../shared/contract/account.ts';
import type { IndexedCall } from '../../shared/contract/indexed-call.ts';
import { readLines } from '../../shared/contract/observations.ts';
import { changedFields } from '../../shared/core/call-summary.ts';
import { parseStamp } from '../../shared/core/stamp.ts';
import { istStamp } from '../../shared/core/time.ts';
import { facts, table } from '../columns.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { clockSpan } from '../figures.ts';
import { maskNumber } from '../call-line.ts';
import { withPlace } from '../place/open-place.ts';
import { accountsOf, type Place, type PlaceOptions } from '../place/place.ts';
import type { Terminal } from '../terminal.ts';
import { callDocument } from './calls.ts';

export interface CallOptions extends PlaceOptions {
  readonly full?: boolean;
  readonly raw?: boolean;
}

/** One content of a record, and the request that first brought it. */
interface Revision {
  readonly revision: string;
  /** When its request was sent, UTC ISO. */
  readonly seenAt: string;
  /** Fields that differ from the revision before; empty for the first. */
  readonly changed: readonly string[];
  readonly object: string;
  readonly line: number;
}

/** Records that one call may have, legs and transfers. */
const MOST_LEGS = 50;

/** Everything that is known of one call. */
export const call = async (terminal: Terminal, id: string, options: CallOptions): Promise<ExitCode> =>
  withPlace(options, async (place) => {
    const found: { account: Account; record: IndexedCall }[] = [];
    for (const account of accountsOf(place, options.account)) {
      const byKey = await place.index.load(account.name, [id]);
      const records =
        byKey.size > 0
          ? [...byKey.values()]
          : await place.index.find(account.name, { by: 'callId', callId: id }, MOST_LEGS);
      found.push(...records.map((record) => ({ account, record })));
    }
    if (found.length === 0) throw unknown(id, place);
    if (options.raw) {
      for (const { record } of found) terminal.print(await rawOf(place, record));
      return EXIT.ok;
    }
    const known = await Promise.all(
      found.map(async ({ account, record }) => ({
        record,
        revisions: await revisionsOf(place, account, record),
      })),
    );
    if (terminal.manners.json) {
      terminal.document('call/1', {
        records: known.map(({ record, revisions }) => ({
          ...callDocument(record, options.full ?? false),
          revisions,
        })),
      });
      return EXIT.ok;
    }
    terminal.print(
      known
        .map(({ record, revisions }) => describe(record, revisions, options.full ?? false, terminal))
        .join('\n\n'),
    );
    const [first] = found;
    terminal.say(
      `next: npx smartflo-cdr call ${first?.record.key ?? id} --raw${place.flag} prints the raw record`,
    );
    return EXIT.ok;
  });

/** The archive is read for the day of the call: it alone keeps what was before. */
const revisionsOf = async (place: Place, account: Account, record: IndexedCall): Promise<Revision[]> => {
  const revisions: Revision[] = [];
  let last: IndexedCall | undefined;
  for await (const { lines, object, ...pack } of readDay(place.objects, account.name, record.dt)) {
    const { observations } = readLines({ ...pack, volatilePaths: account.volatilePaths }, object, lines);
    for (const { call: seen } of observations) {
      if (seen.key !== record.key || seen.hash === last?.hash) continue;
      revisions.push({
        revision: pack.stamp,
        seenAt: new Date(parseStamp(pack.stamp)?.sentAt ?? 0).toISOString(),
        changed: last ? changedFields(last.summary, seen.summary) : [],
        object,
        line: seen.line,
      });
      last = seen;
    }
  }
  return revisions;
};

const rawOf = async (place: Place, { object, line }: IndexedCall): Promise<string> => {
  const raw = (await readPack(place.objects, object))?.lines[line];
  if (raw !== undefined) return Buffer.from(raw, 'latin1').toString('utf8');
  throw new Failure('archive-object-missing', 'the index points to an archive object that is not there', {
    came: `${object}, line ${line}`,
    wanted: 'the raw record',
    cure: `npx smartflo-cdr prove${place.flag} finds what is missing and fetches it again`,
    exit: EXIT.finding,
  });
};

const describe = (
  { account, key, dt, summary, object, line, seen }: IndexedCall,
  revisions: readonly Revision[],
  full: boolean,
  terminal: Terminal,
): string => {
  const number = (text: string | undefined) => (text === undefined ? '' : full ? text : maskNumber(text));
  const at = (instant: number | undefined) => (instant === undefined ? '' : istStamp(instant));
  const seconds = (value: number | undefined) => (value === undefined ? '' : clockSpan(value));
  const said = facts(
    [
      ['id', key],
      ['call_id', summary.callId ?? ''],
      ['account', account],
      ['day', dt],
      ['started', at(summary.startAt)],
      ['ended', at(summary.endAt)],
      ['direction', summary.direction ?? ''],
      ['status', summary.status ?? ''],
      ['length', seconds(summary.durationSeconds)],
      ['answered', seconds(summary.answeredSeconds)],
      ['customer', number(summary.customer)],
      ['did', number(summary.did)],
      ['agents', (summary.agents ?? []).join(', ')],
      ['department', summary.department ?? ''],
      ['campaign', summary.campaign ?? ''],
      ['disposition', summary.disposition ?? ''],
      ['hang-up cause', summary.hangupCause ?? ''],
      ['recording', summary.hasRecording === true ? 'yes' : 'no'],
      ['last seen', at(parseStamp(seen)?.sentAt)],
      ['archive', object],
      ['line', String(line)],
    ],
    terminal.output.columns,
  );
  const rows = revisions.map(({ revision, seenAt, changed }) => [
    istStamp(Date.parse(seenAt)),
    changed.length === 0 ? 'created' : 'changed',
    changed.join(', '),
    `${account}/${key}/${revision}`,
  ]);
  return `${said}\n\n${table(['seen (India)', 'event', 'what changed', 'dedupe key of its event'], rows, terminal.output.columns)}`;
};

const unknown = (id: string, place: Place): Failure =>
  new Failure('call-unknown', 'no such call is in the index', {
    came: id,
    wanted: 'the id or call_id of a record, as the source spells it',
    cure: `npx smartflo-cdr calls --day 2024-05-09${place.flag} lists calls with their ids`,
    exit: EXIT.finding,
  });
