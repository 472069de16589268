import type { CALL_FIELDS } from './call-fields.ts';
import { type Dialect, literal } from './dialect.ts';

/** Every path of the record that a column is read from. */
const PATHS = {
  id: '$.id',
  callId: '$.call_id',
  uuid: '$.uuid',
  direction: '$.direction',
  status: '$.status',
  service: '$.service',
  date: '$.date',
  time: '$.time',
  endStamp: '$.end_stamp',
  duration: '$.call_duration',
  totalDuration: '$.total_call_duration',
  answered: '$.answered_seconds',
  wait: '$.dialer_call_details.call_wait_time',
  talk: '$.dialer_call_details.agent_talk_time',
  hold: '$.dialer_call_details.total_hold_duration',
  clientNumber: '$.client_number',
  fromNumber: '$.from_number',
  callerId: '$.caller_id_num',
  destination: '$.destination',
  did: '$.did_number',
  department: '$.department_name',
  inboundQueue: '$.dialer_call_details.inbound_queue',
  campaign: '$.dialer_call_details.campaign_name',
  disposition: '$.dialer_call_details.disposition_name',
  subDisposition: '$.dialer_call_details.sub_disposition_name',
  sla: '$.dialer_call_details.sla_status',
  hangupCause: '$.hangup_cause',
  reason: '$.reason',
  circle: '$.circle.circle',
  operator: '$.circle.operator',
  recording: '$.recording_url',
} as const;
type Field = keyof typeof PATHS;
const FIELDS = Object.keys(PATHS) as Field[];
const ALL_PATHS = Object.values(PATHS);

const NUMBER = '^[0-9]{1,15}([.][0-9]+)?([eE][+]?[0-9]{1,2})?$';
const DATE = '^[0-9]{4}-[0-9]{2}-[0-9]{2}$';
const TIME = '^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$';
const LARGEST_INTEGER = 2_147_483_647;

/** Null for what stands for nothing. Not by NULLIF: Trino 420 fails to compile it where it stands twice. */
const clean = (text: string): string =>
  `CASE WHEN trim(${text}) <> '' AND trim(${text}) <> 'N.A.' THEN trim(${text}) END`;

/** A non-negative number as a double; null for everything else. */
const number = (text: string): string =>
  `CASE WHEN regexp_like(${text}, ${literal(NUMBER)}) THEN TRY_CAST(${text} AS DOUBLE) END`;

/** Whole seconds, cut off; null where it is no number that could be seconds. `value` is a double. */
const whole = (value: string): string =>
  `CASE WHEN ${value} BETWEEN 0 AND ${LARGEST_INTEGER} THEN CAST(floor(${value}) AS INTEGER) END`;

/** A naive timestamp of a date and a time that are real ones. */
const wallClock = (date: string, time: string): string =>
  `CASE WHEN regexp_like(${date}, ${literal(DATE)}) AND regexp_like(${time}, ${literal(TIME)}) THEN TRY_CAST(${date} || ' ' || ${time} AS TIMESTAMP) END`;

const OFFSET = "INTERVAL '330' MINUTE";
const secondsBetween = (from: string, to: string): string =>
  whole(`(to_unixtime(${to}) - to_unixtime(${from}))`);

/** What a number's digits may be, by how it begins; see `toE164` of shared/core/phone.ts. */
const OF_INDIA = '0?([1-9][0-9]{9}|18[06]0[0-9]{6,7})';
const MARKED = '(?:[+]00|[+]|00)([1-9][0-9]{6,14})';
const UNMARKED = '0?([1-9][0-9]{10,14})';

const withoutSigns = (dialect: Dialect, text: string): string => dialect.replaceAll(text, '[\\s().-]', '');

const isNumber = (dialect: Dialect, text: string): string =>
  `regexp_like(${withoutSigns(dialect, text)}, '^(${OF_INDIA}|${MARKED}|${UNMARKED})$')`;

/** @param bare a column: what `withoutSigns` made. */
const e164 = (dialect: Dialect, bare: string): string => {
  const digits = (pattern: string) => dialect.matched(bare, `^${pattern}$`);
  const number = `COALESCE('+91' || ${digits(OF_INDIA)}, '+' || ${digits(MARKED)}, '+' || ${digits(UNMARKED)})`;
  return dialect.replaceAll(number, '^[+]910([0-9]{10})$', '+91{1}');
};

const ofType = (entry: string, type: string) => `json_extract_scalar(${entry}, '$.type') = '${type}'`;
const answered = (entry: string) =>
  `${ofType(entry, 'Agent')} AND json_extract_scalar(${entry}, '$.dialst') = 'Answered'`;

/** A step's `time`, epoch seconds, as a double. */
export const stepTime = (entry: string): string => number(`json_extract_scalar(${entry}, '$.time')`);

/** When a step of the flow was, UTC. @param time a column: what `stepTime` made. */
export const stepInstant = (dialect: Dialect, time: string): string =>
  `CASE WHEN ${time} < 1e11 THEN ${dialect.instant(time)} END`;

/** A step's member, null for what stands for nothing. */
export const stepText = (entry: string, name: string): string =>
  clean(`json_extract_scalar(${entry}, '$.${name}')`);

type Layer = Readonly<Record<string, string>>;
const items = (layer: Layer): string =>
  Object.entries(layer)
    .map(([name, sql]) => `${sql} AS ${name}`)
    .join(', ');

/**
 * Reads every line of a relation with a column `record`: the columns carried, then `id_token` (the `id` as JSON),
 * `call_id` and those of `CALL_FIELDS`. Nothing in a record makes it fail; what can't be read is null.
 */
export const readFields = (dialect: Dialect, relation: string, carried: readonly string[]): string => {
  // A column a field: an expression that stands in several places is worked out in each.
  const raw = (field: Field) => `raw_${PATHS[field].replace(/[$.]+/g, '_')}`.replace('__', '_');
  const text = (field: Field) => clean(raw(field));
  const tokens = dialect.tokens('record', ALL_PATHS);
  const carry = carried.join(', ');

  const raws: Layer = Object.fromEntries(
    FIELDS.filter((field) => field !== 'id').map((field) => [
      raw(field),
      dialect.text('record', ALL_PATHS, PATHS[field]),
    ]),
  );
  const texts: Layer = {
    id_token: dialect.token('record', ALL_PATHS, PATHS.id),
    call_id: text('callId'),
    uuid: text('uuid'),
    direction: `lower(${text('direction')})`,
    said_status: `lower(${text('status')})`,
    service: text('service'),
    start_ist: wallClock(raw('date'), raw('time')),
    end_ist: wallClock(`substr(${raw('endStamp')}, 1, 10)`, `substr(${raw('endStamp')}, 12)`),
    duration: `COALESCE(${number(`trim(${raw('duration')})`)}, ${number(`trim(${raw('totalDuration')})`)})`,
    answered: number(`trim(${raw('answered')})`),
    wait: number(`trim(${raw('wait')})`),
    talk: number(`trim(${raw('talk')})`),
    hold: number(`trim(${raw('hold')})`),
    numbers: `CASE WHEN lower(${text('direction')}) = 'inbound'
      THEN ARRAY[${text('clientNumber')}, ${text('fromNumber')}, ${text('callerId')}]
      ELSE ARRAY[${text('clientNumber')}, ${text('destination')}] END`,
    destinations: `CASE WHEN COALESCE(lower(${text('direction')}), '') <> 'inbound'
      THEN regexp_extract_all(record, '"destination[^"]*":"?([^",}]*)', 1) END`,
    did_original: text('did'),
    department: text('department'),
    inbound_queue: text('inboundQueue'),
    campaign: text('campaign'),
    disposition: text('disposition'),
    sub_disposition: text('subDisposition'),
    sla: text('sla'),
    hangup_cause: text('hangupCause'),
    reason: text('reason'),
    circle: text('circle'),
    operator: text('operator'),
    has_recording: `${text('recording')} IS NOT NULL`,
    flow: dialect.entries('record', '$.call_flow'),
  };
  const readable = (list: string) => dialect.at(dialect.filter(list, 'n', isNumber(dialect, 'n')), 1);
  const chosen: Layer = {
    answers: dialect.filter('flow', 'e', answered('e')),
    queues: dialect.filter('flow', 'e', `json_extract_scalar(e, '$.type') LIKE '%Queue'`),
    customer_original: `COALESCE(${readable('numbers')}, ${readable('destinations')}, ${dialect.at(dialect.filter('numbers', 'n', "n IS NOT NULL AND NOT regexp_like(lower(n), '^extension')"), 1)})`,
    did_digits: withoutSigns(dialect, 'did_original'),
  };
  const id = "json_extract_scalar(e, '$.id')";
  const named = dialect.filter('answers', 'e', `${id} <> '' AND ${id} <> 'N.A.'`);
  const steps: Layer = {
    first_answer: dialect.at('answers', 1),
    last_answer: dialect.at('answers', -1),
    first_queue: dialect.at('queues', 1),
    agents_answered: `CAST(${dialect.countDistinct(dialect.transform(named, 'e', id))} AS INTEGER)`,
    customer_digits: withoutSigns(dialect, 'customer_original'),
  };
  const members: Layer = {
    answer_time: stepTime('first_answer'),
    agent_id: stepText('last_answer', 'id'),
    agent_name: stepText('last_answer', 'name'),
    queue_name: stepText('first_queue', 'name'),
  };
  const found: Layer = { answered_at: stepInstant(dialect, 'answer_time') };
  const columns: Record<keyof typeof CALL_FIELDS, string> = {
    uuid: 'uuid',
    direction: 'direction',
    status: `COALESCE(said_status, CASE WHEN answered > 0 THEN 'answered' WHEN answered = 0 THEN 'missed' END)`,
    service: 'service',
    start_at: `start_ist - ${OFFSET}`,
    start_ist: 'start_ist',
    end_at: `end_ist - ${OFFSET}`,
    end_ist: 'end_ist',
    answered_at: 'answered_at',
    answered_ist: `answered_at + ${OFFSET}`,
    duration_seconds: whole('duration'),
    answered_seconds: whole('answered'),
    wait_seconds: `COALESCE(${whole('wait')}, ${secondsBetween(`(start_ist - ${OFFSET})`, 'answered_at')})`,
    talk_seconds: `COALESCE(${whole('talk')}, ${whole('answered')})`,
    hold_seconds: whole('hold'),
    customer: `COALESCE(${e164(dialect, 'customer_digits')}, customer_original)`,
    customer_original: 'customer_original',
    did: `COALESCE(${e164(dialect, 'did_digits')}, CASE WHEN NOT regexp_like(lower(did_original), '^extension') THEN did_original END)`,
    did_original: 'did_original',
    agent_id: 'agent_id',
    agent_name: 'agent_name',
    agents_answered: 'agents_answered',
    department: 'department',
    queue: 'COALESCE(inbound_queue, queue_name)',
    campaign: 'campaign',
    disposition: 'disposition',
    sub_disposition: 'sub_disposition',
    sla: 'sla',
    hangup_cause: 'hangup_cause',
    reason: 'reason',
    circle: 'circle',
    operator: 'operator',
    has_recording: 'has_recording',
  };
  const layers = [raws, texts, chosen, steps, members, found];
  const start = `SELECT ${carry}${tokens ? `, ${tokens}` : ''} FROM ${relation}`;
  const read = layers.reduce((from, layer) => `SELECT *, ${items(layer)}\n  FROM (${from}) AS layer`, start);
  return `SELECT ${carry}, id_token, call_id, ${items(columns)}\n  FROM (${read}) AS layer`;
};
