import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import * as z from 'zod';
import { istDate } from '../../shared/core/time.ts';
import { LOCAL_ACCOUNT } from './objects-and-queues.ts';

/** An event as EventBridge hands it to a rule's target. */
export interface LocalEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
  /** Not in the real envelope: the bus it came by. */
  readonly bus: string;
}

export interface BusAndSecrets {
  readonly endpoint: string;
  /** Every put is a new version, unless one is named: one that comes back after a restart is the same credential. */
  putSecret(id: string, value: string, version?: string): void;
  /** The newest, oldest first, at most `EVENTS_KEPT`. */
  events(): readonly LocalEvent[];
  onEvent(listener: (event: LocalEvent) => void): void;
  close(): Promise<void>;
}

const EVENTS_KEPT = 50_000;

/** PutEvents takes at most ten entries, and 256 KB together (the older, smaller limit). */
const ENTRIES = 10;
const REQUEST_BYTES = 256 * 1024;

const PutEvents = z.object({
  Entries: z
    .array(
      z.object({
        Source: z.string(),
        DetailType: z.string(),
        Detail: z.string(),
        EventBusName: z.string().default('default'),
        Time: z.number().optional(),
        Resources: z.array(z.string()).default([]),
      }),
    )
    .min(1)
    .max(ENTRIES),
});
const Named = z.object({ Name: z.string() });
const SecretAsked = z.object({ SecretId: z.string() });

/** An answer that is an AWS error. */
class Refusal extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * EventBridge (PutEvents, CreateEventBus) and Secrets Manager (GetSecretValue) on 127.0.0.1. Events become
 * lines of `<dataDir>/events/<IST date>.ndjson` where there is a folder; secrets stay in memory.
 *
 * @param strictBus an event for a bus that was never created is a failed entry. The real bus takes it and
 *   drops it, so nobody would notice.
 */
export const startBusAndSecrets = async (options: {
  dataDir?: string | undefined;
  region: string;
  strictBus: boolean;
}): Promise<BusAndSecrets> => {
  const buses = new Set(['default']);
  const secrets = new Map<string, { value: string; version: string; createdAt: number }>();
  const listeners: ((event: LocalEvent) => void)[] = [];
  let kept: LocalEvent[] = [];
  const folder = options.dataDir === undefined ? undefined : join(options.dataDir, 'events');
  if (folder !== undefined) mkdirSync(folder, { recursive: true });

  const accept = (entry: z.infer<typeof PutEvents>['Entries'][number]) => {
    const bus = busName(entry.EventBusName);
    if (!buses.has(bus))
      return options.strictBus
        ? { ErrorCode: 'ResourceNotFoundException', ErrorMessage: `Event bus ${bus} does not exist.` }
        : { EventId: randomUUID() };
    const detail = parseObject(entry.Detail);
    if (detail === undefined) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
    const event: LocalEvent = {
      version: '0',
      id: randomUUID(),
      'detail-type': entry.DetailType,
      source: entry.Source,
      account: LOCAL_ACCOUNT,
      time: new Date(entry.Time === undefined ? Date.now() : entry.Time * 1000).toISOString(),
      region: options.region,
      resources: entry.Resources,
      detail,
      bus,
    };
    if (folder !== undefined)
      appendFileSync(join(folder, `${istDate(Date.now())}.ndjson`), `${JSON.stringify(event)}\n`);
    kept.push(event);
    if (kept.length > EVENTS_KEPT * 1.1) kept = kept.slice(-EVENTS_KEPT);
    for (const listener of listeners) listener(event);
    return { EventId: event.id };
  };

  const operations: Record<string, (body: unknown) => unknown> = {
    'AWSEvents.CreateEventBus': (body) => {
      const { Name } = Named.parse(body);
      if (buses.has(Name))
        throw new Refusal('ResourceAlreadyExistsException', `Event bus ${Name} already exists.`);
      buses.add(Name);
      return { EventBusArn: `arn:aws:events:${options.region}:${LOCAL_ACCOUNT}:event-bus/${Name}` };
    },
    'AWSEvents.PutEvents': (body) => {
      const Entries = PutEvents.parse(body).Entries.map(accept);
      return { FailedEntryCount: Entries.filter((entry) => 'ErrorCode' in entry).length, Entries };
    },
    'secretsmanager.GetSecretValue': (body) => {
      const { SecretId } = SecretAsked.parse(body);
      const secret = secrets.get(SecretId);
      if (!secret)
        throw new Refusal(
          'ResourceNotFoundException',
          "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
        );
      return {
        ARN: SecretId,
        Name: SecretId,
        SecretString: secret.value,
        VersionId: secret.version,
        VersionStages: ['AWSCURRENT'],
        CreatedDate: secret.createdAt,
      };
    },
  };

  const perform = (target: string, body: string): { status: number; answer: unknown } => {
    try {
      const operation = operations[target];
      if (!operation) throw new Refusal('UnknownOperationException', 'not embedded');
      if (body.length > REQUEST_BYTES)
        throw new Refusal('ValidationException', 'Total size of the entries is over the limit.');
      return { status: 200, answer: operation(JSON.parse(body)) };
    } catch (thrown) {
      if (thrown instanceof Refusal)
        return { status: 400, answer: { __type: thrown.code, message: thrown.message } };
      if (thrown instanceof z.ZodError)
        return { status: 400, answer: { __type: 'ValidationException', message: z.prettifyError(thrown) } };
      return { status: 500, answer: { __type: 'InternalException', message: String(thrown) } };
    }
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const { status, answer } = perform(String(request.headers['x-amz-target']), await readBody(request));
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(answer));
    } catch {
      response.destroy(); // whoever asked is gone in the middle of it
    }
  };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    endpoint: `http://127.0.0.1:${port}`,
    putSecret: (id, value, version = randomUUID()) =>
      void secrets.set(id, { value, version, createdAt: Date.now() / 1000 }),
    events: () => kept,
    onEvent: (listener) => void listeners.push(listener),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** A bus may be named by its ARN, as a Lambda environment often does. */
const busName = (nameOrArn: string): string => nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);

const parseObject = (text: string): unknown => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};
