import type { ServerResponse } from 'node:http';
import { brotliCompressSync, constants, createGzip, deflateSync, gzipSync } from 'node:zlib';

/** An answer that is hostile in how it comes. */
export interface HostileStream {
  readonly name: string;
  /**
   * Why it is no page, a `SourceError`'s; several where it is the network's chance, `AGAIN` where it is asked again
   * at once on another connection, as one that was kept may have been dead.
   */
  readonly codes: readonly string[];
  readonly send: (response: ServerResponse) => void;
}

const PAGE = '{"count":0,"limit":100,"results":[]}';
const OK = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const WHOLE = `${OK}content-length: ${PAGE.length}\r\n\r\n${PAGE}`;

/** Writes as it likes, under the HTTP server's nose. */
const raw = (text: string, then: 'stay' | 'end' | 'reset' = 'stay') => {
  return ({ socket }: ServerResponse): void => {
    socket?.write(text, 'latin1', () => {
      if (then === 'end') socket.end();
      if (then === 'reset') socket.resetAndDestroy();
    });
  };
};

/** Goes on writing, a piece every few milliseconds, until the other side hangs up. */
const drip =
  (start: string, piece: string | Uint8Array) =>
  ({ socket }: ServerResponse): void => {
    socket?.write(start, 'latin1');
    const tap = setInterval(() => socket?.write(piece), 5);
    socket?.on('close', () => clearInterval(tap));
  };

/** Goes on writing, as fast as it is read, until the other side hangs up. */
const pour =
  (headers: Record<string, string>, piece: Uint8Array, zipped = false) =>
  (response: ServerResponse): void => {
    response.writeHead(200, headers);
    const out = zipped ? createGzip() : response;
    if (out !== response) out.pipe(response);
    let isOpen = true;
    response.on('close', () => {
      isOpen = false;
    });
    const more = () => {
      if (isOpen) out.write(piece, () => setImmediate(more));
    };
    more();
  };

const whole = (encoding: string, body: Uint8Array) => (response: ServerResponse) => {
  response.writeHead(200, { 'content-encoding': encoding });
  response.end(body);
};

/** Three times as large as an answer may be. */
const BOMB = Buffer.alloc(48 << 20, ' ');
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;
const FOREVER = `${OK}content-length: 999999\r\n\r\n`;
const GZIPPED = `${OK}content-encoding: gzip\r\ncontent-length: 999999999\r\n\r\n`;

/** Answers that would take all memory: cut off where they exceed the limit. */
export const FLOODS: readonly HostileStream[] = [
  { name: 'gzip-bomb', codes: ['too-large'], send: whole('gzip', gzipSync(BOMB)) },
  { name: 'deflate-bomb', codes: ['too-large'], send: whole('deflate', deflateSync(BOMB)) },
  {
    name: 'br-bomb',
    codes: ['too-large'],
    send: whole('br', brotliCompressSync(BOMB, { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } })),
  },
  { name: 'endless-body', codes: ['too-large'], send: pour({}, Buffer.alloc(64 << 10, ' ')) },
  {
    name: 'endless-gzip',
    codes: ['too-large'],
    send: pour({ 'content-encoding': 'gzip' }, Buffer.alloc(1 << 20), true),
  },
  {
    name: 'endless-in-an-unknown-form',
    codes: ['too-large'],
    send: pour({ 'content-encoding': 'zstd' }, Buffer.alloc(64 << 10, 'x')),
  },
];

/** Answers that would take all time: given up at the limit. */
export const DRIPS: readonly HostileStream[] = [
  { name: 'silence', codes: ['header-timeout'], send: () => undefined },
  { name: 'headers-that-drip', codes: ['header-timeout'], send: drip(OK, 'x') },
  { name: 'continue-for-ever', codes: ['header-timeout'], send: drip('', 'HTTP/1.1 100 Continue\r\n\r\n') },
  { name: 'hints-for-ever', codes: ['header-timeout'], send: drip('', 'HTTP/1.1 103 Early Hints\r\n\r\n') },
  { name: 'a-body-that-drips', codes: ['total-timeout'], send: drip(FOREVER, ' ') },
  { name: 'chunks-that-drip', codes: ['total-timeout'], send: drip(CHUNKED, '1\r\n \r\n') },
  { name: 'empty-gzips-for-ever', codes: ['total-timeout'], send: drip(GZIPPED, gzipSync('')) },
  { name: 'a-body-that-stops', codes: ['total-timeout'], send: raw(`${FOREVER}{`) },
  {
    name: 'a-last-byte-that-never-comes',
    codes: ['total-timeout'],
    send: raw(`${OK}content-length: ${PAGE.length + 1}\r\n\r\n${PAGE}`),
  },
  { name: 'a-last-chunk-that-never-comes', codes: ['total-timeout'], send: raw(`${CHUNKED}2\r\n{}\r\n`) },
  { name: 'a-chunk-as-large-as-can-be', codes: ['total-timeout'], send: raw(`${CHUNKED}FFFFFFFFFFFF\r\n{`) },
];

export const AGAIN = 'asked again at once';
const LOST = ['connection-lost', AGAIN];
/** Whether the beginning is read before the end is seen is chance. */
const CUT = ['truncated', 'connection-lost', AGAIN];

/** Answers that are none, or end before their end. */
export const WRECKS: readonly HostileStream[] = [
  { name: 'an-end-at-once', codes: LOST, send: raw('', 'end') },
  { name: 'a-reset-at-once', codes: LOST, send: raw('', 'reset') },
  { name: 'an-end-in-the-headers', codes: LOST, send: raw(OK, 'end') },
  { name: 'a-reset-in-the-headers', codes: LOST, send: raw(OK, 'reset') },
  { name: 'an-end-in-the-body', codes: CUT, send: raw(`${FOREVER}{"count":1`, 'end') },
  { name: 'a-reset-in-the-body', codes: CUT, send: raw(`${FOREVER}{"count":1`, 'reset') },
  { name: 'an-end-in-a-chunk', codes: CUT, send: raw(`${CHUNKED}FF\r\n{"count":1`, 'end') },
  { name: 'an-end-in-gzip', codes: CUT, send: raw(`${GZIPPED}\x1f\x8b\x08\0\0\0\0\0\0\x03`, 'end') },
  { name: 'a-chunk-size-that-is-none', codes: CUT, send: raw(`${CHUNKED}many\r\n{}\r\n0\r\n\r\n`) },
  { name: 'no-http', codes: ['connection-lost'], send: raw('SSH-2.0-OpenSSH_9.6\r\n') },
  { name: 'zeros', codes: ['connection-lost'], send: raw('\0'.repeat(64)) },
  { name: 'an-answer-without-headers', codes: ['connection-lost'], send: raw(PAGE, 'end') },
  { name: 'a-status-that-is-none', codes: ['connection-lost'], send: raw('HTTP/1.1 OK\r\n\r\n') },
  {
    name: 'headers-without-end',
    codes: ['connection-lost'],
    send: raw(OK + `x-filler: ${'x'.repeat(1_000)}\r\n`.repeat(40)),
  },
  {
    name: 'two-lengths',
    codes: ['connection-lost'],
    send: raw(`${OK}content-length: 2\r\ncontent-length: 36\r\n\r\n${PAGE}`),
  },
  {
    name: 'a-length-below-zero',
    codes: ['connection-lost'],
    send: raw(`${OK}content-length: -1\r\n\r\n${PAGE}`),
  },
  {
    name: 'a-length-and-chunks',
    codes: ['connection-lost'],
    send: raw(`${OK}content-length: 36\r\ntransfer-encoding: chunked\r\n\r\n${PAGE}`),
  },
  {
    name: 'another-protocol',
    codes: ['connection-lost'],
    send: raw('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
  },
  { name: 'a-length-too-short', codes: CUT, send: raw(`${OK}content-length: 9\r\n\r\n${PAGE}`) },
  {
    name: 'an-answer-behind-a-cut-one',
    codes: CUT,
    send: raw(`${OK}content-length: 1\r\n\r\n{${WHOLE}`),
  },
];
