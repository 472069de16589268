import type { CdrQuery } from '../../../shared/contract/cdr-query.ts';
import { type EpochMs, istStamp, MINUTE, type Ms, parseIstStamp, SECOND } from '../../../shared/core/time.ts';
import type { Page } from '../../../shared/ports/source.ts';
import type { Draws } from './draws.ts';

/** A record and how it changes: the last content whose time has come is what the source shows. */
export interface TinyRecord {
  readonly id: string;
  readonly startAt: EpochMs;
  readonly durationSeconds: number;
  /** Sorted by time; the first is when the record appears. */
  readonly contents: readonly { readonly at: EpochMs; readonly raw: string }[];
}

export interface TinyWorld {
  readonly records: readonly TinyRecord[];
  /** Records on a page at most, whatever is asked for. */
  readonly cap: number | undefined;
  /** Whether the answer tells the page size that was used. */
  readonly tellsCap: boolean;
}

/** What a record looks like at a time; undefined before it appears. */
export const contentAt = ({ contents }: TinyRecord, at: EpochMs): string | undefined =>
  contents.findLast((content) => content.at <= at)?.raw;

/** Answers as the vendor does: both bounds count, newest start first, the page size capped. */
export const answerTiny = (
  { records, cap, tellsCap }: TinyWorld,
  query: CdrQuery,
  at: EpochMs,
): Omit<Page, 'latency'> => {
  const from = parseIstStamp(query.from_date) ?? 0;
  const to = parseIstStamp(query.to_date) ?? 0;
  const found = records
    .filter(({ startAt, durationSeconds, contents }) => {
      const isThere = (contents[0]?.at ?? Number.POSITIVE_INFINITY) <= at && startAt >= from && startAt <= to;
      return isThere && durationSeconds >= (query.duration ?? 0);
    })
    .sort((a, b) => b.startAt - a.startAt || (a.id < b.id ? -1 : 1));
  const size = Math.min(query.limit, cap ?? query.limit);
  const shown = found.slice((query.page - 1) * size, query.page * size);
  return {
    count: found.length,
    limit: tellsCap ? size : query.limit,
    records: shown.map((record) => ({ raw: contentAt(record, at) ?? '' })),
  };
};

/** A record as small as may be. `id` is made like the vendor's: its first four bytes are the time of storing. */
const rawOf = (
  account: string,
  number: number,
  { startAt, durationSeconds, appearsAt }: { startAt: EpochMs; durationSeconds: number; appearsAt: EpochMs },
): { id: string; write: (answered: number, note: number) => string } => {
  const stored = Math.floor(appearsAt / SECOND)
    .toString(16)
    .padStart(8, '0');
  const id = `${stored}${Buffer.from(account).toString('hex').slice(0, 8).padEnd(8, '0')}${number.toString(16).padStart(8, '0')}`;
  const [date, time] = istStamp(startAt).split(' ');
  const end_stamp = istStamp(startAt + durationSeconds * SECOND);
  const fixed = { id, date, time, end_stamp, call_duration: durationSeconds, status: 'answered' };
  return {
    id,
    write: (answered, note) => JSON.stringify({ ...fixed, answered_seconds: answered, notes: note }),
  };
};

/** A record that appears when it ends, and changes when it is told to. */
export const tinyRecordOf = (
  account: string,
  number: number,
  {
    startAt,
    durationSeconds,
    changesAt,
  }: Pick<TinyRecord, 'startAt' | 'durationSeconds'> & { changesAt: readonly EpochMs[] },
): TinyRecord => {
  const appearsAt = startAt + durationSeconds * SECOND + 2 * SECOND;
  const { id, write } = rawOf(account, number, { startAt, durationSeconds, appearsAt });
  const contents = [appearsAt, ...changesAt].map((at, revision) => ({ at, raw: write(revision + 1, 0) }));
  return { id, startAt, durationSeconds, contents };
};

/** The times that a world is drawn around. */
export interface TinyTimes {
  /** When the ticks come, first to last. */
  readonly ticks: readonly EpochMs[];
  /** How far before the first tick calls began. */
  readonly past: Ms;
}

const LATE: Ms = 100 * SECOND;

/**
 * Six to eight records of one account: the first changes A→B→A between the ticks, the second A→B, the third A→B→C,
 * the others as drawn; some appear while it is polled, the last of them late.
 */
export const drawTinyWorld = (account: string, { ticks, past }: TinyTimes, draws: Draws): TinyWorld => {
  const first = ticks[0] ?? 0;
  const last = ticks.at(-1) ?? first;
  /** Between two ticks, or while the later one is at work. */
  const between = (tick: number) => {
    const from = (ticks[tick] ?? last) + 5 * SECOND;
    const to = (ticks[tick + 1] ?? last + MINUTE) + 5 * SECOND;
    return draws.between(from / SECOND, to / SECOND) * SECOND + draws.below(1000);
  };
  const records = Array.from({ length: draws.between(6, 8) }, (_, number): TinyRecord => {
    const isOld = number < 3 || draws.chance(0.4);
    // The one that changes and changes back is young: a poller that looks at ages sees it at every tick.
    const isYoung = number === 0;
    const durationSeconds = isYoung ? draws.between(3, 20) : draws.between(3, 100);
    const old = isYoung ? 20 * SECOND : past - 2 * MINUTE;
    const ended = isOld ? first - 2 * SECOND - draws.below(old) : draws.between(first, last + 20 * SECOND);
    const aligned = draws.chance(0.3) ? MINUTE : SECOND;
    const startAt = Math.floor((ended - durationSeconds * SECOND) / aligned) * aligned;
    const endAt = startAt + durationSeconds * SECOND;
    const late = !isOld && draws.chance(0.4) ? draws.below(LATE) : 0;
    const appearsAt = Math.min(endAt + 2 * SECOND, isOld ? first : endAt + 2 * SECOND) + late;
    const { id, write } = rawOf(account, number, { startAt, durationSeconds, appearsAt });
    const a = { at: appearsAt, raw: write(1, 0) };
    const b = { at: between(0), raw: number === 1 ? write(1, 1) : write(2, 0) };
    const back = { at: Math.max(b.at + 1, between(1)), raw: a.raw };
    const c = { at: Math.max(b.at + 1, between(1)), raw: write(3, 0) };
    const changes =
      number === 0
        ? [b, back]
        : number === 1
          ? [b]
          : number === 2
            ? [b, c]
            : draws.of([[], [], [b], [b, back]]);
    return { id, startAt, durationSeconds, contents: [a, ...changes.filter(({ at }) => at > appearsAt)] };
  });
  return { records, cap: draws.of([undefined, undefined, 2, 3]), tellsCap: draws.chance(0.5) };
};
