import { member } from '../../core/member.ts';
import { toE164 } from '../../core/phone.ts';
import { parseStamp } from '../../core/stamp.ts';
import { type EpochMs, parseIstStamp, SECOND } from '../../core/time.ts';
import type { Row } from './column.ts';
import { cutRecord, shortOriginals, type STORED } from './stored-columns.ts';

/** A row of a curated file: what the view `calls` makes of the newest line of a record. */
export type CuratedRow = Row<typeof STORED>;

/** What the archive knows of a record beside its newest line. */
export interface RowOrigin {
  readonly key: string;
  /** The line, as text. */
  readonly record: string;
  /** Stamps of the first line, and of the one that brought this content. */
  readonly firstStamp: string;
  readonly revision: string;
  readonly contents: number;
}

const LARGEST_INTEGER = 2 ** 31 - 1;
const NUMBER = /^\d{1,15}(?:\.\d+)?(?:e\+?\d{1,2})?$/i;
/** Beyond it a `time` is no epoch second. */
const LATEST_SECOND = 1e11;

/** The text of a scalar as it stands; null for containers, null and what is not there. */
const rawText = (value: unknown): string | null =>
  typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : null;

/** The same, null for what stands for nothing. */
const textOf = (value: unknown): string | null => {
  const text = rawText(value)?.trim() ?? '';
  return text === '' || text === 'N.A.' ? null : text;
};

/** A non-negative number. */
const numberOf = (value: unknown): number | null => {
  const text = textOf(value);
  return text !== null && NUMBER.test(text) ? Number(text) : null;
};

const whole = (value: number | null): number | null =>
  value !== null && value >= 0 && value <= LARGEST_INTEGER ? Math.floor(value) : null;

const instantOf = (date: unknown, time: unknown): EpochMs | null =>
  parseIstStamp(`${rawText(date)} ${rawText(time)}`) ?? null;

const utc = (at: EpochMs | null): Date | null => (at === null ? null : new Date(at));

const entriesOf = (value: unknown): unknown[] =>
  typeof value === 'object' && value !== null ? Object.values(value) : [];

const stepAt = (step: unknown): EpochMs | null => {
  const seconds = numberOf(member(step, 'time'));
  return seconds !== null && seconds < LATEST_SECOND ? Math.round(seconds * SECOND) : null;
};

const readable = (text: string): boolean => toE164(text) !== undefined;
const isExtension = (text: string): boolean => /^extension/i.test(text);

/** The first that reads as a number; else the first that says anything but an extension. */
const customerOf = (record: object, direction: string | null): string | null => {
  const text = (name: string) => textOf(member(record, name)) ?? [];
  const inbound = direction === 'inbound';
  const likely = [
    text('client_number'),
    ...(inbound ? [text('from_number'), text('caller_id_num')] : [text('destination')]),
  ].flat();
  const destinations = inbound
    ? []
    : Object.keys(record).flatMap((name) => (name.startsWith('destination') ? text(name) : []));
  return (
    likely.find(readable) ??
    destinations.find(readable) ??
    likely.find((candidate) => !isExtension(candidate)) ??
    null
  );
};

/**
 * The row of a record whose newest line parses as `record`. It is read leniently, by the same rules as the views' SQL:
 * no shape of it fails.
 */
export const curatedRow = (record: object, origin: RowOrigin): CuratedRow => {
  const of = (name: string) => member(record, name);
  const dialer = of('dialer_call_details');
  const circle = of('circle');
  const flow = entriesOf(of('call_flow'));
  const answers = flow.filter(
    (step) => member(step, 'type') === 'Agent' && member(step, 'dialst') === 'Answered',
  );
  const queue = flow.find((step) => rawText(member(step, 'type'))?.endsWith('Queue'));
  const lastAnswer = answers.at(-1);
  const agents = new Set(answers.map((step) => textOf(member(step, 'id'))).filter((id) => id !== null));

  const direction = textOf(of('direction'))?.toLowerCase() ?? null;
  const answered = numberOf(of('answered_seconds'));
  const startAt = instantOf(of('date'), of('time'));
  const endStamp = rawText(of('end_stamp')) ?? '';
  const endAt = instantOf(endStamp.slice(0, 10), endStamp.slice(11));
  const answeredAt = answers.length > 0 ? stepAt(answers[0]) : null;
  const waited = startAt === null || answeredAt === null ? null : (answeredAt - startAt) / SECOND;
  const customerText = customerOf(record, direction);
  const customer = customerText === null ? null : (toE164(customerText) ?? customerText);
  const didText = textOf(of('did_number'));
  const did = didText === null ? null : (toE164(didText) ?? (isExtension(didText) ? null : didText));
  return {
    key: origin.key,
    call_id: textOf(of('call_id')),
    uuid: textOf(of('uuid')),
    direction,
    status:
      textOf(of('status'))?.toLowerCase() ??
      (answered === null ? null : answered > 0 ? 'answered' : 'missed'),
    service: textOf(of('service')),
    start_at: utc(startAt),
    end_at: utc(endAt),
    answered_at: utc(answeredAt),
    duration_seconds: whole(numberOf(of('call_duration')) ?? numberOf(of('total_call_duration'))),
    answered_seconds: whole(answered),
    wait_seconds: whole(numberOf(member(dialer, 'call_wait_time'))) ?? whole(waited),
    talk_seconds: whole(numberOf(member(dialer, 'agent_talk_time'))) ?? whole(answered),
    hold_seconds: whole(numberOf(member(dialer, 'total_hold_duration'))),
    customer,
    did,
    ...shortOriginals({ customer, customer_original: customerText, did, did_original: didText }),
    agent_id: textOf(member(lastAnswer, 'id')),
    agent_name: textOf(member(lastAnswer, 'name')),
    agents_answered: agents.size,
    department: textOf(of('department_name')),
    queue: textOf(member(dialer, 'inbound_queue')) ?? textOf(member(queue, 'name')),
    campaign: textOf(member(dialer, 'campaign_name')),
    disposition: textOf(member(dialer, 'disposition_name')),
    sub_disposition: textOf(member(dialer, 'sub_disposition_name')),
    sla: textOf(member(dialer, 'sla_status')),
    hangup_cause: textOf(of('hangup_cause')),
    reason: textOf(of('reason')),
    circle: textOf(member(circle, 'circle')),
    operator: textOf(member(circle, 'operator')),
    has_recording: textOf(of('recording_url')) !== null,
    first_seen_at: utc(parseStamp(origin.firstStamp)?.sentAt ?? null),
    revised_at: utc(parseStamp(origin.revision)?.sentAt ?? null),
    revision: origin.revision,
    revisions: origin.contents,
    ...cutRecord(origin.record),
  };
};
