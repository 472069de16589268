import {
  createDynamoDbClient,
  createEventBridgeClient,
  createS3Client,
} from '../../shared/adapters/aws-clients.ts';
import { createDynamoDbCallIndex } from '../../shared/adapters/dynamodb-call-index.ts';
import { createEventBridgeBus } from '../../shared/adapters/eventbridge-bus.ts';
import { createPowertoolsTelemetry } from '../../shared/adapters/powertools-telemetry.ts';
import { createS3ObjectStore } from '../../shared/adapters/s3-object-store.ts';
import { ConsumerEnv } from './env.ts';
import { createHandler } from './handler.ts';

const env = ConsumerEnv.parse(process.env);
const { telemetry, middleware } = createPowertoolsTelemetry('consumer');

export const handler = createHandler({
  objects: createS3ObjectStore(createS3Client(process.env), env.BUCKET),
  index: createDynamoDbCallIndex(createDynamoDbClient(), env.INDEX_TABLE),
  bus: createEventBridgeBus(createEventBridgeClient(), env.EVENT_BUS_NAME),
  telemetry,
  now: Date.now,
}).use(middleware);
