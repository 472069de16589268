import { type EpochMs, HOUR, MINUTE, type Ms } from '../../shared/core/time.ts';
import { span } from '../figures.ts';
import { type Check, checksOf } from './check.ts';

const { ok, fail, skip } = checksOf('source');
/** Windows end 2 s behind now, and a token's life is an hour: a minute does no harm yet. */
const HARMLESS: Ms = MINUTE;
/** A record is stored seconds after its call; the latest that was seen came 25 min after. */
const USUAL: Ms = HOUR;

/** Whether this machine's clock is the source's. @param said the `Date` of an answer that came at `at` */
export const clockCheck = (said: EpochMs | undefined, at: EpochMs): Check => {
  if (said === undefined || Number.isNaN(said))
    return skip('clock', 'the source does not tell its time', 'compare this clock with another one');
  const off = at - said;
  if (Math.abs(off) <= HARMLESS)
    return ok('clock', `this clock and the source's: ${span(Math.abs(off))} apart`);
  return fail(
    'clock',
    `this clock is ${span(Math.abs(off))} ${off > 0 ? 'ahead of' : 'behind'} the source's`,
    'have this machine set its clock by the network (NTP): windows are asked for by it',
  );
};

/**
 * Whether live records are stamped in India time. A record's ObjectId tells in UTC when it was stored, seconds after the
 * call; read as India time, its end must lie there.
 */
export const recordZoneCheck = (storedAfter: readonly Ms[]): Check => {
  const sorted = [...storedAfter].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined)
    return skip('record-zone', 'no record whose id tells when it was stored', 'ask again after some calls');
  if (Math.abs(middle) <= USUAL)
    return ok('record-zone', `records are stamped in India time: stored ${span(middle)} after their end`);
  return fail(
    'record-zone',
    `records are stamped ${span(Math.abs(middle))} ${middle > 0 ? 'before' : 'after'} they were stored: this is not India time`,
    'do not rely on days and windows before the vendor has said which time zone this account has',
  );
};
