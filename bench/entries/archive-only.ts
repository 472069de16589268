import type { SQSEvent } from 'aws-lambda';
import { ConsumerEnv } from '../../functions/consumer/env.ts';
import type { Gate } from '../../functions/consumer/gate.ts';
import { ingest } from '../../functions/consumer/ingest.ts';
import { createS3Client } from '../../shared/adapters/aws-clients.ts';
import { createMemoryBus } from '../../shared/adapters/memory/bus.ts';
import { createMemoryCallIndex } from '../../shared/adapters/memory/call-index.ts';
import { createMemoryTelemetry } from '../../shared/adapters/memory/telemetry.ts';
import { createS3ObjectStore } from '../../shared/adapters/s3-object-store.ts';

/** The consumer up to its first effect, the archive's object: what "fake API → archive" needs of it. */
class Archived extends Error {}

const untilFirstEffect: Gate = async (task) => {
  await task();
  throw new Archived();
};

const env = ConsumerEnv.parse(process.env);
const ports = {
  objects: createS3ObjectStore(createS3Client(process.env), env.BUCKET),
  index: createMemoryCallIndex(),
  bus: createMemoryBus(),
  telemetry: createMemoryTelemetry(),
  now: Date.now,
};

export const handler = async (event: SQSEvent): Promise<void> => {
  await Promise.all(
    event.Records.map(({ messageId, body }) =>
      ingest(
        { messageId, body, isRepeated: false, published: new Set(), gate: untilFirstEffect },
        ports,
      ).catch((thrown: unknown) => {
        if (!(thrown instanceof Archived)) throw thrown;
      }),
    ),
  );
};
