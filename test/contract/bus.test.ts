import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEventBridgeBus } from '../../shared/adapters/eventbridge-bus.ts';
import { createMemoryBus } from '../../shared/adapters/memory/bus.ts';
import { callEvent } from '../../shared/contract/call-event.ts';
import type { Bus } from '../../shared/ports/bus.ts';
import { indexedCall } from '../support/indexed-call.ts';
import { type EmbeddedClients, startEmbeddedClients } from '../support/embedded-clients.ts';

let embedded: EmbeddedClients;
beforeAll(async () => {
  embedded = await startEmbeddedClients();
  await embedded.createBus('calls');
});
afterAll(() => embedded.close());

const subjects: [string, () => { bus: Bus; heard(): unknown[] }][] = [
  [
    'memory',
    () => {
      const bus = createMemoryBus();
      return { bus, heard: () => bus.events };
    },
  ],
  [
    'EventBridge',
    () => {
      const before = embedded.aws.events().length;
      return {
        bus: createEventBridgeBus(embedded.eventBridge, 'calls'),
        heard: () =>
          embedded.aws
            .events()
            .slice(before)
            .map((event) => ({
              source: event.source,
              'detail-type': event['detail-type'],
              detail: event.detail,
            })),
      };
    },
  ],
];

describe.each(subjects)('the bus in %s', (_, create) => {
  test('publishes any number of events, whole and in order, and answers for each', async () => {
    const { bus, heard } = create();
    const events = Array.from({ length: 23 }, (_, number) =>
      callEvent(
        indexedCall({ key: `call-${number}`, changed: number % 2 ? ['status'] : [] }),
        'live',
        'full',
      ),
    );
    expect(await bus.publish(events)).toEqual(events.map(() => ({ sent: true })));
    expect(heard()).toEqual(events);
    expect(await bus.publish([])).toEqual([]);
  });
});

test('an event for a bus that refuses it is no success, and does not reject', async () => {
  const bus = createEventBridgeBus(embedded.eventBridge, 'nobody-made-this');
  const outcomes = await bus.publish([callEvent(indexedCall(), 'live', 'full')]);
  expect(outcomes).toEqual([{ sent: false, code: 'ResourceNotFoundException' }]);
});
