import { hash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as z from 'zod';
import { RAW } from '../shared/contract/bucket-layout.ts';
import { operationOf, RequestCount } from './request-count.ts';

/** AWS that answers at once, counts what it is asked and remembers no more than the functions must read again. */
export interface AwsStub {
  /** What a function's environment needs so that the AWS SDK asks here. */
  readonly env: Readonly<Record<string, string>>;
  readonly count: RequestCount;
  /** Bodies that were sent to the queue, oldest first. */
  readonly messages: string[];
  /** Archive objects by key. */
  readonly archive: Map<string, Buffer>;
  /** Entries that were put into a table which is not the ledger: how often. */
  readonly puts: { total: number; readonly keys: Set<string> };
  readonly events: { total: number };
  /** Forgets everything but the counts. */
  forget(): void;
  close(): Promise<void>;
}

const Documents = z.object({ TableName: z.string(), Key: z.object({ pk: z.object({ S: z.string() }) }) });
const Put = z.object({
  TableName: z.string(),
  Item: z.looseObject({ pk: z.object({ S: z.string() }), sk: z.object({ S: z.string() }).optional() }),
});
const Sent = z.object({ Entries: z.array(z.object({ Id: z.string(), MessageBody: z.string() })) });
const Published = z.object({ Entries: z.array(z.unknown()) });

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

interface Answer {
  readonly status: number;
  readonly body: string | Buffer;
  readonly etag?: string;
}

const NOT_THERE: Answer = {
  status: 404,
  body: '<?xml version="1.0" encoding="UTF-8"?><Error><Code>NoSuchKey</Code><Message>none</Message></Error>',
};

/** @param secret what every secret holds */
export const startAwsStub = async (secret: string): Promise<AwsStub> => {
  const count = new RequestCount();
  const messages: string[] = [];
  const archive = new Map<string, Buffer>();
  const objects = new Map<string, Buffer>();
  const documents = new Map<string, unknown>();
  const puts = { total: 0, keys: new Set<string>() };
  const events = { total: 0 };

  const operations: Record<string, (body: string) => unknown> = {
    'SecretsManager GetSecretValue': () => ({
      ARN: 'secret',
      Name: 'secret',
      SecretString: secret,
      VersionId: '1',
    }),
    'DynamoDB GetItem': (body) => {
      const { TableName, Key } = Documents.parse(JSON.parse(body));
      const Item = documents.get(`${TableName}/${Key.pk.S}`);
      return Item === undefined ? {} : { Item };
    },
    'DynamoDB PutItem': (body) => {
      const { TableName, Item } = Put.parse(JSON.parse(body));
      if ('doc' in Item) documents.set(`${TableName}/${Item.pk.S}`, Item);
      else {
        puts.total += 1;
        puts.keys.add(`${Item.pk.S}/${Item.sk?.S ?? ''}`);
      }
      return {};
    },
    'DynamoDB BatchGetItem': () => ({ Responses: {}, UnprocessedKeys: {} }),
    'SQS SendMessageBatch': (body) => ({
      Successful: Sent.parse(JSON.parse(body)).Entries.map(({ Id, MessageBody }) => {
        messages.push(MessageBody);
        return { Id, MessageId: randomUUID(), MD5OfMessageBody: hash('md5', MessageBody, 'hex') };
      }),
      Failed: [],
    }),
    'EventBridge PutEvents': (body) => {
      const { Entries } = Published.parse(JSON.parse(body));
      events.total += Entries.length;
      return { FailedEntryCount: 0, Entries: Entries.map(() => ({ EventId: randomUUID() })) };
    },
  };

  const answerObject = (method: string, url: string, body: Buffer): Answer => {
    const key = decodeURIComponent(new URL(url, 'http://s3').pathname).split('/').slice(2).join('/');
    const shelf = key.startsWith(RAW) ? archive : objects;
    if (method === 'PUT') {
      shelf.set(key, body);
      return { status: 200, body: '', etag: `"${hash('md5', body, 'hex')}"` };
    }
    const found = shelf.get(key);
    return found ? { status: 200, body: found, etag: `"${hash('md5', found, 'hex')}"` } : NOT_THERE;
  };

  const serve = async (
    request: IncomingMessage,
    response: ServerResponse,
    operation: string,
  ): Promise<void> => {
    try {
      const asked = await bodyOf(request);
      const perform = operations[operation];
      const { status, body, etag }: Answer = perform
        ? { status: 200, body: JSON.stringify(perform(asked.toString('utf8'))) }
        : answerObject(request.method ?? '', request.url ?? '', asked);
      response.writeHead(status, {
        'content-type': perform ? 'application/x-amz-json-1.0' : 'application/octet-stream',
        'content-length': Buffer.byteLength(body),
        ...(etag !== undefined && { etag }),
      });
      response.end(body);
    } catch {
      response.destroy();
    }
  };

  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    const operation = operationOf(method, url, headers);
    count.add(operation);
    void serve(request, response, operation);
  });
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
    messages,
    archive,
    puts,
    events,
    forget() {
      messages.length = 0;
      for (const held of [archive, objects, documents, puts.keys]) held.clear();
      puts.total = 0;
      events.total = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
