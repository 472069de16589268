/** The events by their detail types: when each is sent, and where its schema and an example of it lie. */
export const EVENTS = {
  CallCreated: {
    summary: 'A call that was not known before.',
    schema: 'call-created.schema.json',
    golden: 'created-answered.json',
  },
  CallChanged: {
    summary:
      'A known call has another content. The whole of it comes again: treat it as CallCreated, an upsert.',
    schema: 'call-changed.schema.json',
    golden: 'changed-to-answered.json',
  },
  DayProven: {
    summary: 'Of one account and day, source, archive and index agree record by record.',
    schema: 'day-proven.schema.json',
  },
  DayDiffers: {
    summary: 'They do not, and what could be healed was: the ids that stay different are named.',
    schema: 'day-differs.schema.json',
  },
} as const;

const COMMON = [
  'Told at least once, in any order.',
  'A call event carries `dedupeKey`, the same at every repetition; drop what has no greater `revision` than what you have.',
].join(' ');

/** AsyncAPI 3.0 of the bus, for catalogues and generators. The payload is the whole EventBridge event. */
export const asyncApiPage = (): string => {
  const names = Object.keys(EVENTS);
  const document = {
    asyncapi: '3.0.0',
    info: {
      title: 'smartflo-cdr',
      version: '1',
      description: `Every new or changed Smartflo call, and every day that is proven, on an EventBridge bus. ${COMMON}`,
    },
    defaultContentType: 'application/json',
    channels: {
      bus: {
        address: 'EventBridge bus: the output EventBus of the stack smartflo-data',
        description: 'Rules match `source` "smartflo-cdr" and `detail-type`, the name of the message.',
        messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
      },
    },
    operations: {
      publish: {
        action: 'send',
        channel: { $ref: '#/channels/bus' },
        messages: names.map((name) => ({ $ref: `#/channels/bus/messages/${name}` })),
      },
    },
    components: {
      messages: Object.fromEntries(
        Object.entries(EVENTS).map(([name, event]) => [
          name,
          {
            name,
            summary: event.summary,
            payload: {
              schemaFormat: 'application/schema+json;version=draft-2020-12',
              schema: { $ref: `./${event.schema}` },
            },
            ...('golden' in event && { 'x-golden-event': `./golden/${event.golden}` }),
          },
        ]),
      ),
    },
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
};
