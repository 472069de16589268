import * as z from 'zod';
import { type EpochMs, istStamp } from '../core/time.ts';
import type { IndexedCall } from './indexed-call.ts';

/**
 * The index table. One record is one thin entry; secondary indexes carry the whole entry, as a projected kilobyte
 * costs what a projected key costs. What is a key of a secondary index stands only there, behind its account.
 *
 * | attribute | |
 * |---|---|
 * | `pk` | `<account>#<key>` |
 * | `sk` | `call`, or `agent#<id>`: a pointer for the second and later agents of a transferred call |
 * | `callId` `customer` `agent` `did` | `<account>#<value>`; `agent` is the first who answered |
 * | `day` | `<account>#<dt>T<hour of start, IST>#<status>`: a day in 25 buckets, none of them hot |
 * | `start` | UTC epoch ms; `UNREADABLE_START` where there is none, as a sort key must be there |
 * | `agents` | every agent who answered, where there were several |
 */
export const TABLE_KEY = { partition: 'pk', sort: 'sk' } as const;
export const CALL_SORT = 'call';
export const AGENT_SORT = 'agent#';

/** No stamp of the source, which are whole seconds, gives this. */
export const UNREADABLE_START = -1;

/** In place of a status that the record does not tell. */
export const UNKNOWN_STATUS = 'unknown';

/**
 * The secondary indexes, each of which a deployment may leave out: name, partition key (a string), sort key (a
 * number). All project everything.
 */
export const SECONDARY_INDEXES = {
  callId: { partition: 'callId', sort: 'start' },
  customer: { partition: 'customer', sort: 'start' },
  agent: { partition: 'agent', sort: 'start' },
  did: { partition: 'did', sort: 'start' },
  day: { partition: 'day', sort: 'start' },
} as const;
export type SecondaryIndex = keyof typeof SECONDARY_INDEXES;

const text = z.string().optional();
const count = z.number().optional();

/** One entry as it is stored, before DynamoDB's own typing. */
export const CallEntry = z.object({
  pk: z.string(),
  sk: z.literal(CALL_SORT),
  callId: text,
  customer: text,
  agent: text,
  did: text,
  day: z.string(),
  start: z.number(),
  dt: z.string(),
  uuid: text,
  endAt: count,
  direction: text,
  status: text,
  service: text,
  agents: z.array(z.string()).optional(),
  department: text,
  campaign: text,
  disposition: text,
  hangupCause: text,
  durationSeconds: count,
  answeredSeconds: count,
  hasRecording: z.boolean().optional(),
  hash: z.string(),
  seen: z.string(),
  madeBy: z.string(),
  changed: z.array(z.string()),
  object: z.string(),
  line: z.number(),
});
export type CallEntry = z.infer<typeof CallEntry>;

/** The part of an entry that tells where its record lies. */
export const PlaceEntry = CallEntry.pick({
  pk: true,
  dt: true,
  hash: true,
  seen: true,
  object: true,
  line: true,
});

/** What stands under the partition key of the table or of a secondary index. Accounts have no `#`. */
export const inAccount = (account: string, value: string): string => `${account}#${value}`;
const afterAccount = (joined: string): string => joined.slice(joined.indexOf('#') + 1);

const UNREADABLE_HOUR = '--';

export const dayKey = (account: string, dt: string, hour: string, status: string): string =>
  inAccount(account, `${dt}T${hour}#${status}`);

/** The partitions of one day and status, newest first. */
export const dayKeys = (account: string, dt: string, status: string): string[] => [
  ...Array.from({ length: 24 }, (_, index) =>
    dayKey(account, dt, String(23 - index).padStart(2, '0'), status),
  ),
  dayKey(account, dt, UNREADABLE_HOUR, status),
];

const hourOf = (startAt: EpochMs | undefined): string =>
  startAt === undefined ? UNREADABLE_HOUR : istStamp(startAt).slice(11, 13);

export const entryOf = (call: IndexedCall): CallEntry => {
  const { account, key, dt, summary, ...place } = call;
  const { callId, customer, did, agents, startAt, ...fields } = summary;
  const joined = (value: string | undefined) => (value === undefined ? undefined : inAccount(account, value));
  return {
    pk: inAccount(account, key),
    sk: CALL_SORT,
    callId: joined(callId),
    customer: joined(customer),
    agent: joined(agents?.[0]),
    did: joined(did),
    day: dayKey(account, dt, hourOf(startAt), summary.status ?? UNKNOWN_STATUS),
    start: startAt ?? UNREADABLE_START,
    dt,
    ...fields,
    agents: agents !== undefined && agents.length > 1 ? [...agents] : undefined,
    ...place,
    changed: [...place.changed],
  };
};

export const callOf = (entry: CallEntry): IndexedCall => {
  const { pk, sk: _sort, callId, customer, agent, did, day: _bucket, start, dt, agents, ...rest } = entry;
  const { hash, seen, madeBy, changed, object, line, ...fields } = rest;
  const answered = agents ?? (agent === undefined ? undefined : [afterAccount(agent)]);
  return {
    account: pk.slice(0, pk.indexOf('#')),
    key: afterAccount(pk),
    dt,
    summary: {
      ...(callId !== undefined && { callId: afterAccount(callId) }),
      ...(customer !== undefined && { customer: afterAccount(customer) }),
      ...(did !== undefined && { did: afterAccount(did) }),
      ...(start !== UNREADABLE_START && { startAt: start }),
      ...(answered !== undefined && { agents: answered }),
      ...fields,
    },
    hash,
    seen,
    madeBy,
    changed,
    object,
    line,
  };
};

export const placeOf = ({ pk, ...place }: z.infer<typeof PlaceEntry>) => ({
  account: pk.slice(0, pk.indexOf('#')),
  key: afterAccount(pk),
  ...place,
});

/** A pointer entry: finds the call by a further agent. Whether it still holds is seen when the call is loaded. */
export const agentEntriesOf = (
  call: IndexedCall,
): { pk: string; sk: string; agent: string; start: number }[] =>
  (call.summary.agents ?? []).slice(1).map((id) => ({
    pk: inAccount(call.account, call.key),
    sk: `${AGENT_SORT}${id}`,
    agent: inAccount(call.account, id),
    start: call.summary.startAt ?? UNREADABLE_START,
  }));
