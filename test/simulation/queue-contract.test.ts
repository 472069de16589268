import { hash } from 'node:crypto';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { createEventBridgeBus } from '../../shared/adapters/eventbridge-bus.ts';
import { createMemoryBus } from '../../shared/adapters/memory/bus.ts';
import { createMemoryCallIndex } from '../../shared/adapters/memory/call-index.ts';
import { createMemoryObjectStore } from '../../shared/adapters/memory/object-store.ts';
import { createMemoryTelemetry } from '../../shared/adapters/memory/telemetry.ts';
import { createSqsQueue } from '../../shared/adapters/sqs-queue.ts';
import { answeringHandler } from '../support/answering-client.ts';
import { consume } from '../support/consume.ts';
import { packBody, rawRecord } from '../support/packs.ts';

const TEN = Array.from({ length: 10 }, (_, place) => place);
/** Every way in which some of ten entries fail. */
const SUBSETS = Array.from({ length: 2 ** TEN.length }, (_, bits) =>
  TEN.filter((place) => (bits & (1 << place)) !== 0),
);

interface SentEntry {
  readonly Id: string;
  readonly MessageBody: string;
}

/** SQS as far as batches go. `failing`: these bodies fail at the first request, or at every one. */
const sqsOf = (failing: ReadonlySet<string>, tries: number, isOurFault: boolean) => {
  const taken: string[] = [];
  let requests = 0;
  const client = new SQSClient(
    answeringHandler(({ Entries }: { Entries: readonly SentEntry[] }) => {
      requests += 1;
      const [bad, good] = [true, false].map((is) =>
        Entries.filter(({ MessageBody }) => (failing.has(MessageBody) && requests <= tries) === is),
      );
      taken.push(...(good ?? []).map(({ MessageBody }) => MessageBody));
      return {
        Successful: good?.map(({ Id, MessageBody }) => ({
          Id,
          MessageId: Id,
          MD5OfMessageBody: hash('md5', MessageBody),
        })),
        Failed: bad?.map(({ Id }) => ({ Id, Code: 'InternalError', SenderFault: isOurFault })),
      };
    }),
  );
  return { queue: createSqsQueue(client, 'https://sqs.ap-south-1.amazonaws.com/1/queue'), taken };
};

test('SQS takes some of ten messages, in every way: the others are sent again in the call, alone', async () => {
  const bodies = TEN.map((place) => `message ${place}`);
  await Promise.all(
    SUBSETS.map(async (subset) => {
      const { queue, taken } = sqsOf(new Set(subset.map((place) => bodies[place] ?? '')), 1, false);
      expect(await queue.send(bodies)).toEqual(bodies.map(() => ({ sent: true })));
      expect(taken.sort()).toEqual(bodies);
    }),
  );
});

test('SQS refuses some of ten messages for good, in every way: each outcome is the entry’s own', async () => {
  const bodies = TEN.map((place) => `message ${place}`);
  for (const subset of SUBSETS) {
    const { queue, taken } = sqsOf(new Set(subset.map((place) => bodies[place] ?? '')), 9, true);
    const outcomes = await queue.send(bodies);
    expect(TEN.filter((place) => !outcomes[place]?.sent)).toEqual(subset);
    expect(taken).toEqual(bodies.filter((_, place) => !subset.includes(place)));
  }
});

const RECORDS = TEN.map((place) => rawRecord({ id: `r${place}`, content: place }));

const createPorts = () => ({
  objects: createMemoryObjectStore(),
  index: createMemoryCallIndex(),
  telemetry: createMemoryTelemetry(),
  now: () => 0,
});

/** PutEvents of ten events. `failing` fail at the first request, or at so many. */
const busOf = (failing: readonly number[], tries: number, code = 'InternalFailure') => {
  const taken: string[] = [];
  let requests = 0;
  const client = new EventBridgeClient(
    answeringHandler(({ Entries }: { Entries: readonly { Detail: string }[] }) => {
      requests += 1;
      const answers = Entries.map(({ Detail }) => {
        const { id, dedupeKey } = JSON.parse(Detail);
        if (failing.includes(Number(String(id).slice(1))) && requests <= tries)
          return { ErrorCode: code, ErrorMessage: 'made up' };
        taken.push(String(dedupeKey));
        return { EventId: String(dedupeKey) };
      });
      return {
        Entries: answers,
        FailedEntryCount: answers.filter((answer) => 'ErrorCode' in answer).length,
      };
    }),
  );
  return { bus: createEventBridgeBus(client, 'bus'), taken };
};

test('the bus takes some of ten events, in every way: the others are published in the same invocation, none twice', async () => {
  await Promise.all(
    SUBSETS.map(async (subset) => {
      const { bus, taken } = busOf(subset, 1);
      const back = await consume({ ...createPorts(), bus }, [{ messageId: 'm', body: packBody(RECORDS) }]);
      expect(back).toEqual([]);
      expect(taken).toHaveLength(10);
      expect(new Set(taken).size).toBe(10);
    }),
  );
});

test('the bus refuses some of ten events over a whole invocation, in every way: the message goes back, and its next receive tells them', async () => {
  for (const subset of SUBSETS) {
    const ports = createPorts();
    const message = { messageId: 'm', body: packBody(RECORDS) };
    const refusing = busOf(subset, 9, 'InvalidArgument');
    expect(await consume({ ...ports, bus: refusing.bus }, [message])).toEqual(
      subset.length === 0 ? [] : ['m'],
    );
    // What the bus took is not told again within the invocation.
    expect(refusing.taken).toHaveLength(10 - subset.length);
    if (subset.length === 0) continue;
    const bus = createMemoryBus();
    expect(await consume({ ...ports, bus }, [{ ...message, receives: 2 }])).toEqual([]);
    const told = new Set([...refusing.taken, ...bus.events.map(({ detail }) => detail.dedupeKey)]);
    expect(told.size).toBe(10);
  }
});
