import {
  createDynamoDbClient,
  createEventBridgeClient,
  createS3Client,
  createSqsClient,
} from '../../shared/adapters/aws-clients.ts';
import { createDynamoDbCallIndex } from '../../shared/adapters/dynamodb-call-index.ts';
import { createDynamoDbDayIndex } from '../../shared/adapters/dynamodb-day-index.ts';
import {
  createDynamoDbLedger,
  createDynamoDbOrders,
  createDynamoDbProofs,
} from '../../shared/adapters/dynamodb-ledger.ts';
import { createEventBridgeBus } from '../../shared/adapters/eventbridge-bus.ts';
import { createPowertoolsTelemetry } from '../../shared/adapters/powertools-telemetry.ts';
import { createS3ObjectStore } from '../../shared/adapters/s3-object-store.ts';
import { createSqsQueue, createSqsQueueDepth } from '../../shared/adapters/sqs-queue.ts';
import { parseDayState } from '../../shared/contract/day-proof.ts';
import { parseAccountState } from '../../shared/contract/account-state-document.ts';
import { ProverEnv } from './env.ts';
import { createHandler } from './handler.ts';

const env = ProverEnv.parse(process.env);
const { telemetry, middleware } = createPowertoolsTelemetry('prover');
const table = createDynamoDbClient();
const sqs = createSqsClient(process.env);

export const handler = createHandler({
  objects: createS3ObjectStore(createS3Client(process.env), env.BUCKET),
  proofs: createDynamoDbProofs(table, env.LEDGER_TABLE, parseDayState),
  orders: createDynamoDbOrders(table, env.LEDGER_TABLE),
  ledger: createDynamoDbLedger(table, env.LEDGER_TABLE, parseAccountState),
  index: createDynamoDbCallIndex(table, env.INDEX_TABLE),
  dayIndex: createDynamoDbDayIndex(table, env.INDEX_TABLE),
  queue: { ...createSqsQueue(sqs, env.QUEUE_URL), ...createSqsQueueDepth(sqs, env.QUEUE_URL) },
  bus: createEventBridgeBus(createEventBridgeClient(), env.EVENT_BUS_NAME),
  telemetry,
  now: Date.now,
}).use(middleware);
