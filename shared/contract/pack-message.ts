import { hash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import * as z from 'zod';
import { gunzipWhole } from '../core/gunzip-whole.ts';

/** Why these records are sent: what a consumer of the event is told. */
export const ORIGINS = ['live', 'late', 'edit', 'backfill', 'repair', 'replay'] as const;
export type Origin = (typeof ORIGINS)[number];

/** Records in a pack at most, and bytes of its message at most (SQS bills by 64 KB). */
export const PACK_RECORDS = 250;
export const PACK_BYTES = 256 * 1024;

const header = {
  v: z.literal(1),
  account: z.string().min(1),
  /** IST date on which the calls started, or `unknown`. */
  dt: z.string().regex(/^(\d{4}-\d{2}-\d{2}|unknown)$/),
  stamp: z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{8}$/),
  origin: z.enum(ORIGINS),
  /** `content`: the `id`s can't be trusted in this pack, each record is keyed by its content digest. */
  keyedBy: z.enum(['id', 'content']),
  /** Calls that started before (UTC epoch ms) are not published. */
  eventsFrom: z.number(),
  numbers: z.enum(['masked', 'full']),
  volatilePaths: z.array(z.string()),
  records: z.int().min(1).max(PACK_RECORDS),
};

/** The queue's message: one account, one call date, one stamp. The records are NDJSON, gzip, base64. */
export const PackMessage = z.discriminatedUnion('body', [
  z.strictObject({ ...header, body: z.literal('inline'), ndjson: z.base64() }),
  /** Too large for a message: the same gzip bytes lie in the bucket under this key. */
  z.strictObject({ ...header, body: z.literal('claim'), key: z.string().min(1) }),
]);
export type PackMessage = z.infer<typeof PackMessage>;

/** A message of few records, as repairs and replays send it. Larger packs are the poller's outbox's matter. */
export const packMessage = (
  head: Omit<Extract<PackMessage, { body: 'inline' }>, 'v' | 'body' | 'ndjson' | 'records'>,
  lines: readonly string[],
): string =>
  JSON.stringify({
    v: 1,
    ...head,
    records: lines.length,
    body: 'inline',
    ndjson: Buffer.from(zipLines(lines)).toString('base64'),
  } satisfies PackMessage);

/** One record a line, the last line ended too. Lines are latin1 strings, one char a byte. */
export const joinLines = (lines: readonly string[]): Buffer => Buffer.from(`${lines.join('\n')}\n`, 'latin1');

/** Level 5 takes a fifth less time than 6 for a twentieth more bytes (292 a record in full packs). */
export const zipLines = (lines: readonly string[]): Uint8Array => gzipSync(joinLines(lines), { level: 5 });

/** @throws where the bytes are no gzip. `limit` bounds the unpacked size, against a bomb. */
export const unzip = (bytes: Uint8Array, limit = 64 * 1024 * 1024): Buffer => gunzipWhole(bytes, limit);

/** @throws where the bytes are no gzip. */
export const unzipLines = (bytes: Uint8Array, limit?: number): string[] => splitLines(unzip(bytes, limit));

export const splitLines = (ndjson: Buffer): string[] => [...eachLine(ndjson)];

const LINE_FEED = 0x0a;

/** Each line is a text of its own, made when it is its turn: one cut from the whole text would hold all of that. */
export function* eachLine(ndjson: Buffer): Generator<string> {
  let from = 0;
  for (let to = ndjson.indexOf(LINE_FEED); to >= 0; to = ndjson.indexOf(LINE_FEED, from)) {
    yield ndjson.toString('latin1', from, to);
    from = to + 1;
  }
}

/** Names what a pack holds, in its object's name: the lines, not how they are packed. 16 hex digits. */
export const packDigest = (ndjson: Uint8Array): string => hash('sha256', ndjson, 'hex').slice(0, 16);
