import type { EpochMs } from './time.ts';

/**
 * (fencing epoch, request number, instant of sending), given to a request when it is sent and carried by
 * every row of its answer. An opaque string whose order is the order of sending within one account.
 * It also names a revision: the stamp that brought it.
 */
export type Stamp = string;

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/**
 * @param epoch fencing epoch of the lease, 0 to 2^32 − 1
 * @param request number of the request under that epoch, 0 to 65,535
 * @param sentAt UTC epoch ms, kept to the second: it says when, it does not order
 * @throws {RangeError} when a part does not fit: an unordered stamp would let old content win
 */
export const formatStamp = (epoch: number, request: number, sentAt: EpochMs): Stamp => {
  const fits = (value: number, limit: number) => Number.isInteger(value) && value >= 0 && value < limit;
  const second = Math.floor(sentAt / 1000);
  if (!fits(epoch, 2 ** 32) || !fits(request, 2 ** 16) || !fits(second, 2 ** 32)) {
    throw new RangeError(`stamp out of range: epoch ${epoch}, request ${request}, sentAt ${sentAt}`);
  }
  return `${hex(epoch, 8)}-${hex(request, 4)}-${hex(second, 8)}`;
};

const STAMP = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{8})$/;

/** The parts of a stamp; undefined where the text is none. `sentAt` is UTC epoch ms, whole seconds. */
export const parseStamp = (
  stamp: string,
): { epoch: number; request: number; sentAt: EpochMs } | undefined => {
  const parts = STAMP.exec(stamp);
  if (!parts) return undefined;
  const part = (index: number) => Number.parseInt(parts[index] ?? '', 16);
  return { epoch: part(1), request: part(2), sentAt: part(3) * 1000 };
};
