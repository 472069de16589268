import type { SQSEvent } from 'aws-lambda';
import { ConsumerEnv } from '../../functions/consumer/env.ts';
import { ingest } from '../../functions/consumer/ingest.ts';
import { createS3Client } from '../../shared/adapters/aws-clients.ts';
import { createMemoryBus } from '../../shared/adapters/memory/bus.ts';
import { createMemoryCallIndex } from '../../shared/adapters/memory/call-index.ts';
import { createMemoryTelemetry } from '../../shared/adapters/memory/telemetry.ts';
import { createS3ObjectStore } from '../../shared/adapters/s3-object-store.ts';

/** Thrown at the first write to the index, after the archive's object: the end of "fake API → archive". */
class Archived extends Error {}

const env = ConsumerEnv.parse(process.env);
const ports = {
  objects: createS3ObjectStore(createS3Client(process.env), env.BUCKET),
  index: {
    ...createMemoryCallIndex(),
    write: async () => {
      throw new Archived();
    },
  },
  bus: createMemoryBus(),
  telemetry: createMemoryTelemetry(),
  now: Date.now,
};

export const handler = async (event: SQSEvent): Promise<void> => {
  await Promise.all(
    event.Records.map(({ messageId, body }) =>
      ingest({ messageId, body, published: new Set(), gate: (task) => task() }, ports).catch(
        (thrown: unknown) => {
          if (!(thrown instanceof Archived)) throw thrown;
        },
      ),
    ),
  );
};
