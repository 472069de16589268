import { hash } from 'node:crypto';
import * as z from 'zod';
import { type EpochMs, istStamp } from '../core/time.ts';
import { quarantineKey } from './bucket-layout.ts';

/**
 * Why something can't go on whatever is retried. The first half is the consumer's, the second the poller's:
 * - `message-unreadable`: no message of `PackMessage`'s shape
 * - `pack-unreadable`: its records do not unpack, or are not as many as it says
 * - `claim-missing`: the object that it points to is not there
 * - `record-unreadable`: no JSON object
 * - `key-repeated`: two contents under one key in one request's answer
 * - `index-refused`: the table takes the item in no case
 * - `window-unsettled`: a second whose count and records never agreed
 * - `answer-unreadable`: an answer that is no page
 */
export const QUARANTINE_REASONS = [
  'message-unreadable',
  'pack-unreadable',
  'claim-missing',
  'record-unreadable',
  'key-repeated',
  'index-refused',
  'window-unsettled',
  'answer-unreadable',
] as const;
export type QuarantineReason = (typeof QUARANTINE_REASONS)[number];

/** What lies beside the bytes, in JSON: enough to find out what happened, nothing of what the bytes say. */
export const QuarantineNote = z.strictObject({
  version: z.literal(1),
  reason: z.enum(QUARANTINE_REASONS),
  /** `unknown` where an unreadable message did not tell. */
  account: z.string(),
  bytes: z.int().min(0),
  /** When it was first put aside, ISO, UTC. */
  quarantinedAt: z.iso.datetime(),
  /** Where it came from: stamp and archive object of a record, id of a message, bounds of a window. */
  from: z.strictObject({
    stamp: z.string().optional(),
    dt: z.string().optional(),
    object: z.string().optional(),
    line: z.int().min(0).optional(),
    key: z.string().optional(),
    messageId: z.string().optional(),
    /** IST, as it was asked. */
    window: z.strictObject({ from: z.string(), to: z.string() }).optional(),
    records: z.int().min(0).optional(),
    missing: z.int().min(0).optional(),
    code: z.string().optional(),
  }),
});
export type QuarantineNote = z.infer<typeof QuarantineNote>;

/** A window as the note spells it. */
export const windowNote = (window: { readonly from: EpochMs; readonly to: EpochMs }) => ({
  from: istStamp(window.from),
  to: istStamp(window.to),
});

/** The account under which an unreadable message is kept. */
export const UNKNOWN_ACCOUNT = 'unknown';

/**
 * The two objects of one quarantined thing, to be created in this order. Their names come from the bytes and
 * their place, so that doing it twice leaves one.
 */
export const quarantineObjects = (
  bytes: Uint8Array,
  note: Omit<QuarantineNote, 'version' | 'bytes' | 'quarantinedAt'>,
  now: EpochMs,
): { readonly key: string; readonly body: Uint8Array }[] => {
  const place = JSON.stringify([note.from.stamp, note.from.line, note.from.window]);
  const digest = hash('sha256', Buffer.concat([bytes, Buffer.from(place)]), 'hex').slice(0, 32);
  const key = quarantineKey(note.account, note.reason, digest);
  const whole: QuarantineNote = {
    version: 1,
    bytes: bytes.length,
    quarantinedAt: new Date(now).toISOString(),
    ...note,
  };
  return [
    { key: `${key}.bin`, body: bytes },
    { key: `${key}.json`, body: Buffer.from(JSON.stringify(QuarantineNote.parse(whole), undefined, 2)) },
  ];
};
