import { gunzipSync } from 'node:zlib';

/** What is made room for at least, and at most on the word of the bytes alone. */
const LEAST = 16 * 1024;
const MOST = 4 * 1024 * 1024;

/**
 * Unpacks into one buffer, where Node's own 16 KB after the other are joined afterwards: a third less time, and none
 * of the many buffers that a function which reads all day is left with. How many bytes it becomes gzip tells in its
 * last four, little-endian (RFC 1952); where that is wrong it only takes longer.
 * @throws where the bytes are no gzip, or become more than `limit`.
 */
export const gunzipWhole = (bytes: Uint8Array, limit?: number): Buffer => {
  const { buffer, byteOffset, length } = bytes;
  const told = length < 4 ? 0 : new DataView(buffer, byteOffset, length).getUint32(length - 4, true);
  // One more: room that is filled to the brim is followed by another.
  const chunkSize = Math.min(Math.max(LEAST, told + 1), MOST);
  return gunzipSync(bytes, { chunkSize, ...(limit !== undefined && { maxOutputLength: limit }) });
};
