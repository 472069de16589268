import { tmpdir } from 'node:os';
import { createGlueClient, createS3Client } from '../../shared/adapters/aws-clients.ts';
import { createGlueCallsView } from '../../shared/adapters/glue-calls-view.ts';
import { createParquetFiles } from '../../shared/adapters/parquet-files.ts';
import { createPowertoolsTelemetry } from '../../shared/adapters/powertools-telemetry.ts';
import { createS3ObjectStore } from '../../shared/adapters/s3-object-store.ts';
import { CompactorEnv } from './env.ts';
import { createHandler } from './handler.ts';

const env = CompactorEnv.parse(process.env);
const { telemetry, middleware } = createPowertoolsTelemetry('compactor');
const glue = createGlueClient(process.env);

export const handler = createHandler({
  objects: createS3ObjectStore(createS3Client(process.env), env.BUCKET),
  files: createParquetFiles(tmpdir()),
  bucket: env.BUCKET,
  view: glue && createGlueCallsView(glue, env.GLUE_DATABASE),
  telemetry,
}).use(middleware);
