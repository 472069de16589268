import { chmod, mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import dynalite from 'dynalite';
import { type LocalEvent, startBusAndSecrets } from './bus-and-secrets.ts';
import { startObjectsAndQueues } from './objects-and-queues.ts';

export type { LocalEvent } from './bus-and-secrets.ts';

export const LOCAL_REGION = 'us-east-1';

/** The part of AWS that this system uses, in this process, on 127.0.0.1. */
export interface EmbeddedAws {
  /** What a function's environment needs so that the AWS SDK asks here. */
  readonly env: Record<string, string>;
  /** Sets a secret; each put is a new version unless one is named. Kept in memory only. */
  putSecret(id: string, value: string, version?: string): void;
  /** The newest events, oldest first. */
  events(): readonly LocalEvent[];
  onEvent(listener: (event: LocalEvent) => void): void;
  close(): Promise<void>;
}

/**
 * @param dataDir where objects lie by their keys, events by their date, and everything else under `.state`:
 *   all but the secrets is there again after a restart. Without it everything ends with the process.
 * @param strictBus see `startBusAndSecrets`; on unless switched off.
 */
export const startEmbeddedAws = async ({
  dataDir,
  strictBus = true,
}: {
  dataDir?: string;
  strictBus?: boolean;
} = {}): Promise<EmbeddedAws> => {
  if (dataDir !== undefined) {
    await mkdir(join(dataDir, '.state'), { recursive: true, mode: 0o700 });
    await chmod(dataDir, 0o700);
  }
  const [objectsAndQueues, tables, busAndSecrets] = await Promise.all([
    startObjectsAndQueues(dataDir),
    startTables(dataDir),
    startBusAndSecrets({ dataDir, region: LOCAL_REGION, strictBus }),
  ]);
  const { putSecret, events, onEvent } = busAndSecrets;
  return {
    env: {
      AWS_ENDPOINT_URL_S3: objectsAndQueues.endpoint,
      AWS_ENDPOINT_URL_SQS: objectsAndQueues.endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: tables.endpoint,
      AWS_ENDPOINT_URL_EVENTBRIDGE: busAndSecrets.endpoint,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: busAndSecrets.endpoint,
      AWS_REGION: LOCAL_REGION,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    },
    putSecret,
    events,
    onEvent,
    async close() {
      await Promise.all([objectsAndQueues.close(), tables.close(), busAndSecrets.close()]);
    },
  };
};

const startTables = async (dataDir: string | undefined) => {
  const server = dynalite({
    ...(dataDir !== undefined && { path: join(dataDir, '.state', 'tables') }),
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
