import * as http from 'node:http';
import * as https from 'node:https';
import { PassThrough, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Ms } from '../core/time.ts';
import { SourceError } from '../ports/source.ts';

/** What one answer may cost. */
export interface HttpLimits {
  /** Until the connection (with TLS) stands. */
  readonly connect: Ms;
  /** From then until the answer's headers; the vendor's gateway gives up after 29 s. */
  readonly headers: Ms;
  /** Bytes of the body after decompression: four times a page of 1,000 records. Held twice for a moment. */
  readonly bytes: number;
}

export const HTTP_LIMITS: HttpLimits = { connect: 5_000, headers: 30_000, bytes: 16 * 1024 * 1024 };

export interface HttpRequest {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** `false`: a connection of its own. */
  readonly agent: http.Agent | false;
  /** Called once the connection stands: the request goes out. */
  readonly onConnected: () => void;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** Decompressed. */
  readonly body: Buffer;
}

/** The connection had been kept alive and was dead before anything came: nothing was asked yet. */
export class StaleConnection extends Error {
  override readonly name = 'StaleConnection';
}

const transient = (code: string, message: string) => new SourceError('transient', code, message);

/** Names of system errors are many; who reads the log needs to know which of these it was. */
function networkError(error: NodeJS.ErrnoException): SourceError {
  const code = error.code ?? '';
  if (code === 'ECONNREFUSED') return transient('connection-refused', 'The source refuses connections.');
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return transient('host-unknown', "The source's host name is unknown.");
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ALTNAME/.test(code))
    return transient('tls-failed', 'No trusted TLS connection to the source.');
  return transient('connection-lost', 'The connection to the source was lost.');
}

const bodyError = (error: NodeJS.ErrnoException): SourceError =>
  /^(Z_DATA|ERR_?_?(BROTLI|ERROR))/.test(error.code ?? '')
    ? transient('compression-broken', 'The answer could not be decompressed.')
    : transient('truncated', 'The answer ended too early.');

const DECODERS: ReadonlyMap<string, () => Transform> = new Map([
  ['identity', () => new PassThrough()],
  ['gzip', () => createGunzip()],
  ['deflate', () => createInflate()],
  ['br', () => createBrotliDecompress()],
]);

/** The body, decompressed, counted while it streams: what is too large is never held. */
async function readBody(response: http.IncomingMessage, limit: number): Promise<Buffer> {
  const decoder = DECODERS.get((response.headers['content-encoding'] ?? 'identity').trim().toLowerCase());
  const chunks: Buffer[] = [];
  let size = 0;
  await pipeline(response, decoder?.() ?? new PassThrough(), async (decoded: AsyncIterable<Buffer>) => {
    for await (const chunk of decoded) {
      size += chunk.length;
      if (size > limit) throw new SourceError('poison', 'too-large', 'The answer is larger than the limit.');
      chunks.push(chunk);
    }
  }).catch((error: NodeJS.ErrnoException) => {
    throw error instanceof SourceError ? error : bodyError(error);
  });
  const body = Buffer.concat(chunks, size);
  if (decoder) return body;
  throw new SourceError(
    'contract',
    'encoding-unknown',
    'The answer is compressed in a way that was not asked for.',
    { body },
  );
}

/**
 * Sends one request and reads the whole answer. Redirects are not followed: a 3xx is an answer like others.
 *
 * @param timeLimit the last byte must have come by then.
 * @throws {SourceError} of kind transient, or poison where the body is too large; {StaleConnection}.
 */
export function sendRequest(request: HttpRequest, timeLimit: Ms, limits: HttpLimits): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const { url, method, headers, body, agent, onConnected } = request;
    const outgoing = (url.protocol === 'https:' ? https : http).request(url, { method, headers, agent });
    let phase: NodeJS.Timeout | undefined;
    const settle = (result: HttpAnswer | Error) => {
      clearTimeout(phase);
      clearTimeout(total);
      if (!(result instanceof Error)) return resolve(result);
      reject(result);
      outgoing.destroy();
    };
    const allow = (limit: Ms, code: string, message: string) => {
      clearTimeout(phase);
      phase = setTimeout(() => settle(transient(code, message)), limit);
    };
    const total = setTimeout(
      () => settle(transient('total-timeout', 'The answer took too long.')),
      timeLimit,
    );
    const awaitHeaders = () => {
      onConnected();
      allow(limits.headers, 'header-timeout', 'The source did not begin to answer in time.');
    };

    outgoing.on('socket', (socket) => {
      if (!socket.connecting) return awaitHeaders();
      allow(limits.connect, 'connect-timeout', 'No connection to the source in time.');
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', awaitHeaders);
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      const stale = outgoing.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      settle(stale ? new StaleConnection('The kept connection was dead.') : networkError(error));
    });
    // A change of protocol closes the connection without an error and without an answer.
    let isAnswered = false;
    outgoing.on('close', () => {
      if (!isAnswered) settle(transient('connection-lost', 'The connection to the source was lost.'));
    });
    outgoing.on('response', (response) => {
      isAnswered = true;
      clearTimeout(phase);
      readBody(response, limits.bytes).then(
        (decoded) => settle({ status: response.statusCode ?? 0, headers: response.headers, body: decoded }),
        settle,
      );
    });
    outgoing.end(body);
  });
}
