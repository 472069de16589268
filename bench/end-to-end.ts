import { gunzipSync } from 'node:zlib';
import { type AttributeValue, paginateScan } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { startEmbeddedAws } from '../local/embedded/aws.ts';
import { clientsOf } from '../local/embedded/clients.ts';
import { startEventSource } from '../local/event-source.ts';
import { provision } from '../local/provision.ts';
import { RAW } from '../shared/contract/bucket-layout.ts';
import { CALL_SORT } from '../shared/contract/index-table.ts';
import type { Ms } from '../shared/core/time.ts';
import { startCountingProxy } from './counting-proxy.ts';
import { functionNamed } from './functions.ts';
import type { RequestCounts } from './request-count.ts';
import { SECRET, type Source } from './source.ts';
import { consumed, demand, MeasuredFunction, pollAll, type Taken } from './stages.ts';

export interface EndToEnd {
  readonly records: number;
  readonly wallMs: Ms;
  readonly poller: Taken;
  readonly consumer: Taken;
  readonly requests: number;
  readonly calls: RequestCounts;
  readonly archiveBytes: number;
  readonly archiveObjects: number;
  readonly lineBytes: number;
  /** Bytes of an index entry as DynamoDB counts them, without its secondary indexes. */
  readonly indexMeanBytes: number;
  readonly indexMaxBytes: number;
}

/** As DynamoDB sizes an entry: names and values in UTF-8; numbers a byte for two digits and one more. */
const sizeOf = (value: AttributeValue): number => {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return Math.ceil(value.N.replace(/\D/g, '').length / 2) + 1;
  if (value.L !== undefined) return 3 + value.L.reduce((sum, entry) => sum + 1 + sizeOf(entry), 0);
  return 1;
};
const entryBytes = (entry: Record<string, AttributeValue>): number =>
  Object.entries(entry).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOf(value), 0);

/**
 * Fake API → archive, index and bus, by one process of each function, through the embedded AWS. What arrived is
 * read back and counted.
 */
export const measureEndToEnd = async (
  synthesisDir: string,
  source: Source,
  pageLimit: number,
): Promise<EndToEnd> => {
  const aws = await startEmbeddedAws();
  const proxy = await startCountingProxy(aws);
  const provisioned = await provision(synthesisDir, aws);
  aws.putSecret('bench', SECRET);
  const clients = clientsOf(aws);
  const poller = new MeasuredFunction(functionNamed(provisioned, 'poller'), proxy.env);
  const consumerFunction = functionNamed(provisioned, 'consumer');
  const consumer = new MeasuredFunction(consumerFunction, proxy.env);
  const [mapping] = provisioned.eventSources;
  const queueUrl = mapping?.queueUrl ?? '';
  const { INDEX_TABLE: TableName = '', BUCKET: Bucket = '' } = consumerFunction.environment;

  let events = 0;
  const all = Promise.withResolvers<void>();
  // It may reject while the poller is still waited for.
  all.promise.catch(() => {});
  aws.onEvent(() => {
    events += 1;
    if (events === source.records) all.resolve();
  });
  let done = 0;
  const eventSource = startEventSource({
    queueUrl,
    batchSize: mapping?.batchSize ?? 10,
    concurrency: 1,
    sqs: clients.sqs,
    invoke: async (event) => consumed(await consumer.run(event)),
    onBatch: (batch) => {
      done += batch.done;
      if (batch.returned > 0) all.reject(new Error('messages went back to the queue'));
    },
    onTrouble: (thrown) => all.reject(thrown),
  });

  try {
    const began = performance.now();
    const polled = await pollAll(poller, source, { account: 'end-to-end', pageLimit });
    await all.promise;
    const wallMs = performance.now() - began;
    await eventSource.stop();
    const calls = proxy.count.take();

    const archive = { objects: 0, bytes: 0, lineBytes: 0, lines: new Set<string>() };
    for await (const page of paginateListObjectsV2({ client: clients.s3 }, { Bucket, Prefix: RAW })) {
      for (const { Key } of page.Contents ?? []) {
        const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket, Key }));
        const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
        const text = gunzipSync(bytes).toString('latin1');
        archive.objects += 1;
        archive.bytes += bytes.length;
        archive.lineBytes += text.length;
        for (const line of text.split('\n').slice(0, -1)) archive.lines.add(line);
      }
    }
    const sizes: number[] = [];
    for await (const page of paginateScan({ client: clients.dynamo }, { TableName }))
      for (const entry of page.Items ?? []) if (entry['sk']?.S === CALL_SORT) sizes.push(entryBytes(entry));

    demand('records in the archive', archive.lines.size, source.records);
    demand('records in the index', sizes.length, source.records);
    demand('events on the bus', events, source.records);
    if (done === 0) throw new Error('no message was taken from the queue');
    return {
      records: source.records,
      wallMs,
      poller: poller.take(),
      consumer: consumer.take(),
      requests: polled.requests,
      calls,
      archiveBytes: archive.bytes,
      archiveObjects: archive.objects,
      lineBytes: archive.lineBytes,
      indexMeanBytes: sizes.reduce((sum, size) => sum + size, 0) / sizes.length,
      indexMaxBytes: sizes.reduce((most, size) => Math.max(most, size), 0),
    };
  } finally {
    await eventSource.stop();
    for (const fn of [poller, consumer]) fn.end();
    for (const client of Object.values(clients)) client.destroy();
    await proxy.close();
    await aws.close();
  }
};
