import { hash, randomUUID } from 'node:crypto';
import * as z from 'zod';
import { RAW } from '../shared/contract/bucket-layout.ts';
import { type Answer, documentAnswer, keyOf, NOT_THERE, startAwsServer } from './aws-server.ts';
import type { RequestCount } from './request-count.ts';

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

/** @param secret what every secret holds */
export const startAwsStub = async (secret: string): Promise<AwsStub> => {
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
    const key = keyOf(url);
    const shelf = key.startsWith(RAW) ? archive : objects;
    if (method === 'PUT') {
      shelf.set(key, body);
      return { status: 200, body: '', etag: `"${hash('md5', body, 'hex')}"` };
    }
    const found = shelf.get(key);
    return found ? { status: 200, body: found, etag: `"${hash('md5', found, 'hex')}"` } : NOT_THERE;
  };

  const server = await startAwsServer((operation, { method, url, body }) => {
    const perform = operations[operation];
    return perform ? documentAnswer(() => perform(body.toString('utf8'))) : answerObject(method, url, body);
  });
  return {
    env: server.env,
    count: server.count,
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
    close: () => server.close(),
  };
};
