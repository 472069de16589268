import { ABSENT, CALL_FIELDS } from './call-fields.ts';
import type { Column, Columns, Row } from './column.ts';
import { DAYS } from './day-columns.ts';
import { PARTITIONS } from './partitions.ts';

/**
 * The tables and views that an analyst asks, once: names, types, units, sources, and what null means. The views' SQL,
 * the Glue columns, the Parquet files, the TypeScript types and docs/querying.md all follow from here.
 */

export { PARTITIONS };

export const CALLS_RAW = {
  ...PARTITIONS,
  stamp: {
    type: 'text',
    says: 'Which request brought the line; sorts as text in the order of asking within one account.',
    source: 'name of the object',
    null: 'the object was not written by the pipeline',
  },
  by_content: {
    type: 'boolean',
    says: "Whether the object's records are told apart by content, because their `id` was given twice.",
    source: 'name of the object',
    null: 'never',
  },
  path: { type: 'text', says: 'The object that holds the line.', source: '`"$path"`', null: 'never' },
  record: {
    type: 'text',
    says: 'The record as it came, one line of JSON.',
    source: 'the line',
    null: 'never',
    personal: 'record',
  },
} as const satisfies Columns;

/** What names a call's record in every view. */
const IDENTITY = {
  ...PARTITIONS,
  key: {
    type: 'text',
    says: "The record's name within its account: its `id`; `~` and a digest of the content where it has none.",
    source: '`id`',
    null: 'never',
  },
  call_id: {
    type: 'text',
    says: 'Shared by the records (legs, transfers) of one call.',
    source: '`call_id`',
    null: ABSENT,
  },
} as const satisfies Columns;

/** Of which revision a row is, and how the record came to it. */
const HISTORY = {
  inserted_at: {
    type: 'timestamp',
    says: 'When the source stored the record, UTC.',
    source: 'the first four bytes of an ObjectId `id`',
    null: '`id` is no ObjectId',
  },
  first_seen_at: {
    type: 'timestamp',
    says: 'When the archive first asked for it and got it, UTC.',
    source: 'name of the object',
    null: 'the object was not written by the pipeline',
  },
  revised_at: {
    type: 'timestamp',
    says: 'When the archive first got this content, UTC.',
    source: 'name of the object',
    null: 'the object was not written by the pipeline',
  },
  revision: {
    type: 'text',
    says: 'The stamp that brought this content; the `revision` of events.',
    source: 'name of the object',
    null: 'the object was not written by the pipeline',
  },
} as const satisfies Columns;

const RECORD = {
  record: {
    type: 'text',
    says: "The whole record as it came, JSON. Ask it with `json_extract_scalar(record, '$.a.b')`.",
    source: 'the line',
    null: 'never',
    personal: 'record',
  },
} as const satisfies Columns;

/** A row a record: its newest revision. */
export const CALLS = {
  ...IDENTITY,
  ...CALL_FIELDS,
  ...HISTORY,
  revisions: {
    type: 'integer',
    says: 'How many contents the record has had; 1 if it never changed.',
    source: 'the archive',
    null: 'never',
  },
  ...RECORD,
} as const satisfies Columns;
export type CallsRow = Row<typeof CALLS>;

const { customer, customer_original: _original, agent_name: _name, record: _record, ...shown } = CALLS;

/** `calls` for those who may see no number, name or recording: nothing marked as personal is in it. */
export const CALLS_MASKED = {
  ...shown,
  customer: {
    type: 'text',
    says: 'A word that stands for the customer: the same on all days and in all accounts. The number does not follow from it.',
    source: '`customer`, under a key that the compactor alone may read',
    null: customer.null,
  },
} as const satisfies Readonly<Record<string, Column & { readonly personal?: never }>>;

/** What a Parquet file of a finished day holds, in this order: `calls` without the partitions. */
export const { account: _account, dt: _dt, ...CURATED } = CALLS;

/** A row a revision: every content that a record has had. */
export const CALL_REVISIONS = {
  ...IDENTITY,
  ...CALL_FIELDS,
  ...HISTORY,
  revision_number: { type: 'integer', says: 'From 1.', source: 'the archive', null: 'never' },
  is_newest: {
    type: 'boolean',
    says: 'Whether it is what `calls` shows.',
    source: 'the archive',
    null: 'never',
  },
  changed: {
    type: 'text',
    says: 'The columns that differ from the revision before, with commas; `record` where only something else does.',
    source: 'the archive',
    null: 'the first revision',
  },
  ...RECORD,
} as const satisfies Columns;

const STEP_TIMES = 'the step carries no readable time';

/** A row a step of a call: the entries of `call_flow`. */
export const CALL_EVENTS = {
  ...IDENTITY,
  position: { type: 'integer', says: 'Place in the flow, from 1.', source: '`call_flow[]`', null: 'never' },
  type: {
    type: 'text',
    says: 'For example `init`, `IVR`, `Agent`, `Hangup`.',
    source: '`call_flow[].type`',
    null: ABSENT,
  },
  step_at: {
    type: 'timestamp',
    says: 'When, UTC.',
    source: '`call_flow[].time`, epoch seconds',
    null: STEP_TIMES,
  },
  step_ist: {
    type: 'timestamp',
    says: 'The same, India time.',
    source: '`call_flow[].time`',
    null: STEP_TIMES,
  },
  dial_status: {
    type: 'text',
    says: 'How dialling went, for example `Answered`.',
    source: '`call_flow[].dialst`, else `dept_dialst`',
    null: ABSENT,
  },
  party_id: {
    type: 'text',
    says: 'Id of the agent, queue or menu.',
    source: '`call_flow[].id`',
    null: ABSENT,
  },
  party_name: {
    type: 'text',
    says: 'Its name.',
    source: '`call_flow[].name`',
    null: ABSENT,
    personal: 'name',
  },
  party_number: {
    type: 'text',
    says: 'The number or extension dialled, as it came.',
    source: '`call_flow[].num`',
    null: ABSENT,
    personal: 'number',
  },
  app_name: {
    type: 'text',
    says: 'What the step belongs to, for example a campaign.',
    source: '`call_flow[].app_name`',
    null: ABSENT,
  },
  entry: {
    type: 'text',
    says: 'The whole step, JSON.',
    source: '`call_flow[]`',
    null: 'never',
    personal: 'record',
  },
} as const satisfies Columns;

/** A row an agent of a call, whether they answered or not. */
export const AGENT_LEGS = {
  ...IDENTITY,
  agent_id: { type: 'text', says: 'The agent.', source: '`call_flow[].id`', null: ABSENT },
  agent_name: {
    type: 'text',
    says: 'Their name.',
    source: '`call_flow[].name`',
    null: ABSENT,
    personal: 'name',
  },
  answered: {
    type: 'boolean',
    says: 'Whether they ever picked up.',
    source: '`dialst` `Answered`',
    null: 'never',
  },
  dialled_at: {
    type: 'timestamp',
    says: 'When they were first dialled, UTC.',
    source: '`call_flow[].time`',
    null: STEP_TIMES,
  },
  answered_at: {
    type: 'timestamp',
    says: 'When they first picked up, UTC.',
    source: '`call_flow[].time`',
    null: 'they did not',
  },
  ended_at: {
    type: 'timestamp',
    says: 'When they last hung up, UTC.',
    source: '`call_flow[].time` of `Agent-Hangup` or of a transfer',
    null: 'the flow does not say',
  },
  ring_seconds: {
    type: 'integer',
    says: 'From dialling to pick-up, s.',
    source: 'the times beside it',
    null: 'they did not pick up',
  },
  talk_seconds: {
    type: 'integer',
    says: 'From pick-up to hang-up, s.',
    source: 'the times beside it',
    null: 'one of the two is not known',
  },
  customer: { ...CALL_FIELDS.customer },
  start_ist: { ...CALL_FIELDS.start_ist },
} as const satisfies Columns;

/** Everything that can be asked, by name. */
export const TABLES = {
  calls: CALLS,
  call_revisions: CALL_REVISIONS,
  call_events: CALL_EVENTS,
  agent_legs: AGENT_LEGS,
  calls_raw: CALLS_RAW,
  calls_masked: CALLS_MASKED,
  days: DAYS,
} as const satisfies Record<string, Columns>;
export type TableName = keyof typeof TABLES;
