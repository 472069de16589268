import type { IndexedCall } from '../../shared/contract/indexed-call.ts';
import { toE164 } from '../../shared/core/phone.ts';
import { istStamp } from '../../shared/core/time.ts';
import type { CallFilter } from '../../shared/ports/call-index.ts';
import { maskNumber } from '../call-line.ts';
import { table } from '../columns.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { clockSpan, counted } from '../figures.ts';
import { withPlace } from '../place/open-place.ts';
import { accountsOf, type PlaceOptions } from '../place/place.ts';
import type { Terminal } from '../terminal.ts';

export interface CallsOptions extends PlaceOptions {
  readonly customer?: string;
  readonly agent?: string;
  readonly did?: string;
  readonly day?: string;
  readonly status?: string;
  readonly limit: number;
  readonly full?: boolean;
}

/** What a day is asked for where no status is named: the two that the vendor documents, and none. */
const STATUSES = ['answered', 'missed', 'unknown'];

/** @throws {Failure} unless exactly one thing is named. */
const filtersOf = ({ customer, agent, did, day, status }: CallsOptions): CallFilter[] => {
  const filters: CallFilter[][] = [];
  if (customer !== undefined) filters.push([{ by: 'customer', customer: toE164(customer) ?? customer }]);
  if (agent !== undefined) filters.push([{ by: 'agent', agent }]);
  if (did !== undefined) filters.push([{ by: 'did', did: toE164(did) ?? did }]);
  if (day !== undefined)
    filters.push(
      (status === undefined ? STATUSES : [status]).map((each) => ({ by: 'day', dt: day, status: each })),
    );
  const [only] = filters;
  if (only && filters.length === 1 && (status === undefined || day !== undefined)) return only;
  throw new Failure('usage', 'name one thing to find calls by', {
    came: filters.length === 0 ? 'none of them' : 'several at once',
    wanted: 'one of --customer, --agent, --did, --day (and --status with --day only)',
    cure: 'npx smartflo-cdr calls --day 2024-05-09',
    exit: EXIT.usage,
  });
};

/** A call as lists show it. */
export const callRow = ({ key, summary }: IndexedCall, full: boolean): string[] => {
  const number = (text: string | undefined) => (text === undefined ? '' : full ? text : maskNumber(text));
  return [
    summary.startAt === undefined ? '' : istStamp(summary.startAt),
    summary.direction ?? '',
    summary.status ?? '',
    summary.durationSeconds === undefined ? '' : clockSpan(summary.durationSeconds),
    number(summary.customer),
    (summary.agents ?? []).join(', '),
    key,
  ];
};
const HEAD = ['started (India)', 'direction', 'status', 'length', 'customer', 'agents', 'id'];

/** The document's form of a call: numbers masked unless they are asked for. */
export const callDocument = ({ summary, ...call }: IndexedCall, full: boolean): object => ({
  ...call,
  summary: full
    ? summary
    : {
        ...summary,
        ...(summary.customer !== undefined && { customer: maskNumber(summary.customer) }),
        ...(summary.did !== undefined && { did: maskNumber(summary.did) }),
      },
});

/** Calls from the index, newest first. */
export const calls = async (terminal: Terminal, options: CallsOptions): Promise<ExitCode> => {
  const filters = filtersOf(options);
  return withPlace(options, async (place) => {
    const full = options.full ?? false;
    const found: IndexedCall[] = [];
    for (const { name } of accountsOf(place, options.account))
      for (const filter of filters)
        found.push(...(await find(() => place.index.find(name, filter, options.limit + 1))));
    found.sort((a, b) => (b.summary.startAt ?? 0) - (a.summary.startAt ?? 0));
    const shown = found.slice(0, options.limit);
    const more = found.length > shown.length;
    if (terminal.manners.json) {
      terminal.document('calls/1', { calls: shown.map((call) => callDocument(call, full)), more });
      return EXIT.ok;
    }
    if (shown.length > 0)
      terminal.print(
        table(
          HEAD,
          shown.map((call) => callRow(call, full)),
          terminal.output.columns,
          [3],
        ),
      );
    terminal.say(`${counted(shown.length, 'call')}${more ? '; there are more: --limit shows them' : ''}`);
    const [first] = shown;
    if (first) terminal.say(`next: npx smartflo-cdr call ${first.key}${place.flag}`);
    return EXIT.ok;
  });
};

/** A secondary index that the configuration leaves out can't be asked. */
const find = async (ask: () => Promise<IndexedCall[]>): Promise<IndexedCall[]> => {
  try {
    return await ask();
  } catch (thrown) {
    if (!(thrown instanceof Error && thrown.name === 'ValidationException')) throw thrown;
    throw new Failure('index-switched-off', 'the index can not be searched by this', {
      came: thrown.message,
      wanted: 'a secondary index that the configuration has not switched off',
      cure: 'switch it on under smartflo.indexes in cdk.json and deploy, or ask the archive with query',
      exit: EXIT.declined,
      cause: thrown,
    });
  }
};
