import * as z from 'zod';
import type { CallSummary } from '../core/call-summary.ts';
import { maskNumber } from '../core/phone.ts';
import { IST_OFFSET } from '../core/time.ts';
import type { IndexedCall } from './indexed-call.ts';
import { ORIGINS, type Origin } from './pack-message.ts';

/** What rules match on, with the detail type. */
export const EVENT_SOURCE = 'smartflo-cdr';

const utc = z.iso.datetime();
const ist = z.iso.datetime({ offset: true });

/** The call as of this revision, whole. Every field may be absent: the source leaves out what it likes. */
const EventSummary = z
  .object({
    callId: z.string().describe('Shared by the records (legs, transfers) of one call.'),
    uuid: z.string().describe('The leg.'),
    startAt: utc.describe('Start of the call, UTC.'),
    startAtIst: ist.describe('The same instant as the wall clock in India shows it.'),
    endAt: utc.describe('End of the call, UTC.'),
    endAtIst: ist.describe('The same instant as the wall clock in India shows it.'),
    direction: z.string().describe('inbound or outbound.'),
    status: z.string().describe('answered or missed.'),
    service: z.string(),
    customer: z
      .string()
      .describe('E.164; masked to the last four digits unless the account asks for full numbers.'),
    did: z.string().describe("The account's own number, E.164; masked as `customer` is."),
    agents: z.array(z.string()).describe('Ids of every agent who answered, in order.'),
    department: z.string(),
    campaign: z.string(),
    disposition: z.string(),
    hangupCause: z.string(),
    durationSeconds: z.number().describe('From start to end; above 0 on missed calls too.'),
    answeredSeconds: z.number(),
    hasRecording: z.boolean().describe('The recording itself is reached through the archive only.'),
  })
  .partial();
export type EventSummary = z.infer<typeof EventSummary>;

const detail = {
  version: z.literal(1),
  dedupeKey: z.string().describe('`<account>/<id>/<revision>`: the same at every repetition of this event.'),
  account: z.string().describe('The Smartflo account, as named in the configuration.'),
  id: z.string().describe("The record's key within its account."),
  revision: z
    .string()
    .describe('Sorts as text within one record: drop what is not greater than what you have.'),
  origin: z
    .enum(ORIGINS)
    .describe('Why it comes now. For display and alarms; treat every origin alike, as an upsert.'),
  summary: EventSummary,
  archive: z
    .object({ object: z.string(), line: z.int().min(0).describe('From 0.') })
    .describe('Where the raw record lies: key in the bucket and line of the unpacked object.'),
};
const field = z.string().describe('A field of `summary`, or `raw` for a change outside of it.');

export const CallCreated = z
  .object({
    source: z.literal(EVENT_SOURCE),
    'detail-type': z.literal('CallCreated'),
    detail: z.object({ ...detail, changed: z.array(field).max(0) }),
  })
  .describe('A call that was not known before.');

export const CallChanged = z
  .object({
    source: z.literal(EVENT_SOURCE),
    'detail-type': z.literal('CallChanged'),
    detail: z.object({ ...detail, changed: z.array(field).min(1) }),
  })
  .describe('A known call whose record has other content than before.');

/** What is published, as a rule sees it; the bus adds its own id, time, region. */
export const CallEvent = z.discriminatedUnion('detail-type', [CallCreated, CallChanged]);
export type CallEvent = z.infer<typeof CallEvent>;

/** The events by the file name of their JSON Schema in docs/events. */
export const EVENT_SCHEMAS = {
  'call-created.schema.json': CallCreated,
  'call-changed.schema.json': CallChanged,
} as const;

const istIso = (at: number): string => new Date(at + IST_OFFSET).toISOString().replace('Z', '+05:30');

const instants = (name: 'startAt' | 'endAt', at: number | undefined) =>
  at === undefined ? {} : { [name]: new Date(at).toISOString(), [`${name}Ist`]: istIso(at) };

const eventSummary = (summary: CallSummary, numbers: 'masked' | 'full'): EventSummary => {
  const { startAt, endAt, customer, did, agents, ...rest } = summary;
  const show = (number: string) => (numbers === 'full' ? number : maskNumber(number));
  return {
    ...rest,
    ...instants('startAt', startAt),
    ...instants('endAt', endAt),
    ...(customer !== undefined && { customer: show(customer) }),
    ...(did !== undefined && { did: show(did) }),
    ...(agents !== undefined && { agents: [...agents] }),
  };
};

/** The event that announces the current revision of a call. The same call gives the same `dedupeKey`. */
export const callEvent = (call: IndexedCall, origin: Origin, numbers: 'masked' | 'full'): CallEvent => ({
  source: EVENT_SOURCE,
  'detail-type': call.changed.length === 0 ? 'CallCreated' : 'CallChanged',
  detail: {
    version: 1,
    dedupeKey: `${call.account}/${call.key}/${call.madeBy}`,
    account: call.account,
    id: call.key,
    revision: call.madeBy,
    origin,
    summary: eventSummary(call.summary, numbers),
    changed: [...call.changed],
    archive: { object: call.object, line: call.line },
  },
});
