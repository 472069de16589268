import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GlueClient } from '@aws-sdk/client-glue';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';

/** Where the SDK looks for other endpoints than AWS's own; we only ask whether there are any. */
type Environment = Readonly<Record<string, string | undefined>>;

/** Requests in flight at once to one service; the SDK's own figure is 50 (@smithy/node-http-handler 4). */
const SOCKETS = 64;

/**
 * Region, credentials and endpoints come from the environment, by the SDK's own rules.
 *
 * Three attempts with backoff and jitter are the SDK's standard mode (AWS SDKs and Tools Reference Guide, "Retry
 * behavior"). Its timeouts are none at all: one hung socket would hold a function to its end. A regional call takes
 * milliseconds and the largest body is 1 MiB, so 1 s to connect and 5 s for an answer are an outage, not a delay;
 * three attempts then end within 20 s, well before a function does.
 */
const settings = {
  maxAttempts: 3,
  // Sorts the middleware of a command once instead of at every request: 13 % of a PutItem's CPU (SDK 3.1164).
  cacheMiddleware: true,
  requestHandler: {
    connectionTimeout: 1_000,
    requestTimeout: 5_000,
    throwOnRequestTimeout: true,
    httpsAgent: { keepAlive: true, maxSockets: SOCKETS },
    httpAgent: { keepAlive: true, maxSockets: SOCKETS },
  },
};

const overridden = (env: Environment, service: string): boolean =>
  Boolean(env[`AWS_ENDPOINT_URL_${service}`] ?? env['AWS_ENDPOINT_URL']);

/** All that the SDK has to say of S3 is that a body which streams is not tried again: its sender knows. */
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** Another endpoint has no bucket in its host name. */
export const createS3Client = (env: Environment): S3Client =>
  new S3Client({ ...settings, logger: SILENT, forcePathStyle: overridden(env, 'S3') });

/** The SDK sends to the host of the queue's URL, unless it is told otherwise. */
export const createSqsClient = (env: Environment): SQSClient =>
  new SQSClient({ ...settings, useQueueUrlAsEndpoint: !overridden(env, 'SQS') });

/**
 * Steps of every request that do nothing for us and cost a sixth of its CPU, so that the clients asked once a record
 * go without them: a logger that is off, the SDK's name in a header, and the trace header that lets Lambda stop
 * functions that call themselves in a circle, which the table and the bus are not part of.
 */
const DISPENSABLE = ['loggerMiddleware', 'getUserAgentMiddleware', 'recursionDetectionMiddleware'];

const lighten = <Client extends { middlewareStack: { remove(name: string): boolean } }>(
  client: Client,
): Client => {
  for (const name of DISPENSABLE) client.middlewareStack.remove(name);
  return client;
};

export const createDynamoDbClient = (): DynamoDBClient => lighten(new DynamoDBClient(settings));
export const createEventBridgeClient = (): EventBridgeClient => lighten(new EventBridgeClient(settings));

/** Undefined on a machine that stands in for AWS: it has no Athena, so nobody asks its views. */
export const createGlueClient = (env: Environment): GlueClient | undefined =>
  overridden(env, 'S3') && !overridden(env, 'GLUE') ? undefined : new GlueClient(settings);

export const createSecretsManagerClient = (): SecretsManagerClient => new SecretsManagerClient(settings);
