import type { Columns } from './column.ts';
import { CALLS_MASKED, CURATED } from './columns.ts';

const {
  start_ist: _start,
  end_ist: _end,
  answered_ist: _answered,
  inserted_at: _inserted,
  record,
  ...kept
} = CURATED;

/**
 * Before which members a record is cut, so that like stands beside like: whole, a record takes 203 bytes, in these
 * parts 186 (zstd level 12, November 2026, the fake's records).
 */
const CUTS = [
  'recording_url',
  'service',
  'call_flow',
  'accountid',
  'dialer_call_details',
  'custom_status',
].map((name) => `"${name}":`);

/** A number as it came stands beside its E.164 only where it is not the usual spelling of it. */
const original = { null: 'as `RESTORED` says, or absent' } as const;

const part = { ...record, says: 'A part of `record`: all seven, one after another, are the whole.' } as const;

const PARTS = {
  record_1: part,
  record_2: part,
  record_3: part,
  record_4: part,
  record_5: part,
  record_6: part,
  record_7: part,
} as const satisfies Columns;
type Parts = Record<keyof typeof PARTS, string>;

/**
 * What a curated file holds: the columns of `calls` but those that follow from others, and the record in parts. A
 * record takes 230 bytes at most, where all of `calls` as it is would take 256.
 */
export const STORED = {
  ...kept,
  customer_original: { ...kept.customer_original, ...original },
  did_original: { ...kept.did_original, ...original },
  ...PARTS,
} as const satisfies Columns;

const {
  account: _account,
  dt: _dt,
  start_ist: _maskedStart,
  end_ist: _maskedEnd,
  answered_ist: _maskedAnswered,
  inserted_at: _maskedInserted,
  ...masked
} = CALLS_MASKED;

/** What a masked file holds: the columns of `calls_masked` but those that follow from others. */
export const MASKED_STORED = {
  ...masked,
  did_original: { ...masked.did_original, ...original },
} as const satisfies Columns;

const OFFSET = "INTERVAL '330' MINUTE";

/** How the other columns of `calls` follow, in SQL that Athena and DuckDB both take. */
export const RESTORED = {
  start_ist: `start_at + ${OFFSET}`,
  end_ist: `end_at + ${OFFSET}`,
  answered_ist: `answered_at + ${OFFSET}`,
  customer_original: 'COALESCE(customer_original, substr(customer, 2))',
  did_original: 'COALESCE(did_original, did)',
  record: Object.keys(PARTS).join(' || '),
} as const;

/** The spellings that `RESTORED` gives back: a customer without its `+`, a number of the account's own with it. */
export const shortOriginals = (numbers: {
  readonly customer: string | null;
  readonly customer_original: string | null;
  readonly did: string | null;
  readonly did_original: string | null;
}) => ({
  customer_original:
    numbers.customer_original === numbers.customer?.slice(1) ? null : numbers.customer_original,
  did_original: numbers.did_original === numbers.did ? null : numbers.did_original,
});

/** Any text comes out as its parts, some of them empty; joined they are the text. */
export const cutRecord = (text: string): Parts => {
  const parts = CUTS.reduce<string[]>(
    (before, mark) => {
      const [rest = ''] = before.slice(-1);
      const at = Math.max(0, rest.indexOf(mark));
      return [...before.slice(0, -1), rest.slice(0, at), rest.slice(at)];
    },
    [text],
  );
  const [
    record_1 = '',
    record_2 = '',
    record_3 = '',
    record_4 = '',
    record_5 = '',
    record_6 = '',
    record_7 = '',
  ] = parts;
  return { record_1, record_2, record_3, record_4, record_5, record_6, record_7 };
};

export const joinRecord = (parts: Parts): string =>
  Object.keys(PARTS)
    .map((name) => Reflect.get(parts, name))
    .join('');
