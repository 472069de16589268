import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { SystemNames } from '../../local/system-names.ts';
import { createDynamoDbCallIndex } from '../../shared/adapters/dynamodb-call-index.ts';
import {
  createDynamoDbLedger,
  createDynamoDbOrders,
  createDynamoDbSessions,
} from '../../shared/adapters/dynamodb-ledger.ts';
import { createEventBridgeBus } from '../../shared/adapters/eventbridge-bus.ts';
import { createS3ObjectStore } from '../../shared/adapters/s3-object-store.ts';
import { createSqsDeadLetters } from '../../shared/adapters/sqs-dead-letters.ts';
import { createSqsQueue, createSqsQueueDepth } from '../../shared/adapters/sqs-queue.ts';
import { parseAccountState } from '../../shared/contract/account-state-document.ts';
import { createConsumers } from './consumers.ts';
import { createIndexTables } from './index-tables.ts';
import type { Place } from './place.ts';

export interface Clients {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly dynamo: DynamoDBClient;
  readonly events: EventBridgeClient;
}

/** The same adapters as the functions', over clients that know where the place is. */
export const portsOf = (
  { s3, sqs, dynamo, events }: Clients,
  names: SystemNames,
  kind: Place['kind'],
): Pick<
  Place,
  | 'objects'
  | 'index'
  | 'ledger'
  | 'orders'
  | 'sessions'
  | 'depth'
  | 'queue'
  | 'deadLetters'
  | 'bus'
  | 'consumers'
  | 'tables'
> => ({
  objects: createS3ObjectStore(s3, names.bucket),
  index: createDynamoDbCallIndex(dynamo, names.indexTable),
  ledger: createDynamoDbLedger(dynamo, names.ledgerTable, parseAccountState),
  orders: createDynamoDbOrders(dynamo, names.ledgerTable),
  sessions: createDynamoDbSessions(dynamo, names.ledgerTable),
  depth: createSqsQueueDepth(sqs, names.queueUrl),
  queue: createSqsQueue(sqs, names.queueUrl),
  deadLetters: createSqsDeadLetters(sqs, names.queueUrl),
  bus: createEventBridgeBus(events, names.eventBus),
  consumers: createConsumers({ sqs, events }, names, kind),
  tables: createIndexTables(dynamo, names),
});
