/** A call as a few words say it; all else is as the source writes it. Seconds; numbers without `+91`. */
export interface SmallCall {
  readonly id: string;
  /** IST, `YYYY-MM-DD HH:mm:ss`. */
  readonly at: string;
  readonly direction?: 'inbound' | 'outbound';
  /** How long the customer waited for the agent who answered; undefined on a missed call. */
  readonly wait?: number;
  readonly talk?: number;
  readonly customer?: string;
  readonly agent?: string;
  readonly queue?: string;
  readonly campaign?: string;
  readonly disposition?: string;
  readonly circle?: string;
  readonly did?: string;
  readonly sla?: string;
}

/** IST wall clock to epoch seconds and back. */
const epoch = (stamp: string): number => Date.parse(`${stamp.replace(' ', 'T')}+05:30`) / 1000;
const stampOf = (seconds: number): string =>
  new Date((seconds + 19_800) * 1000).toISOString().slice(0, 19).replace('T', ' ');

/** The record that the source would give of it. A missed call rings for 20 s. */
export const recordOf = (call: SmallCall): object => {
  const { id, at, direction = 'inbound', wait, talk = 60, agent = 'a1' } = call;
  const answered = wait !== undefined;
  const start = epoch(at);
  const end = start + (answered ? wait + talk : 20);
  const person = { type: 'Agent', id: agent, name: `Name of ${agent}`, num: `Extension-${agent}` };
  return {
    id,
    call_id: `call-${id}`,
    direction,
    status: answered ? 'answered' : 'missed',
    service: 'Dialer',
    date: at.slice(0, 10),
    time: at.slice(11),
    end_stamp: stampOf(end),
    call_duration: end - start,
    answered_seconds: answered ? talk : 0,
    client_number: `91${call.customer ?? '9000000001'}`,
    did_number: `+91${call.did ?? '8000000000'}`,
    circle: { circle: call.circle ?? 'Delhi', operator: 'Airtel India' },
    call_flow: [
      { type: 'init', time: start },
      { ...person, dialst: 'Dialed', time: answered ? end - talk - 3 : start },
      ...(answered
        ? [
            { ...person, dialst: 'Answered', time: end - talk },
            { type: 'Agent-Hangup', id: agent, name: person.name, time: end },
          ]
        : [{ ...person, dialst: 'Missed', time: end }]),
      { type: 'Hangup', time: end },
    ],
    dialer_call_details: {
      call_wait_time: answered ? wait : null,
      agent_talk_time: answered ? talk : 0,
      campaign_name: call.campaign ?? null,
      disposition_name: call.disposition ?? null,
      inbound_queue: call.queue ?? null,
      sla_status: call.sla ?? null,
    },
  };
};
