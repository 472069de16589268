import { type EpochMs, istStamp } from '../../shared/core/time.ts';
import { FLAG } from './block.ts';
import { type Content, isRecorded } from './edits.ts';
import {
  agentOf,
  broadcastOf,
  circleOf,
  customerOf,
  DISPOSITIONS,
  departmentOf,
  didOf,
  ivrOf,
} from './people.ts';
import { chance, draw, hexDigits, mix, pick } from './random.ts';
import { SALT } from './salt.ts';

/** What a record says before its content is filled in. */
export interface CallFacts {
  /** The record's own seed, and that of the call's first record: legs share customer, DID and `call_id`. */
  readonly seed: number;
  readonly callSeed: number;
  readonly callId: string;
  /** As it will stand in the record: mostly a string. */
  readonly id: unknown;
  readonly flags: number;
  readonly startAt: EpochMs;
  readonly endAt: EpochMs;
}

/** A record's fields in the order of the vendor's sample. */
export type Fields = Record<string, unknown>;

/** Stands where the recording's token goes when the text is read: it may differ from read to read. */
export const TOKEN_MARK = '~token~';

/** The lowest `call_duration` against end − start that has been seen is 0.88. */
const understatement = (seed: number, share: number): number =>
  chance(seed, SALT.understated, share) ? 0.88 + 0.11 * draw(seed, SALT.understatedBy) : 1;

export const callDuration = (seed: number, life: number, understatedShare: number): number =>
  Math.floor((life / 1_000) * understatement(seed, understatedShare));

export const serviceOf = (flags: number, seed: number): string => {
  if (flags & FLAG.broadcast) return 'Broadcast';
  if (flags & FLAG.clickToCall) return 'Click to Call';
  return departmentOf(seed) ? 'Department' : 'Dialer';
};

/** `09-05-2024 11:52:14` */
const readable = (at: EpochMs): string => {
  const stamp = istStamp(at);
  return `${stamp.slice(8, 10)}-${stamp.slice(5, 7)}-${stamp.slice(0, 4)}${stamp.slice(10)}`;
};
const timed = (at: EpochMs) => ({ time: at / 1_000, readableTime: readable(at) });

const reasonOf = (answered: boolean, seed: number): string => {
  if (!answered) return 'missed_by_all_agents';
  return pick(seed, SALT.cause, 2) === 0 ? 'disconnected_by_caller' : 'disconnected_by_agent';
};

/** Builds a record of the sample's shape: the same 46 keys in the same order, about as long. */
export const buildFields = (facts: CallFacts, content: Content, understatedShare: number): Fields => {
  const { seed, callSeed, callId, flags, startAt, endAt } = facts;
  const answered = (flags & FLAG.answered) > 0;
  const isLeg = (flags & FLAG.leg) > 0;
  const agent = agentOf(seed);
  const former = agentOf(callSeed);
  const customer = customerOf(callSeed);
  const did = didOf(callSeed);
  const department = departmentOf(callSeed);
  const ivr = ivrOf(callSeed);
  const direction = flags & FLAG.outbound ? 'outbound' : 'inbound';
  const life = endAt - startAt;
  const duration = callDuration(seed, life, understatedShare);
  const ring = Math.round(life * (0.05 + 0.2 * draw(seed, SALT.ring)));
  const dialedAt = startAt + Math.round(ring * 0.7);
  const answeredAt = startAt + ring;
  const talk = answered ? Math.min(duration, Math.floor((life - ring) / 1_000)) : 0;
  const [operator, circle] = circleOf(callSeed);
  const [dispositionId, disposition, dispositionCode] = DISPOSITIONS[content.disposition] ?? [null, '', ''];
  const hasRecording = content.recordingReady && isRecorded(seed, flags);
  const appId = 60_001 + pick(callSeed, SALT.lead, 9);
  const person = { type: 'Agent', id: agent.id, name: agent.name, num: agent.extension };
  const answeredBy = { ...person, dialst: 'Answered', app_id: appId, ...timed(answeredAt) };
  const queue = {
    app_data: 'made-up campaign',
    app_id: String(appId),
    app_name: 'Dialer Campaign',
    dept_dialst: answered ? 'Answered' : 'Missed',
    id: '10060',
    name: department?.name ?? 'QUEUE',
    ringst: 1,
    time: startAt / 1_000,
    type: 'Inbound Queue',
    readableTime: readable(startAt),
  };
  const missed = {
    id: agent.id,
    name: agent.name,
    num: agent.extension,
    agent_ring_time: String(Math.floor(ring / 1_000)),
  };
  return {
    id: facts.id,
    call_id: callId,
    uuid: hexDigits(seed, SALT.uuid, 13),
    direction,
    description: answered ? 'Call answered' : 'Call missed',
    detailed_description: null,
    status: answered ? 'answered' : 'missed',
    blocked_number_id: null,
    recording_url: hasRecording
      ? `https://cloudphone.fake-smartflo.invalid/file/recording?callId=${callId}&type=rec&token=${TOKEN_MARK}`
      : null,
    service: serviceOf(flags, callSeed),
    date: istStamp(startAt).slice(0, 10),
    time: istStamp(startAt).slice(11),
    end_stamp: istStamp(endAt),
    broadcast_id: flags & FLAG.broadcast ? broadcastOf(callSeed).id : null,
    dtmf_input: null,
    call_duration: duration,
    answered_seconds: talk,
    minutes_consumed: 0,
    charges: 0,
    department_name: department?.name ?? null,
    agent_number: answered ? agent.extension : null,
    agent_number_with_prefix: answered ? agent.extension : null,
    agent_name: answered ? agent.name : null,
    client_number: customer,
    did_number: did,
    reason: reasonOf(answered, seed),
    hangup_cause: answered ? 'Normal clearing' : 'No answer from the user',
    notes: content.note === 0 ? null : { message: `Made-up note ${content.note}`, by: agent.name },
    contact_details: content.contactKnown
      ? {
          id: 30_000_000 + Number(customer.slice(-5)),
          field_0: `+${customer}`,
          field_1: `customer ${customer.slice(-5)}`,
        }
      : null,
    missed_agents: answered ? [] : [missed],
    call_flow: [
      { type: 'init', value: callId, ...timed(startAt) },
      ...(ivr ? [{ type: 'IVR', id: ivr.id, name: ivr.name, ...timed(startAt) }] : [queue]),
      ...(isLeg
        ? [
            {
              type: 'Agent',
              id: former.id,
              name: former.name,
              num: former.extension,
              dialst: 'Answered',
              ...timed(startAt),
            },
            { type: 'Transfer', id: former.id, name: former.name, ...timed(startAt) },
          ]
        : []),
      { type: 'Customer', dialst: 'Answered', ...timed(startAt + 103) },
      { ...person, dialst: 'Dialed', app_id: appId, ...timed(dialedAt) },
      ...(answered
        ? [answeredBy, { type: 'Agent-Hangup', id: agent.id, name: agent.name, ...timed(endAt) }]
        : [{ ...person, dialst: 'Missed', app_id: appId, ...timed(endAt) }]),
      { type: 'Hangup', ...timed(endAt) },
    ],
    accountid: 'fake.account',
    agent_ring_time: 'N.A.',
    circle: { operator, circle },
    agent_hangup_data: [
      {
        id: agent.id,
        name: `${agent.name}(${agent.extension})`,
        timegroup_id: null,
        timegroup_name: null,
        disposition: answered ? 'ANSWERED' : 'NO ANSWER',
        ...timed(dialedAt),
      },
    ],
    transfer_missed_agent: [],
    call_hint: flags & FLAG.clickToCall ? 'clicktocall' : 'dialer',
    support_api_call: false,
    lead_id: hexDigits(callSeed, SALT.lead, 24),
    is_incoming_from_broadcast: false,
    caller_id_num: direction === 'inbound' ? `+${customer}` : did,
    sip_agent_ids: null,
    dialer_call_details: {
      customer_ring_time: 0,
      call_wait_time: Math.floor(ring / 1_000),
      agent_talk_time: talk,
      total_hold_duration: null,
      hold_count: null,
      disposition_id: dispositionId,
      total_call_duration: duration,
      disposition_name: disposition,
      disposition_code: dispositionCode,
      hangup_cause: answered ? 16 : 19,
      sub_disposition_id: null,
      sub_disposition_name: null,
      sub_disposition_code: null,
      call_type: direction,
      dialin_enabled: null,
      dialout_enabled: true,
      campaign_id: appId,
      campaign_name: 'made-up campaign',
      list_id: '149897',
      list_name: 'made-up list',
      extension_dialer: true,
      dialer_queue_details: [
        {
          queue_details: queue,
          missed_by: answered ? [] : [missed],
          answered_by: answered ? answeredBy : null,
        },
      ],
      dialer_queue_transfer_details: [],
      inbound_queue: queue.name,
      is_short_call: duration < 10 ? 'Yes' : 'No',
      sla_status: 'Call answered outside SLA',
      feedback_rating: content.rating === 0 ? null : content.rating,
      feedback_recording_type: null,
      disposition_duration: 0,
      first_call_resolution: 'No',
      agent_call_duration: `${agent.name}: ${talk}`,
      agents_call_details: { [agent.id]: { hold_duration: 0, hold_count: 0 } },
    },
    custom_status: null,
    voicemail_recording: false,
    aws_call_recording_identifier: hexDigits(mix(seed, 1), SALT.uuid, 32),
  };
};
