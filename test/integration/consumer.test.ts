import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDynamoDbCallIndex } from '../../shared/adapters/dynamodb-call-index.ts';
import { createEventBridgeBus } from '../../shared/adapters/eventbridge-bus.ts';
import { createMemoryTelemetry } from '../../shared/adapters/memory/telemetry.ts';
import { createS3ObjectStore } from '../../shared/adapters/s3-object-store.ts';
import { createSqsQueue } from '../../shared/adapters/sqs-queue.ts';
import { CallEvent } from '../../shared/contract/call-event.ts';
import { unzipLines } from '../../shared/contract/pack-message.ts';
import { formatStamp } from '../../shared/core/stamp.ts';
import { consume } from '../support/consume.ts';
import { type EmbeddedClients, startEmbeddedClients } from '../support/embedded-clients.ts';
import { packBody, rawRecord } from '../support/packs.ts';

let embedded: EmbeddedClients;
beforeAll(async () => {
  embedded = await startEmbeddedClients();
});
afterAll(() => embedded.close());

test('packs that went through the queue lie in the archive, the index and on the bus, whatever comes with them and again', async () => {
  const { aws, s3, sqs, dynamoDb, eventBridge } = embedded;
  const queueUrl = await embedded.createQueue('packs');
  const objects = createS3ObjectStore(s3, await embedded.createBucket('archive'));
  const index = createDynamoDbCallIndex(dynamoDb, await embedded.createIndexTable('index'));
  const bus = createEventBridgeBus(eventBridge, await embedded.createBus('calls'));
  const ports = { objects, index, bus, telemetry: createMemoryTelemetry(), now: Date.now };

  const ids = Array.from({ length: 250 }, (_, number) => `k${number}`);
  const records = (content: number) =>
    ids.map((id) => rawRecord({ id, content, status: content === 0 ? 'missed' : 'answered' }));
  const first = packBody(records(0), { stamp: formatStamp(1, 1, 0) });
  const second = packBody(records(31), { stamp: formatStamp(1, 2, 0), origin: 'edit' });
  const sent = await createSqsQueue(sqs, queueUrl).send([second, 'no pack', first, first]);
  expect(sent.every((outcome) => outcome.sent)).toBe(true);

  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
  );
  const batch = Messages.map(({ MessageId = '', Body = '' }) => ({ messageId: MessageId, body: Body }));
  expect(batch).toHaveLength(4);
  expect(await consume(ports, batch)).toEqual([]);
  expect(
    await consume(
      ports,
      batch.map((message) => ({ ...message, receives: 2 })),
    ),
  ).toEqual([]);

  const archived: string[] = [];
  for await (const key of objects.list('raw/account=main/dt=2026-03-10/'))
    archived.push(...unzipLines((await objects.read(key))?.body ?? new Uint8Array()));
  expect(archived.sort()).toEqual([...records(0), ...records(31)].sort());

  const calls = await index.load('main', ids);
  expect(calls.size).toBe(250);
  expect(
    [...calls.values()].every(
      ({ summary, seen }) => summary.answeredSeconds === 31 && seen === formatStamp(1, 2, 0),
    ),
  ).toBe(true);
  expect(await index.find('main', { by: 'day', dt: '2026-03-10', status: 'answered' }, 300)).toHaveLength(
    250,
  );
  expect(await index.find('main', { by: 'day', dt: '2026-03-10', status: 'missed' }, 300)).toEqual([]);

  const heard = aws.events().map((event) => CallEvent.parse(event).detail);
  const newest = heard.filter(({ revision }) => revision === formatStamp(1, 2, 0));
  expect(new Set(newest.map(({ id }) => id))).toEqual(new Set(ids));

  const quarantined: string[] = [];
  for await (const key of objects.list('quarantine/')) quarantined.push(key);
  expect(quarantined).toHaveLength(2);
});
