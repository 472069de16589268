import { readCallTimes, TIME_FIELDS } from './call-times.ts';
import type { WantedFields } from './content-hash.ts';
import { member } from './member.ts';
import { toE164 } from './phone.ts';
import type { EpochMs } from './time.ts';

/**
 * What the index and the events say of a call. Every field may be absent: the source leaves out what it likes.
 * Numbers are E.164 where they can be read, else as they came.
 */
export interface CallSummary {
  readonly callId?: string;
  readonly uuid?: string;
  /** Start and end of the call, UTC epoch ms. */
  readonly startAt?: EpochMs;
  readonly endAt?: EpochMs;
  readonly direction?: string;
  readonly status?: string;
  readonly service?: string;
  readonly customer?: string;
  readonly did?: string;
  /** Names-free ids of every agent who answered, in order of answering. */
  readonly agents?: readonly string[];
  readonly department?: string;
  readonly campaign?: string;
  readonly disposition?: string;
  readonly hangupCause?: string;
  readonly durationSeconds?: number;
  readonly answeredSeconds?: number;
  readonly hasRecording?: boolean;
}

/** A key of a click-to-call record that names the customer begins so. */
const DESTINATION = 'destination';

/** The members of a record that its summary is read from. */
export const SUMMARY_FIELDS = {
  names: new Set([
    ...TIME_FIELDS,
    'call_id',
    'uuid',
    'direction',
    'status',
    'service',
    'client_number',
    'from_number',
    'caller_id_num',
    'did_number',
    'call_flow',
    'department_name',
    'dialer_call_details',
    'hangup_cause',
    'total_call_duration',
    'answered_seconds',
    'recording_url',
  ]),
  beginnings: [DESTINATION],
} satisfies WantedFields;

/** Chars of a text, and agents of a call, that the summary keeps: it must stay thin. The archive has it whole. */
const LONGEST_TEXT = 48;
const LONGEST_ID = 64;
const MOST_AGENTS = 12;

/** A text or a number's spelling; undefined for what stands for nothing: `""`, `"N.A."`, null, containers. */
const textOf = (value: unknown, longest = LONGEST_TEXT): string | undefined => {
  const text = typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';
  return text === '' || text === 'N.A.' ? undefined : text.slice(0, longest).toWellFormed();
};

const secondsOf = (value: unknown): number | undefined => {
  const text = textOf(value);
  const seconds = text === undefined ? Number.NaN : Number(text);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
};

/** The first that reads as a number; else the first that says anything but an extension. */
const phoneOf = (values: readonly unknown[]): string | undefined => {
  const texts = values.map((value) => textOf(value)).filter((text) => text !== undefined);
  for (const text of texts) {
    const number = toE164(text);
    if (number !== undefined) return number;
  }
  return texts.find((text) => !/^extension/i.test(text));
};

/** Click-to-call records have the customer only in `destination` or a key that begins so. */
const customerOf = (record: object, direction: string | undefined): string | undefined => {
  const others =
    direction === 'inbound'
      ? ['from_number', 'caller_id_num']
      : Object.keys(record).filter((name) => name.startsWith(DESTINATION));
  return phoneOf(['client_number', ...others].map((name) => member(record, name)));
};

/** PHP writes a list with holes as an object. */
const entriesOf = (value: unknown): unknown[] =>
  typeof value === 'object' && value !== null ? Object.values(value) : [];

/** Only who is marked `Answered` talked; `agent_name` is the last one, `Dialed` may have never picked up. */
const agentsOf = (record: object): string[] => {
  const ids = entriesOf(member(record, 'call_flow'))
    .filter((step) => member(step, 'type') === 'Agent' && member(step, 'dialst') === 'Answered')
    .map((step) => textOf(member(step, 'id'), LONGEST_ID))
    .filter((id) => id !== undefined);
  return [...new Set(ids)].slice(0, MOST_AGENTS);
};

const statusOf = (record: object, answeredSeconds: number | undefined): string | undefined => {
  const status = textOf(member(record, 'status'))?.toLowerCase();
  if (status !== undefined || answeredSeconds === undefined) return status;
  return answeredSeconds > 0 ? 'answered' : 'missed';
};

/** A summary in which a field may be undefined as well as absent. */
type Fields = { [Field in keyof CallSummary]: CallSummary[Field] | undefined };

const withoutAbsent = (fields: Fields): CallSummary =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/**
 * Reads `SUMMARY_FIELDS` of a parsed record leniently: any field may be absent or of any shape, and none makes it fail.
 * `startAt` needs both `date` and `time`; `call_flow[].time` never stands in for it.
 */
export const summarise = (record: object): CallSummary => {
  const { startAt, endAt } = readCallTimes(record);
  const dialer = member(record, 'dialer_call_details');
  const direction = textOf(member(record, 'direction'))?.toLowerCase();
  const answeredSeconds = secondsOf(member(record, 'answered_seconds'));
  const agents = agentsOf(record);
  return withoutAbsent({
    callId: textOf(member(record, 'call_id'), LONGEST_ID),
    uuid: textOf(member(record, 'uuid'), LONGEST_ID),
    startAt,
    endAt,
    direction,
    status: statusOf(record, answeredSeconds),
    service: textOf(member(record, 'service')),
    customer: customerOf(record, direction),
    did: phoneOf([member(record, 'did_number')]),
    agents: agents.length === 0 ? undefined : agents,
    department: textOf(member(record, 'department_name')),
    campaign: textOf(member(dialer, 'campaign_name')),
    disposition: textOf(member(dialer, 'disposition_name')),
    hangupCause: textOf(member(record, 'hangup_cause')),
    durationSeconds:
      secondsOf(member(record, 'call_duration')) ?? secondsOf(member(record, 'total_call_duration')),
    answeredSeconds,
    hasRecording: textOf(member(record, 'recording_url')) !== undefined,
  });
};

const sameValue = (a: unknown, b: unknown): boolean =>
  Array.isArray(a) && Array.isArray(b)
    ? a.length === b.length && a.every((value, index) => value === b[index])
    : a === b;

/** The fields in which two contents of one call differ, sorted; `raw` when the summary shows no difference. */
export const changedFields = (before: CallSummary, after: CallSummary): string[] => {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...fields].filter((field) => !sameValue(member(before, field), member(after, field)));
  return changed.length === 0 ? ['raw'] : changed.sort();
};
