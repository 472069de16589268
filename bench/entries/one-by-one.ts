import { gzipSync } from 'node:zlib';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';

/**
 * The consumer that most would write first: one message a record, and for each one object, one put on a condition
 * and one event. It does no more with a record than parse it.
 */
const { BUCKET, INDEX_TABLE, EVENT_BUS_NAME } = process.env;
const s3 = new S3Client({ forcePathStyle: true });
const dynamo = new DynamoDBClient();
const events = new EventBridgeClient();

const consume = async ({ body }: SQSRecord): Promise<void> => {
  const record: Record<string, string | null> = JSON.parse(body);
  const text = (name: string) => ({ S: record[name] ?? '' });
  const key = `raw/dt=${String(record['date'])}/${String(record['id'])}.json.gz`;
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: gzipSync(body) }));
  await dynamo.send(
    new PutItemCommand({
      TableName: INDEX_TABLE,
      Item: {
        pk: text('id'),
        sk: { S: 'call' },
        callId: text('call_id'),
        customer: text('client_number'),
        did: text('did_number'),
        start: { S: `${String(record['date'])} ${String(record['time'])}` },
        status: text('status'),
        object: { S: key },
      },
      ConditionExpression: 'attribute_not_exists(pk)',
    }),
  );
  const detail = { id: record['id'], callId: record['call_id'], status: record['status'], object: key };
  await events.send(
    new PutEventsCommand({
      Entries: [
        {
          Source: 'one-by-one',
          DetailType: 'CallCreated',
          Detail: JSON.stringify(detail),
          EventBusName: EVENT_BUS_NAME,
        },
      ],
    }),
  );
};

export const handler = async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
  const settled = await Promise.allSettled(Records.map(consume));
  const failed = Records.filter((_, place) => settled[place]?.status === 'rejected');
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
};
