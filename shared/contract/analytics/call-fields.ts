import type { Columns } from './column.ts';

export const ABSENT = 'the source left it out, or wrote null, "", "N.A." or no single value';
const UNREADABLE = 'absent, or no real date and time';

/** What a record says, read leniently: no shape of it makes a query fail. */
export const CALL_FIELDS = {
  uuid: { type: 'text', says: 'The leg.', source: '`uuid`', null: ABSENT },
  direction: { type: 'text', says: '`inbound` or `outbound`.', source: '`direction`', null: ABSENT },
  status: {
    type: 'text',
    says: '`answered` or `missed`.',
    source: '`status`, else from `answered_seconds`',
    null: ABSENT,
  },
  service: { type: 'text', says: 'For example `Dialer`.', source: '`service`', null: ABSENT },
  start_at: {
    type: 'timestamp',
    says: 'Start of the call, UTC.',
    source: '`date`, `time`',
    null: UNREADABLE,
  },
  start_ist: {
    type: 'timestamp',
    says: 'The same, as the wall clock in India shows it.',
    source: '`date`, `time`',
    null: UNREADABLE,
  },
  end_at: { type: 'timestamp', says: 'End of the call, UTC.', source: '`end_stamp`', null: UNREADABLE },
  end_ist: { type: 'timestamp', says: 'The same, India time.', source: '`end_stamp`', null: UNREADABLE },
  answered_at: {
    type: 'timestamp',
    says: 'When the first agent picked up, UTC.',
    source: '`call_flow[].time` of the first agent with `dialst` `Answered`',
    null: 'no agent is marked so',
  },
  answered_ist: {
    type: 'timestamp',
    says: 'The same, India time.',
    source: 'as `answered_at`',
    null: 'no agent is marked so',
  },
  duration_seconds: {
    type: 'integer',
    says: 'From start to end, s; above 0 on missed calls too.',
    source: '`call_duration`, else `total_call_duration`',
    null: ABSENT,
  },
  answered_seconds: {
    type: 'integer',
    says: 'From pick-up to end, s.',
    source: '`answered_seconds`',
    null: ABSENT,
  },
  wait_seconds: {
    type: 'integer',
    says: 'How long the customer waited, s.',
    source: '`dialer_call_details.call_wait_time`, else from `start_at` to `answered_at`',
    null: 'neither is known: as a rule a missed call of no dialer',
  },
  talk_seconds: {
    type: 'integer',
    says: 'How long they talked, s.',
    source: '`dialer_call_details.agent_talk_time`, else `answered_seconds`',
    null: ABSENT,
  },
  hold_seconds: {
    type: 'integer',
    says: 'On hold, s.',
    source: '`dialer_call_details.total_hold_duration`',
    null: ABSENT,
  },
  customer: {
    type: 'text',
    says: 'The customer, E.164 where it can be read, else as it came.',
    source:
      '`client_number`; then `from_number`, `caller_id_num` (inbound) or what begins with `destination` (else)',
    null: ABSENT,
    personal: 'number',
  },
  customer_original: {
    type: 'text',
    says: 'The same, as it came.',
    source: 'as `customer`',
    null: ABSENT,
    personal: 'number',
  },
  did: {
    type: 'text',
    says: "The account's own number, E.164 where it can be read, else as it came.",
    source: '`did_number`',
    null: 'absent, as is usual on click-to-call',
  },
  did_original: { type: 'text', says: 'The same, as it came.', source: '`did_number`', null: 'as `did`' },
  agent_id: {
    type: 'text',
    says: 'The last agent who answered. All of them are in `agent_legs`.',
    source: '`call_flow[].id` of agents with `dialst` `Answered`',
    null: 'nobody answered',
  },
  agent_name: {
    type: 'text',
    says: 'Their name.',
    source: '`call_flow[].name` of the same',
    null: 'nobody answered',
    personal: 'name',
  },
  agents_answered: {
    type: 'integer',
    says: 'How many different agents answered.',
    source: '`call_flow`',
    null: 'never',
  },
  department: { type: 'text', says: 'Department.', source: '`department_name`', null: ABSENT },
  queue: {
    type: 'text',
    says: 'Queue of the dialer.',
    source: '`dialer_call_details.inbound_queue`, else `call_flow[].name` of the first queue',
    null: 'the call saw no queue',
  },
  campaign: {
    type: 'text',
    says: 'Campaign of the dialer.',
    source: '`dialer_call_details.campaign_name`',
    null: ABSENT,
  },
  disposition: {
    type: 'text',
    says: 'What the agent chose afterwards; may change for hours.',
    source: '`dialer_call_details.disposition_name`',
    null: ABSENT,
  },
  sub_disposition: {
    type: 'text',
    says: 'Its finer part.',
    source: '`dialer_call_details.sub_disposition_name`',
    null: ABSENT,
  },
  sla: {
    type: 'text',
    says: "The dialer's own judgement, for example `Call answered outside SLA`.",
    source: '`dialer_call_details.sla_status`',
    null: ABSENT,
  },
  hangup_cause: { type: 'text', says: 'Why the call ended.', source: '`hangup_cause`', null: ABSENT },
  reason: { type: 'text', says: 'Who ended it.', source: '`reason`', null: ABSENT },
  circle: {
    type: 'text',
    says: "Telecom circle of the customer's number.",
    source: '`circle.circle`',
    null: ABSENT,
  },
  operator: {
    type: 'text',
    says: "Operator of the customer's number.",
    source: '`circle.operator`',
    null: ABSENT,
  },
  has_recording: {
    type: 'boolean',
    says: 'Whether there is a recording; many missed calls have one. Its URL is in `record` alone: whoever has it can listen.',
    source: '`recording_url`',
    null: 'never',
  },
} as const satisfies Columns;
