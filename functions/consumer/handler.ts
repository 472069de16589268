import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Ms } from '../../shared/core/time.ts';
import { createGate, type Gate } from './gate.ts';
import { type IngestPorts, ingest, NotThrough } from './ingest.ts';

/** Requests in flight at once, over the whole batch: one core has no more to do with more. */
const IN_FLIGHT = 32;

/** Messages unpacked at once; each may be a claim of tens of megabytes. */
const MESSAGES_AT_ONCE = 4;

/** How often a message is tried in one invocation, the first included. */
const TRIES = 2;

/**
 * No request starts with less time left: three attempts of the SDK take up to 20 s (shared/adapters/aws-clients.ts),
 * and a function that is stopped gives its whole batch back, also what is done.
 */
const LEAST_TIME: Ms = 20_000;

/** What a failure is called in logs. Messages of errors may quote what was sent. */
const codeOf = (error: unknown): string =>
  error instanceof NotThrough ? error.code : error instanceof Error ? error.name : 'unknown';

/**
 * SQS → archive → index → bus. Each message settles alone: one that throws goes back to the queue, and its
 * neighbours stay done.
 *
 * Throwing means "try again": once more here and then by the queue. What no retry can
 * cure is quarantined by `ingest`, which then resolves. See docs/adr/0003-partial-batch.md.
 */
export const createHandler = (ports: IngestPorts) =>
  middy(async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const inFlight = createGate(IN_FLIGHT);
    const gate: Gate = (task) =>
      inFlight(() => {
        if (timeLeft(context) < LEAST_TIME) throw new NotThrough('out-of-time');
        return task();
      });
    const oneByOne = createGate(MESSAGES_AT_ONCE);
    const settled = await Promise.allSettled(
      event.Records.map((record) => oneByOne(() => settle(record, gate, ports))),
    );
    const failed = event.Records.filter((_, place) => settled[place]?.status === 'rejected');
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  });

/** Infinite where the runner does not tell, as a local one may not. */
const timeLeft = ({ getRemainingTimeInMillis }: Partial<Context>): Ms =>
  getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;

const settle = async (record: SQSRecord, gate: Gate, ports: IngestPorts): Promise<void> => {
  const { messageId, body, attributes } = record;
  const receives = Number(attributes.ApproximateReceiveCount);
  const published = new Set<string>();
  for (let tries = 1; ; tries++) {
    try {
      await ingest({ messageId, body, published, gate }, ports);
      return;
    } catch (error) {
      if (tries < TRIES && !(error instanceof NotThrough && error.code === 'out-of-time')) continue;
      ports.telemetry.log('warn', 'message goes back to the queue', {
        messageId,
        receives,
        code: codeOf(error),
      });
      throw error;
    }
  }
};
