import { createAuthorisedSource } from '../../shared/adapters/authorised-source.ts';
import {
  createDynamoDbClient,
  createS3Client,
  createSecretsManagerClient,
  createSqsClient,
} from '../../shared/adapters/aws-clients.ts';
import {
  createDynamoDbLedger,
  createDynamoDbOrders,
  createDynamoDbSessions,
} from '../../shared/adapters/dynamodb-ledger.ts';
import { createPowertoolsTelemetry } from '../../shared/adapters/powertools-telemetry.ts';
import { rememberCredentials } from '../../shared/adapters/remembered-credentials.ts';
import { createS3ObjectStore } from '../../shared/adapters/s3-object-store.ts';
import { createSecretsManagerCredentials } from '../../shared/adapters/secrets-manager-credentials.ts';
import { createSmartfloHttp } from '../../shared/adapters/smartflo-http.ts';
import { createSqsQueue } from '../../shared/adapters/sqs-queue.ts';
import { systemClock as clock } from '../../shared/adapters/system-clock.ts';
import { parseAccountState } from '../../shared/contract/account-state-document.ts';
import { PollerEnv } from './env.ts';
import { createHandler } from './handler.ts';

const env = PollerEnv.parse(process.env);
const { telemetry, middleware } = createPowertoolsTelemetry('poller');
const table = createDynamoDbClient();
const sessions = createDynamoDbSessions(table, env.LEDGER_TABLE);
const credentials = rememberCredentials(createSecretsManagerCredentials(createSecretsManagerClient()), clock);

export const handler = createHandler(
  {
    ledger: createDynamoDbLedger(table, env.LEDGER_TABLE, parseAccountState),
    orders: createDynamoDbOrders(table, env.LEDGER_TABLE),
    objects: createS3ObjectStore(createS3Client(process.env), env.BUCKET),
    queue: createSqsQueue(createSqsClient(process.env), env.QUEUE_URL),
    clock,
    telemetry,
    openSource: (account, pacer, now) => {
      const http = createSmartfloHttp({ account, pacer, clock, now });
      return createAuthorisedSource({ account, http, credentials, sessions, clock, now });
    },
  },
  env,
).use(middleware);
