import type { CdrQuery } from '../../shared/contract/cdr-query.ts';
import { readCallTimes } from '../../shared/core/call-times.ts';
import { DAY, type EpochMs, HOUR, istStamp, MINUTE, type Ms, SECOND } from '../../shared/core/time.ts';
import type { Page } from '../../shared/ports/source.ts';

/** Asks for one page. Rejects with SourceError. */
export type Ask = (query: CdrQuery) => Promise<Page>;

/** An open question of the source, and what a probe found. */
export interface Answer {
  /** Its number among the questions that the vendor's page leaves open. */
  readonly question: number;
  readonly about: string;
  readonly answer: string;
  /** Nothing was asked: it is measured elsewhere, or must not be provoked. */
  readonly unasked?: true;
  /** Fields of an account's configuration that follow from it. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

interface Row {
  readonly id: string;
  readonly raw: string;
  readonly callId: string;
  readonly startAt: EpochMs | undefined;
  readonly endAt: EpochMs | undefined;
  readonly insertedAt: EpochMs | undefined;
  readonly recording: string;
}

/** What the probes found. */
export interface Probed {
  readonly answers: readonly Answer[];
  /** From the end of a call to its storing, as record and ObjectId tell: what shows whether stamps are India time. */
  readonly storedAfter: readonly Ms[];
}

/** What the probes ask at most. */
export const PROBE_REQUESTS = 16;

const rowsOf = (page: Page): Row[] =>
  page.records.map(({ raw }) => {
    const record: object = JSON.parse(Buffer.from(raw, 'latin1').toString('utf8'));
    const text = (name: string) => String(Reflect.get(record, name) ?? '');
    const { startAt, endAt, insertedAt } = readCallTimes(record);
    return {
      id: text('id'),
      raw,
      callId: text('call_id'),
      startAt,
      endAt,
      insertedAt,
      recording: text('recording_url'),
    };
  });

const tokenOf = (url: string): string =>
  URL.canParse(url) ? (new URL(url).searchParams.get('token') ?? '') : '';
const plural = (value: number, noun: string) => `${value} ${noun}${value === 1 ? '' : 's'}`;

/**
 * Settles by careful questions what the vendor's page leaves open. Reads only, at the account's own pace; never
 * logs in, never provokes a refusal.
 *
 * @param now UTC epoch ms; the probes ask for the day that ended before it, which has come to rest
 */
export const probeSource = async (ask: Ask, now: EpochMs): Promise<Probed> => {
  const answers: Answer[] = [];
  const say = (question: number, about: string, answer: string, settings?: Answer['settings']) =>
    answers.push({ question, about, answer, ...(settings && { settings }) });
  const leave = (question: number, about: string, answer: string) =>
    answers.push({ question, about, answer, unasked: true });
  const to = now - 3 * HOUR;
  const from = to - DAY;
  const day = { from_date: istStamp(from), to_date: istStamp(to) };

  const large = await ask({ ...day, page: 1, limit: 1000 });
  const shown = large.records.length;
  const full = large.count > shown;
  const cap = full ? shown : undefined;
  const limit = Math.min(1000, cap ?? 1000);
  say(
    1,
    'largest page',
    full ? `asked for 1,000 of ${large.count}, got ${shown}` : `at least ${shown}: the day has no more calls`,
    { pageLimit: limit },
  );
  const rows = rowsOf(large);
  const storedAfter = rows.flatMap(({ endAt, insertedAt }) =>
    endAt === undefined || insertedAt === undefined ? [] : [insertedAt - endAt],
  );
  if (rows.length < 3) {
    say(2, 'everything else', `the last day has ${plural(rows.length, 'call')}: too few to tell`);
    return { answers, storedAfter };
  }

  const small = Math.max(1, Math.min(20, Math.floor(shown / 3)));
  const last = Math.ceil(large.count / small);
  const past = await ask({ ...day, page: last + 1, limit: small }).catch((error: Error) => error.name);
  say(
    2,
    'a page past the end',
    typeof past === 'string'
      ? 'is refused'
      : past.records.length === 0
        ? 'is empty'
        : `shows ${plural(past.records.length, 'record')} again`,
  );
  const deep = await ask({ ...day, page: last, limit: small }).catch((error: Error) => error.name);
  say(
    3,
    'deep pages',
    typeof deep === 'string' ? `page ${last} is refused` : `page ${last} of ${small} a page answers`,
  );

  const starts = rows.flatMap(({ startAt }) => startAt ?? []);
  const falling = starts.every((at, index) => index === 0 || at <= (starts[index - 1] ?? at));
  const rising = starts.every((at, index) => index === 0 || at >= (starts[index - 1] ?? at));
  say(
    4,
    'order',
    falling ? 'newest start first' : rising ? 'oldest start first' : 'by something else than the start',
  );

  const probe = rows.find(
    ({ startAt, endAt }) => startAt !== undefined && endAt !== undefined && endAt - startAt > MINUTE,
  );
  const at = probe?.startAt;
  if (probe && at !== undefined) {
    const holds = async (window: { from: EpochMs; to: EpochMs }) => {
      const page = await ask({
        from_date: istStamp(window.from),
        to_date: istStamp(window.to),
        page: 1,
        limit: 100,
      });
      return rowsOf(page).some(({ id }) => id === probe.id);
    };
    const lower = await holds({ from: at, to: at + 5 * SECOND });
    const upper = await holds({ from: at - 5 * SECOND, to: at });
    say(5, 'bounds', `from is ${lower ? '' : 'not '}included, to is ${upper ? '' : 'not '}included`);
    const byStart = await holds({ from: at - 10 * SECOND, to: at + 10 * SECOND });
    const end = probe.endAt ?? at;
    const byEnd = await holds({ from: end - 5 * SECOND, to: end + 30 * SECOND });
    say(
      6,
      'what a window filters on',
      byStart
        ? 'the start of the call'
        : byEnd
          ? 'the end of the call, or the time it was stored'
          : 'neither start nor end',
    );
  } else say(5, 'bounds, and what a window filters on', 'no call of the last day is longer than a minute');

  const quarter = { from_date: istStamp(to - 100 * DAY), to_date: istStamp(to) };
  const wide = await ask({ ...quarter, page: 1, limit: 1 }).catch((error: Error) => error.message);
  say(
    7,
    'a span of 100 days',
    typeof wide === 'string' ? `is refused: ${wide}` : `answers, with ${wide.count} calls`,
  );
  leave(8, 'a query without dates', 'is not asked: every query of this program names both bounds');

  const recent = { from_date: istStamp(now - HOUR), to_date: istStamp(now) };
  const first = await ask({ ...recent, page: 1, limit: 1 });
  const second = await ask({ ...recent, page: 1, limit: 1 });
  say(
    9,
    'the count while calls land',
    first.count === second.count
      ? 'stood still over two requests'
      : `moved from ${first.count} to ${second.count}`,
  );
  leave(
    10,
    'which fields change later',
    'is measured, not asked: npx smartflo-cdr lateness, and the query changed-after-the-fact',
  );
  leave(
    11,
    'whether id survives a change',
    'is measured: the same query shows records that changed under one id',
  );

  const again = rowsOf(await ask({ ...day, page: 1, limit }));
  const tokens = rows.flatMap((row) => {
    const other = again.find(({ id }) => id === row.id);
    return row.recording && other ? [tokenOf(row.recording) === tokenOf(other.recording)] : [];
  });
  say(
    12,
    "the recording URL's token",
    tokens.length === 0
      ? 'no call with a recording was shown twice'
      : tokens.every(Boolean)
        ? 'was the same at two reads'
        : 'differs from read to read: it is no change (volatilePaths has it)',
  );
  const broadcast = await ask({ ...day, broadcast: 'true', page: 1, limit: 1 }).catch(() => undefined);
  say(
    13,
    'broadcast calls',
    broadcast === undefined
      ? 'the parameter is refused'
      : broadcast.count === large.count
        ? 'the count is the same with and without the parameter'
        : `${broadcast.count} with the parameter, ${large.count} without`,
  );
  leave(14, 'a rejected login, a lock-out', 'is never provoked');
  leave(15, 'Retry-After on 429', 'is never provoked; it is obeyed where it comes');
  const legs = Map.groupBy(
    rows.filter(({ callId }) => callId !== ''),
    ({ callId }) => callId,
  );
  const most = Math.max(...[...legs.values()].map(({ length }) => length), 0);
  say(16, 'records of one call', `up to ${most} share a call_id on this page`);
  const depths: string[] = [];
  for (const months of [1, 3, 6, 12]) {
    const then = to - months * 30 * DAY;
    const page = await ask({
      from_date: istStamp(then - DAY),
      to_date: istStamp(then),
      page: 1,
      limit: 1,
    }).catch(() => undefined);
    depths.push(`${plural(months, 'month')} ago: ${page === undefined ? 'refused' : `${page.count} calls`}`);
  }
  say(17, 'how far back it answers', depths.join(', '));
  leave(18, 'records removed or merged', 'is measured: each proof of a day lists what has vanished');
  return { answers, storedAfter };
};
