import { hash } from 'node:crypto';
import type { Context, SQSRecord } from 'aws-lambda';
import { createHandler } from '../../functions/consumer/handler.ts';
import { createMemoryBus } from '../../shared/adapters/memory/bus.ts';
import { createMemoryCallIndex } from '../../shared/adapters/memory/call-index.ts';
import { createMemoryObjectStore } from '../../shared/adapters/memory/object-store.ts';
import { createMemoryTelemetry } from '../../shared/adapters/memory/telemetry.ts';
import type { CallEvent } from '../../shared/contract/call-event.ts';
import { type Origin, type PackMessage, zipLines } from '../../shared/contract/pack-message.ts';

/** When they are delivered; the calls are of the same day. */
const DELIVERED = '2026-03-10T06:40:00Z';

/** A made-up record. India gives no number that begins with five zeros. */
const record = (id: string, fields: object): object => ({
  id: `69af${id.padStart(20, '0')}`,
  call_id: `1773123000.${id}`,
  uuid: `uuid-${id}`,
  direction: 'inbound',
  service: 'IVR',
  date: '2026-03-10',
  time: '12:00:00',
  end_stamp: '2026-03-10 12:01:30',
  call_duration: 90,
  answered_seconds: 75,
  status: 'answered',
  client_number: '910000000017',
  did_number: '+910000000099',
  department_name: 'Sales',
  hangup_cause: 'Normal clearing',
  recording_url: `https://recordings.example/${id}?token=golden`,
  call_flow: [{ type: 'Agent', id: 'agent-1', dialst: 'Answered' }],
  ...fields,
});

const answered = record('a1', {});
const missed = record('b2', {
  time: '12:05:00',
  end_stamp: '2026-03-10 12:05:20',
  call_duration: 20,
  answered_seconds: 0,
  status: 'missed',
  client_number: '910000000018',
  recording_url: null,
  call_flow: [{ type: 'Agent', id: 'agent-2', dialst: 'Missed' }],
});

/** What happens, in this order: each gives one event, which its file is named after. */
const STORY: readonly (readonly [name: string, origin: Origin, record: object])[] = [
  ['created-answered', 'live', answered],
  ['created-missed', 'live', missed],
  [
    'created-transferred',
    'live',
    record('c3', {
      direction: 'outbound',
      service: 'Click to call',
      call_flow: [
        { type: 'Agent', id: 'agent-1', dialst: 'Answered' },
        { type: 'Agent', id: 'agent-2', dialst: 'Answered' },
      ],
    }),
  ],
  [
    'created-late',
    'late',
    record('d4', { time: '11:30:00', end_stamp: '2026-03-10 11:31:00', call_duration: 60 }),
  ],
  ['created-backfill', 'backfill', record('e5', { date: '2026-03-08', end_stamp: '2026-03-08 12:01:30' })],
  ['created-bare', 'live', { id: '69af00000000000000000f06', date: '2026-03-10', time: '12:06:00' }],
  [
    'changed-disposition',
    'edit',
    { ...answered, dialer_call_details: { disposition_name: 'Interested', campaign_name: 'Spring' } },
  ],
  ['changed-to-answered', 'edit', { ...missed, answered_seconds: 12, call_duration: 32, status: 'answered' }],
  ['changed-outside-the-summary', 'edit', { ...answered, notes: 'call again on Friday' }],
];

const messageOf = (place: number, origin: Origin, call: object): SQSRecord => {
  const date = Reflect.get(call, 'date') as string;
  const message: PackMessage = {
    v: 1,
    account: 'main',
    dt: date,
    stamp: `00000001-${String(place + 1).padStart(4, '0')}-69afb8e8`,
    origin,
    keyedBy: 'id',
    eventsFrom: 0,
    numbers: 'masked',
    volatilePaths: ['recording_url?token'],
    records: 1,
    body: 'inline',
    ndjson: Buffer.from(zipLines([JSON.stringify(call)])).toString('base64'),
  };
  const attributes = { ApproximateReceiveCount: '1' };
  return { messageId: String(place), body: JSON.stringify(message), attributes } as SQSRecord;
};

/** As EventBridge delivers it to a queue. */
const delivered = (event: CallEvent): object => {
  const id = hash('sha256', event.detail.dedupeKey);
  return {
    version: '0',
    id: [id.slice(0, 8), id.slice(8, 12), id.slice(12, 16), id.slice(16, 20), id.slice(20, 32)].join('-'),
    'detail-type': event['detail-type'],
    source: event.source,
    account: '111122223333',
    time: DELIVERED,
    region: 'ap-south-1',
    resources: [],
    detail: event.detail,
  };
};

/** The events that the real consumer publishes of made-up records, by their files' names. */
const goldenEvents = async (): Promise<ReadonlyMap<string, string>> => {
  const bus = createMemoryBus();
  const handler = createHandler({
    objects: createMemoryObjectStore(),
    index: createMemoryCallIndex(),
    bus,
    telemetry: createMemoryTelemetry(),
    now: () => Date.parse(DELIVERED),
  });
  const events = new Map<string, string>();
  for (const [place, [name, origin, call]] of STORY.entries()) {
    await handler({ Records: [messageOf(place, origin, call)] }, {} as Context);
    const event = bus.events[place];
    if (!event) throw new Error(`${name} gave no event`);
    events.set(name, `${JSON.stringify(delivered(event), null, 2)}\n`);
  }
  return events;
};

let once: ReturnType<typeof goldenEvents> | undefined;

/** Each golden event as a page of its own. */
export const GOLDEN_PAGES: Readonly<Record<string, () => Promise<string>>> = Object.fromEntries(
  STORY.map(([name]) => [
    `docs/events/golden/${name}.json`,
    async () => {
      once ??= goldenEvents();
      return (await once).get(name) ?? '';
    },
  ]),
);
