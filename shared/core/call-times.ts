import { type EpochMs, parseIstStamp } from './time.ts';

/** When a call was, as its record says; each absent where it can't be read. */
export interface CallTimes {
  readonly startAt?: EpochMs;
  readonly endAt?: EpochMs;
  /** When the source stored the record: the first four bytes of its ObjectId. */
  readonly insertedAt?: EpochMs;
  /** `call_duration`, seconds. */
  readonly durationSeconds?: number;
}

/** The members of a record that its times are read from. */
export const TIME_FIELDS = ['date', 'time', 'end_stamp', 'id', 'call_duration'] as const;

const OBJECT_ID = /^([0-9a-f]{8})[0-9a-f]{16}$/i;

const textOf = (record: object, name: string): string | undefined => {
  const value: unknown = Object.hasOwn(record, name) ? Reflect.get(record, name) : undefined;
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
};

/** Reads a parsed record's times leniently. Stamps are naive IST; see smartflo's own sample. */
export const readCallTimes = (record: object): CallTimes => {
  const date = textOf(record, 'date');
  const time = textOf(record, 'time');
  const end = textOf(record, 'end_stamp');
  const stored = OBJECT_ID.exec(textOf(record, 'id') ?? '')?.[1];
  const duration = Number(textOf(record, 'call_duration') ?? Number.NaN);
  const startAt = date !== undefined && time !== undefined ? parseIstStamp(`${date} ${time}`) : undefined;
  const endAt = end !== undefined ? parseIstStamp(end) : undefined;
  return {
    ...(startAt !== undefined && { startAt }),
    ...(endAt !== undefined && { endAt }),
    ...(stored !== undefined && { insertedAt: Number.parseInt(stored, 16) * 1000 }),
    ...(Number.isFinite(duration) && duration >= 0 && { durationSeconds: duration }),
  };
};
