import { hash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import * as z from 'zod';
import { OFFICIAL } from '../local/fake-smartflo/official.ts';
import { RAW, rawKey, SLICES } from '../shared/contract/bucket-layout.ts';
import { entryOf, PlaceEntry } from '../shared/contract/index-table.ts';
import { encodeSlice, type SourceSlice, sliceKey } from '../shared/contract/source-slice.ts';
import { type CallSummary, summarise } from '../shared/core/call-summary.ts';
import { compileVolatilePaths, readContent } from '../shared/core/content-hash.ts';
import { dayWindow } from '../shared/core/proof-rounds.ts';
import { formatStamp, parseStamp } from '../shared/core/stamp.ts';
import { HOUR, istStamp, SECOND } from '../shared/core/time.ts';
import { type Answer, type Asked, documentAnswer, keyOf, NOT_THERE, startAwsServer } from './aws-server.ts';
import type { RequestCounts } from './request-count.ts';

export const ACCOUNT = 'main';
export const DT = '2026-03-10';
/** Both as in operation: a pack is sealed at 250, and a window holds what 50 requests for 100 records bring. */
const PACK = 250;
const WINDOW_RECORDS = 5_000;
const HOURS = 24;
/** Keys that S3 lists in one answer. */
const LISTED = 1_000;
/** DynamoDB ends a page of a query at a megabyte. */
const PAGE_BYTES = 1024 ** 2;
const CONTENT_BYTES = 16;
/** Of a slice's record that the archive holds otherwise. */
const OTHER_CONTENT = '0'.repeat(16);

/**
 * What may be amiss with every record of the day: the index has none of them, the source shows another content of each
 * than the archive holds, or the archive has lost its objects.
 */
export const AMISS = ['nothing', 'index', 'content', 'archive'] as const;
export type Amiss = (typeof AMISS)[number];

/** One finished day as AWS would hold it; records are made when they are asked for. */
export interface ProofWorld {
  readonly env: Readonly<Record<string, string>>;
  requests(): RequestCounts;
  close(): Promise<void>;
}

const Located = z.object({ Key: z.object({ pk: z.object({ S: z.string() }) }) });
const Put = z.object({ Item: z.looseObject({ pk: z.object({ S: z.string() }) }) });
const Batch = z.object({
  RequestItems: z.record(
    z.string(),
    z.object({ Keys: z.array(z.object({ pk: z.object({ S: z.string() }) })) }),
  ),
});
const Sent = z.object({ Entries: z.array(z.object({ Id: z.string(), MessageBody: z.string() })) });
const Query = z.object({
  ExpressionAttributeValues: z.object({ ':key': z.object({ S: z.string() }) }),
  ExclusiveStartKey: z.object({ start: z.object({ N: z.string() }) }).optional(),
});

type Attribute = { S: string } | { N: string } | { BOOL: boolean } | { L: Attribute[] };
const attribute = (value: unknown): Attribute =>
  Array.isArray(value)
    ? { L: value.map(attribute) }
    : typeof value === 'number'
      ? { N: String(value) }
      : typeof value === 'boolean'
        ? { BOOL: value }
        : { S: String(value) };

/** Windows of one hour, all as long, in whole seconds. */
const windowsAnHour = (records: number): number => {
  for (let windows = 1; ; windows += 1)
    if (3_600 % windows === 0 && records / HOURS / windows <= WINDOW_RECORDS) return windows;
};

/** The records of the day, by number; each is the official sample under an id and a start of its own. */
class Day {
  readonly records: number;
  readonly #amiss: Amiss;
  readonly #perHour: number;
  readonly #window = dayWindow(DT);
  /** Of each record, made before anybody waits for an answer. */
  readonly #hashes: Buffer;
  readonly #summary: CallSummary = summarise(
    JSON.parse(Buffer.from(OFFICIAL.raw, 'latin1').toString('utf8')),
  );
  readonly #template = OFFICIAL.raw
    .replace(/"id":"[^"]*"/, '"id":"<id>"')
    .replace(/"date":"[^"]*"/, '"date":"<date>"')
    .replace(/"time":"[^"]*"/, '"time":"<time>"');
  readonly slices: readonly Omit<SourceSlice, 'records'>[];

  /** The one that all of them have. */
  get status(): string {
    return this.#summary.status ?? '';
  }

  constructor(records: number, amiss: Amiss) {
    this.records = records;
    this.#amiss = amiss;
    this.#perHour = Math.ceil(records / HOURS);
    this.#hashes = Buffer.alloc(records * CONTENT_BYTES);
    const volatile = compileVolatilePaths([]);
    for (let number = 0; number < records; number += 1)
      this.#hashes.write(readContent(this.rawOf(number), volatile).hash, number * CONTENT_BYTES, 'hex');
    const windows = windowsAnHour(records);
    this.slices = Array.from({ length: HOURS * windows }, (_, place) => ({
      account: ACCOUNT,
      from: this.#window.from + place * (HOUR / windows),
      to: this.#window.from + (place + 1) * (HOUR / windows),
      stamp: formatStamp(60_000, place, this.#window.to),
      readAt: this.#window.to + 26 * HOUR,
      filterOn: 'start' as const,
      count: 0,
      missing: 0,
    }));
  }

  idOf(number: number): string {
    return `b${String(number).padStart(9, '0')}`;
  }

  startOf(number: number): number {
    const hour = Math.floor(number / this.#perHour);
    const second = Math.floor((3_600 * (number % this.#perHour)) / this.#perHour);
    return this.#window.from + hour * HOUR + second * SECOND;
  }

  rawOf(number: number): string {
    const [date = '', time = ''] = istStamp(this.startOf(number)).split(/[ T]/);
    return this.#template.replace('<id>', this.idOf(number)).replace('<date>', date).replace('<time>', time);
  }

  hashOf(number: number): string {
    const at = number * CONTENT_BYTES;
    return this.#hashes.toString('hex', at, at + CONTENT_BYTES);
  }

  packKey(pack: number): string {
    const stamp = formatStamp(1 + Math.floor(pack / 60_000), pack % 60_000, this.#window.to);
    return rawKey({ account: ACCOUNT, dt: DT, stamp, digest: '0'.repeat(16), keyedBy: 'id' });
  }

  sliceOf(key: string): Omit<SourceSlice, 'records'> | undefined {
    return this.slices.find((one) => sliceKey(one) === key);
  }

  packOf(key: string): number {
    const { epoch, request } = parseStamp(key.slice(key.lastIndexOf('/') + 1).slice(0, 22)) ?? {
      epoch: 0,
      request: 0,
    };
    return (epoch - 1) * 60_000 + request;
  }

  get packs(): number {
    return Math.ceil(this.records / PACK);
  }

  pack(pack: number): Buffer {
    const lines = this.#numbers(pack * PACK, (pack + 1) * PACK).map((number) => this.rawOf(number));
    return gzipSync(Buffer.from(`${lines.join('\n')}\n`, 'latin1'), { level: 1 });
  }

  slice(slice: Omit<SourceSlice, 'records'>): Buffer {
    const hour = Math.floor((slice.from - this.#window.from) / HOUR);
    const records = this.#numbers(hour * this.#perHour, (hour + 1) * this.#perHour)
      .filter((number) => this.startOf(number) >= slice.from && this.startOf(number) < slice.to)
      .map((number) => ({
        key: this.idOf(number),
        content: this.#amiss === 'content' ? OTHER_CONTENT : this.hashOf(number).slice(0, 16),
        at: this.startOf(number),
        dt: DT,
      }));
    return Buffer.from(encodeSlice({ ...slice, count: records.length, records }));
  }

  /** One page of a partition of the index by day, from a record's number on. */
  page(partition: string, from: number | undefined) {
    const hour = Number(/T(\d\d)#/.exec(partition)?.[1]);
    const first = hour * this.#perHour;
    const end = Math.min(first + this.#perHour, this.records);
    const Items: Record<string, Attribute>[] = [];
    let number = from ?? first;
    for (let bytes = 0; number < end && bytes < PAGE_BYTES; number += 1) {
      // The megabyte is counted before a projection; what is shown is what the prover's asks for.
      const told = this.#told(number);
      bytes += told.reduce((sum, [name, value]) => sum + name.length + String(value).length, 0);
      const shown = told.filter(([name]) => name in PlaceEntry.shape);
      Items.push(Object.fromEntries(shown.map(([name, value]) => [name, attribute(value)])));
    }
    return { Items, ...(number < end && { LastEvaluatedKey: { start: { N: String(number) } } }) };
  }

  /** The whole entry of a key, where the index has one. */
  entry(partition: string): Record<string, Attribute>[] {
    const number = Number(/#b(\d{9})$/.exec(partition)?.[1]);
    if (this.#amiss === 'index' || !(number < this.records)) return [];
    return [Object.fromEntries(this.#told(number).map(([name, value]) => [name, attribute(value)]))];
  }

  #told(number: number): [name: string, value: unknown][] {
    const object = this.packKey(Math.floor(number / PACK));
    const stamp = object.slice(object.lastIndexOf('/') + 1).slice(0, 22);
    const entry = entryOf({
      account: ACCOUNT,
      key: this.idOf(number),
      dt: DT,
      summary: { ...this.#summary, startAt: this.startOf(number) },
      hash: this.hashOf(number),
      seen: stamp,
      madeBy: stamp,
      changed: [],
      object,
      line: number % PACK,
    });
    return Object.entries(entry).filter(([, value]) => value !== undefined);
  }

  #numbers(from: number, to: number): number[] {
    return Array.from({ length: Math.max(0, Math.min(to, this.records) - from) }, (_, index) => from + index);
  }
}

/** Serves such a day over HTTP, so that nothing of its making is in the process that proves it. */
export const startProofWorld = async (records: number, amiss: Amiss): Promise<ProofWorld> => {
  const day = new Day(records, amiss);
  const written = new Map<string, Buffer>();
  const documents = new Map<string, unknown>();
  const documentsOf: Record<string, (body: string) => unknown> = {
    'DynamoDB GetItem': (body) => {
      const Item = documents.get(Located.parse(JSON.parse(body)).Key.pk.S);
      return Item === undefined ? {} : { Item };
    },
    'DynamoDB PutItem': (body) => {
      const { Item } = Put.parse(JSON.parse(body));
      documents.set(Item.pk.S, Item);
      return {};
    },
    'DynamoDB Query': (body) => {
      const { ExpressionAttributeValues: values, ExclusiveStartKey: after } = Query.parse(JSON.parse(body));
      const partition = values[':key'].S;
      const none = amiss === 'index' || !partition.endsWith(`#${day.status}`) || partition.includes('T--');
      if (none) return { Items: [] };
      return day.page(partition, after && Number(after.start.N));
    },
    'DynamoDB BatchGetItem': (body) => ({
      Responses: Object.fromEntries(
        Object.entries(Batch.parse(JSON.parse(body)).RequestItems).map(([table, { Keys }]) => [
          table,
          Keys.flatMap(({ pk }) => day.entry(pk.S)),
        ]),
      ),
      UnprocessedKeys: {},
    }),
    'SQS SendMessageBatch': (body) => ({
      Successful: Sent.parse(JSON.parse(body)).Entries.map(({ Id, MessageBody }) => ({
        Id,
        MessageId: Id,
        MD5OfMessageBody: hash('md5', MessageBody, 'hex'),
      })),
      Failed: [],
    }),
    'SQS GetQueueAttributes': () => ({
      Attributes: { ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '0' },
    }),
    'EventBridge PutEvents': () => ({ FailedEntryCount: 0, Entries: [{ EventId: 'proof' }] }),
  };

  const list = (url: string): Answer => {
    const asked = new URL(url, 'http://s3').searchParams;
    const prefix = asked.get('prefix') ?? '';
    const after = asked.get('continuation-token') ?? asked.get('start-after') ?? '';
    const keys: string[] = [];
    if (prefix.startsWith(RAW) && amiss !== 'archive')
      for (
        let pack = after === '' ? 0 : day.packOf(after) + 1;
        pack < day.packs && keys.length <= LISTED;
        pack += 1
      )
        keys.push(day.packKey(pack));
    else if (prefix.startsWith(SLICES))
      for (const slice of day.slices) {
        const key = sliceKey(slice);
        if (key.startsWith(prefix) && key > after && keys.length <= LISTED) keys.push(key);
      }
    const shown = keys.slice(0, LISTED);
    const more = keys.length > LISTED;
    const contents = shown.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('');
    const next = more ? `<NextContinuationToken>${shown.at(-1)}</NextContinuationToken>` : '';
    return {
      status: 200,
      type: 'application/xml',
      body: `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><KeyCount>${shown.length}</KeyCount><IsTruncated>${more}</IsTruncated>${contents}${next}</ListBucketResult>`,
    };
  };

  const object = ({ method, url, headers, body }: Asked): Answer => {
    const key = keyOf(url);
    if (method === 'PUT') {
      written.set(key, body);
      return { status: 200, body: '', etag: `"${hash('md5', body, 'hex')}"` };
    }
    const make = bytesOf(key);
    if (!make) return NOT_THERE;
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
    return from === undefined
      ? { status: 200, body: make, etag: '"1"' }
      : { status: 206, body: () => make().subarray(Number(from), Number(to) + 1), etag: '"1"' };
  };
  const bytesOf = (key: string): (() => Buffer) | undefined => {
    if (key.startsWith(RAW)) return amiss === 'archive' ? undefined : () => day.pack(day.packOf(key));
    const slice = day.sliceOf(key);
    if (slice) return () => day.slice(slice);
    const found = written.get(key);
    return found && (() => found);
  };

  const server = await startAwsServer((operation, asked) => {
    const perform = documentsOf[operation];
    if (perform) return documentAnswer(() => perform(asked.body.toString('utf8')));
    return operation === 'S3 ListObjectsV2' ? list(asked.url) : object(asked);
  });
  return { env: server.env, requests: () => server.count.take(), close: () => server.close() };
};
