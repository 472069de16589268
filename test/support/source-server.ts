import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Pacer, SourceError } from '../../shared/ports/source.ts';

/** A request as the source got it. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Answerer = (asked: Asked, response: ServerResponse) => unknown;

/** An HTTP server on loopback that answers as the test says, and remembers what it was asked. */
export interface SourceServer extends AsyncDisposable {
  readonly baseUrl: string;
  readonly asked: readonly Asked[];
  answer: Answerer;
}

export async function startSourceServer(answer: Answerer): Promise<SourceServer> {
  const asked: Asked[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url = '', headers } = request;
    const one = { method, path: url, headers, body: await text(request) };
    asked.push(one);
    await started.answer(one, response);
  };
  const server = createServer((request, response) => {
    serve(request, response).catch((error: Error) => response.destroy(error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const started: SourceServer = {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answer,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return started;
}

export const reply = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body));
};

/** Answers everything with this. */
export const always =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answerer =>
  (_, response) =>
    reply(response, status, body, headers);

/** The error that a request to the source ends with; any other ending fails the test. */
export async function refusal(asked: Promise<unknown>): Promise<SourceError> {
  const error = await asked.then(
    () => new Error('no error'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SourceError)) throw error;
  return error;
}

/** Nobody waits; each turn is told. */
export const unpaced = (onTurn: () => void, onLeft: () => void = () => {}): Pacer => ({
  turn: async () => onTurn(),
  left: onLeft,
});
