import { gzipSync } from 'node:zlib';
import * as z from 'zod';
import { FILTER_TIMES } from '../core/account-state.ts';
import type { Stamp } from '../core/stamp.ts';
import { gunzipWhole } from '../core/gunzip-whole.ts';
import { DAY, type EpochMs, istBlockStart, istDate } from '../core/time.ts';
import type { Window } from '../core/window.ts';
import { SLICES } from './bucket-layout.ts';

const Head = z.object({
  version: z.literal(1),
  account: z.string(),
  /** The window, UTC epoch ms. */
  from: z.number(),
  to: z.number(),
  /** Of the read's first request. */
  stamp: z.string(),
  /** The tick in which it was read; UTC epoch ms. */
  readAt: z.number(),
  filterOn: z.enum(FILTER_TIMES),
  /** Records that the source counted, and those of them that it never showed. */
  count: z.int(),
  missing: z.int(),
  /** The call dates that the records name. */
  dates: z.array(z.string()),
});

/** One record as the source showed it in a full read of a closed window. */
export interface SliceRecord {
  readonly key: string;
  /** The first 16 hex digits of its content hash. */
  readonly content: string;
  /** Where it stands in the window by the time that the source filters by; UTC epoch ms, whole seconds. */
  readonly at: EpochMs;
  /** The IST date on which the call started as the record says now, or `unknown`. */
  readonly dt: string;
}

export interface SourceSlice extends Window {
  readonly account: string;
  readonly stamp: Stamp;
  readonly readAt: EpochMs;
  readonly filterOn: (typeof FILTER_TIMES)[number];
  readonly count: number;
  readonly missing: number;
  readonly records: readonly SliceRecord[];
}

const secondName = (at: EpochMs): string => String(Math.floor(at / 1000)).padStart(10, '0');

const dayPrefixOf = (account: string, day: string): string => `${SLICES}account=${account}/day=${day}/`;

/** `slices/account=<a>/day=<IST date of the window's start>/<from>-<to>-<read at>-<stamp>.tsv.gz`, seconds of the epoch. */
export const sliceKey = ({ account, from, to, readAt, stamp }: Omit<SourceSlice, 'records'>): string =>
  `${dayPrefixOf(account, istDate(from))}${secondName(from)}-${secondName(to)}-${secondName(readAt)}-${stamp}.tsv.gz`;

/** The prefixes under which slices lie that may reach into a span. No window is longer than a day. */
export const slicePrefixes = (account: string, { from, to }: Window): string[] => {
  const prefixes: string[] = [];
  for (let day = istBlockStart(from, DAY) - DAY; day < to; day += DAY)
    prefixes.push(dayPrefixOf(account, istDate(day)));
  return prefixes;
};

const NAME = /\/(\d{10})-(\d{10})-(\d{10})-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{8})\.tsv\.gz$/;

/** What a slice's name tells; undefined where it is none. */
export const parseSliceKey = (
  key: string,
): (Window & { readonly key: string; readonly readAt: EpochMs; readonly stamp: Stamp }) | undefined => {
  const [, from, to, readAt, stamp = ''] = NAME.exec(key) ?? [];
  if (from === undefined) return undefined;
  return { key, from: Number(from) * 1000, to: Number(to) * 1000, readAt: Number(readAt) * 1000, stamp };
};

/** One JSON line of heading, then a line a record: key, content, second from the window's start, place of its date. */
export const encodeSlice = ({ records, ...head }: SourceSlice): Uint8Array => {
  const dates = [...new Set(records.map(({ dt }) => dt))];
  const heading = JSON.stringify({ version: 1, ...head, dates } satisfies z.input<typeof Head>);
  const lines = records.map(
    ({ key, content, at, dt }) => `${key}\t${content}\t${(at - head.from) / 1000}\t${dates.indexOf(dt)}`,
  );
  return gzipSync(Buffer.from(`${[heading, ...lines].join('\n')}\n`, 'latin1'));
};

/** @throws where the bytes are no slice. */
export const decodeSlice = (bytes: Uint8Array): SourceSlice => {
  const [heading = '', ...lines] = gunzipWhole(bytes).toString('latin1').split('\n').slice(0, -1);
  const { version: _, dates, ...head } = Head.parse(JSON.parse(heading));
  const records = lines.map((line): SliceRecord => {
    const [key = '', content = '', second, date] = line.split('\t');
    return { key, content, at: head.from + Number(second) * 1000, dt: dates[Number(date)] ?? 'unknown' };
  });
  return { ...head, records };
};
