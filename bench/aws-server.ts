import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { operationOf, RequestCount } from './request-count.ts';

/** What a request of the AWS SDK is answered. */
export interface Answer {
  readonly status: number;
  /**
   * A function is called when the head has been sent, one a turn of the event loop: so each who waits hears that an
   * answer has begun, however long the bodies before theirs take on a busy machine.
   */
  readonly body: string | Buffer | (() => string | Buffer);
  /** `application/octet-stream` where it is not told. */
  readonly type?: string;
  readonly etag?: string;
}

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export const NOT_THERE: Answer = {
  status: 404,
  body: '<?xml version="1.0" encoding="UTF-8"?><Error><Code>NoSuchKey</Code><Message>none</Message></Error>',
};

/** The answer of a service that speaks JSON. */
export const documentAnswer = (document: () => unknown): Answer => ({
  status: 200,
  body: () => JSON.stringify(document()),
  type: 'application/x-amz-json-1.0',
});

/** The object that a request for S3 names, the bucket left out. */
export const keyOf = (url: string): string =>
  decodeURIComponent(new URL(url, 'http://s3').pathname).split('/').slice(2).join('/');

/** One address for every service: what a function's environment needs so that the AWS SDK asks here, and what it asked. */
export interface AwsServer {
  readonly env: Readonly<Record<string, string>>;
  readonly count: RequestCount;
  close(): Promise<void>;
}

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

/** @param answer is given `service operation`; where it throws, the connection breaks */
export const startAwsServer = async (
  answer: (operation: string, asked: Asked) => Answer,
): Promise<AwsServer> => {
  const count = new RequestCount();
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (make: () => string | Buffer): Promise<string | Buffer> => {
    const made = last.then(() => nextTurn()).then(make);
    last = made.catch(() => {});
    return made;
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', headers } = request;
    const operation = operationOf(method, url, headers);
    count.add(operation);
    try {
      const { status, body, type, etag } = answer(operation, {
        method,
        url,
        headers,
        body: await bodyOf(request),
      });
      response.writeHead(status, {
        'content-type': type ?? 'application/octet-stream',
        ...(typeof body !== 'function' && { 'content-length': Buffer.byteLength(body) }),
        ...(etag !== undefined && { etag }),
      });
      if (typeof body === 'function') response.flushHeaders();
      response.end(typeof body === 'function' ? await inTurn(body) : body);
    } catch {
      response.destroy();
    }
  };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    env: {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ENDPOINT_URL_SQS: endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
      AWS_ENDPOINT_URL_EVENTBRIDGE: endpoint,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
    },
    count,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
