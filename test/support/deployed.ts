import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { provisionHere, synthesiseHere } from '../../local/composition.ts';
import { type EmbeddedAws, startEmbeddedAws } from '../../local/embedded/aws.ts';
import { clientsOf } from '../../local/embedded/clients.ts';
import { startEventSource } from '../../local/event-source.ts';
import type { FakeSmartfloSettings } from '../../local/fake-smartflo/api.ts';
import { startFakeSmartflo } from '../../local/fake-smartflo/server.ts';
import { type FunctionHost, startFunctionHost } from '../../local/function-host.ts';
import type { Provisioned } from '../../local/provision.ts';
import { createDynamoDbCallIndex } from '../../shared/adapters/dynamodb-call-index.ts';
import { createS3ObjectStore } from '../../shared/adapters/s3-object-store.ts';
import type { CallEvent } from '../../shared/contract/call-event.ts';
import { parseRawKey, RAW } from '../../shared/contract/bucket-layout.ts';
import { unzipLines } from '../../shared/contract/pack-message.ts';
import { TickReport } from '../../shared/contract/tick.ts';
import { compileVolatilePaths, readContent } from '../../shared/core/content-hash.ts';
import { recordKey } from '../../shared/core/record-key.ts';
import type { EpochMs } from '../../shared/core/time.ts';
import type { Window } from '../../shared/core/window.ts';

type FakeServer = Awaited<ReturnType<typeof startFakeSmartflo>>;

/** Of the default configuration: what `synth` gives with no edits. */
const VOLATILE = compileVolatilePaths(['recording_url?token']);

/**
 * What `cdk deploy` would install with no edits, on the embedded AWS: the bundled handlers in processes of their own,
 * with only what the template and Lambda give them, beside a fake source over HTTP whose clock is the test's.
 */
export class Deployed {
  /** Of the source; the functions' own clocks are the machine's. */
  readonly clock: { at: EpochMs };
  readonly aws: EmbeddedAws;
  readonly fake: FakeServer;
  readonly poller: FunctionHost;
  readonly consumer: FunctionHost;
  readonly provisioned: Provisioned;
  /** What the functions printed. */
  readonly output: readonly string[];
  readonly #dataDir: string;

  private constructor(
    parts: Pick<Deployed, 'clock' | 'aws' | 'fake' | 'poller' | 'consumer' | 'provisioned' | 'output'>,
    dataDir: string,
  ) {
    this.clock = parts.clock;
    this.aws = parts.aws;
    this.fake = parts.fake;
    this.poller = parts.poller;
    this.consumer = parts.consumer;
    this.provisioned = parts.provisioned;
    this.output = parts.output;
    this.#dataDir = dataDir;
  }

  static async start(
    settings: Omit<FakeSmartfloSettings, 'clock'> & { startedAt: EpochMs },
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Deployed> {
    const clock = { at: settings.startedAt };
    const dataDir = await mkdtemp(join(tmpdir(), 'deployed-'));
    const fake = await startFakeSmartflo({ ...settings, clock: { real: () => clock.at } });
    const [aws] = await Promise.all([startEmbeddedAws({ dataDir }), synthesiseHere({ write: () => {} })]);
    const provisioned = await provisionHere(aws);
    const output: string[] = [];
    const host = (name: string, more: Readonly<Record<string, string>>): FunctionHost => {
      const fn = provisioned.functions.find((candidate) => candidate.name === name);
      if (!fn) throw new Error(`the template has no function ${name}`);
      return startFunctionHost(fn, {
        more: { ...aws.env, ...more },
        processes: 1,
        write: (line) => output.push(line),
      });
    };
    const poller = host('poller', { SMARTFLO_BASE_URL: fake.url, SMARTFLO_RPS: '500', ...environment });
    const consumer = host('consumer', {});
    const deployed = new Deployed({ aws, fake, provisioned, poller, consumer, clock, output }, dataDir);
    for (const secret of deployed.secretIds) aws.putSecret(secret, JSON.stringify({ token: 'fake-token' }));
    return deployed;
  }

  async close(): Promise<void> {
    this.poller.kill();
    this.consumer.kill();
    await this.fake.close();
    await this.aws.close();
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  /** Those of the poller: what else is scheduled goes on beside it. */
  get #schedules(): Provisioned['schedules'] {
    const poller = this.provisioned.functions.find(({ name }) => name === 'poller');
    return this.provisioned.schedules.filter((schedule) => schedule.function === poller?.logicalId);
  }

  get secretIds(): string[] {
    const Input = z.object({ accounts: z.array(z.looseObject({ secretId: z.string() })) });
    return this.#schedules.flatMap(({ input }) =>
      Input.parse(input(new Date(0).toISOString())).accounts.map(({ secretId }) => secretId),
    );
  }

  /** What the schedule does at the clock's present; undefined where the poller did not live to answer. */
  async tick(): Promise<TickReport[] | undefined> {
    const reports: TickReport[] = [];
    for (const schedule of this.#schedules) {
      const invocation = await this.poller.invoke(schedule.input(new Date(this.clock.at).toISOString()));
      if (invocation.outcome === 'ended') return undefined;
      if (invocation.outcome !== 'returned')
        throw new Error(`the poller ${JSON.stringify(invocation)}: ${this.output.slice(-5).join('\n')}`);
      reports.push(...z.array(TickReport).parse(invocation.result));
    }
    return reports;
  }

  /** Ticks at every step from the clock's present until `end`. */
  async run(end: EpochMs, step: number): Promise<void> {
    for (; this.clock.at < end; this.clock.at += step) await this.tick();
  }

  /** Runs the event source until the queue is empty; `onBatch` may kill the consumer. */
  async drain(): Promise<void> {
    const [mapping] = this.provisioned.eventSources;
    if (!mapping) throw new Error('the template has no event source');
    const { sqs } = clientsOf(this.aws);
    const source = startEventSource({
      queueUrl: mapping.queueUrl,
      batchSize: mapping.batchSize,
      concurrency: 1,
      visibilityTimeoutSeconds: 1,
      sqs,
      invoke: (event) => this.consumer.invoke(event),
      onBatch: () => {},
      onTrouble: (thrown) => {
        throw thrown;
      },
    });
    while ((await this.waiting()) > 0) await new Promise((done) => setImmediate(done));
    await source.stop();
    sqs.destroy();
  }

  /** Messages in the queue, being worked on or not. */
  async waiting(): Promise<number> {
    const { sqs } = clientsOf(this.aws);
    const counts = await Promise.all(
      this.provisioned.names.queueUrls.map((QueueUrl) =>
        sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] })),
      ),
    );
    sqs.destroy();
    return counts.reduce(
      (sum, { Attributes }) =>
        sum +
        Number(Attributes?.['ApproximateNumberOfMessages'] ?? 0) +
        Number(Attributes?.['ApproximateNumberOfMessagesNotVisible'] ?? 0),
      0,
    );
  }

  /** What source, archive (read back), index and bus say of the calls that started in a window. */
  async contents(window: Window) {
    const { s3, dynamo } = clientsOf(this.aws);
    const truth = new Map<string, string>();
    for (const { raw } of this.fake.world.truth(this.clock.at, window)) {
      const content = readContent(raw, VOLATILE);
      truth.set(recordKey(content, { trustIds: true }), content.hash);
    }
    const objects = createS3ObjectStore(s3, this.provisioned.names.buckets[0] ?? '');
    const newest = new Map<string, { stamp: string; hash: string }>();
    const lines: string[] = [];
    for await (const key of objects.list(RAW)) {
      const name = parseRawKey(key);
      const stored = await objects.read(key);
      if (!name || !stored) throw new Error(`${key} is no archive object`);
      for (const line of unzipLines(stored.body)) {
        lines.push(`${name.dt} ${line}`);
        const content = readContent(line, VOLATILE);
        const record = recordKey(content, { trustIds: name.keyedBy === 'id' });
        if ((newest.get(record)?.stamp ?? '') <= name.stamp)
          newest.set(record, { stamp: name.stamp, hash: content.hash });
      }
    }
    const table =
      this.provisioned.functions.find(({ name }) => name === 'consumer')?.environment['INDEX_TABLE'] ?? '';
    const keys = [...newest.keys()];
    const index = await createDynamoDbCallIndex(dynamo, table).load('main', keys);
    const events = this.aws.events() as readonly { detail: CallEvent['detail'] }[];
    const published = new Set(events.map(({ detail }) => `${detail.id} ${detail.revision}`));
    s3.destroy();
    dynamo.destroy();
    return {
      lines,
      truth,
      archive: new Map([...newest].map(([key, { hash }]) => [key, hash])),
      index: new Map([...index].map(([key, { hash }]) => [key, hash])),
      unpublished: [...index.values()]
        .filter(({ key, madeBy }) => !published.has(`${key} ${madeBy}`))
        .map(({ key }) => key),
    };
  }
}
