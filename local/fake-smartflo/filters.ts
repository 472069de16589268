import { type Block, FLAG, flagsOf, headOf, lifeMs, seedOf } from './block.ts';
import { callDuration, serviceOf } from './call-record.ts';
import type { Knobs } from './knobs.ts';
import { OFFICIAL } from './official.ts';
import {
  type Agent,
  agentOf,
  broadcastOf,
  customerOf,
  departmentOf,
  didOf,
  ivrOf,
  type Named,
} from './people.ts';

/** Query parameters as sent; arrays as `agents[]=…`, `agents[0]=…`, repeated or comma separated. */
export type Params = Readonly<Record<string, string>>;

type Match = (block: Block, index: number) => boolean;

const digits = (text: string): string => text.replace(/\D/g, '');
const lastTen = (text: string): string => digits(text).slice(-10);
const isNamed = (named: Named | undefined, wanted: ReadonlySet<string>): boolean =>
  named !== undefined && (wanted.has(named.id) || wanted.has(named.name));
const list = (text: string): string[] => text.split(',').map((part) => part.trim().toLowerCase());
const callSeed = (block: Block, index: number): number => seedOf(block, headOf(block, index));
const has = (block: Block, index: number, flag: number): boolean => (flagsOf(block, index) & flag) > 0;

/** What the filters look at, drawn from the bones; the vendor's sample has its own. */
const isOfficial = (block: Block, index: number): boolean => has(block, index, FLAG.official);
const customer = (block: Block, index: number): string =>
  isOfficial(block, index) ? OFFICIAL.customer : customerOf(callSeed(block, index));
const did = (block: Block, index: number): string =>
  isOfficial(block, index) ? OFFICIAL.did : didOf(callSeed(block, index));
const agent = (block: Block, index: number): Agent =>
  isOfficial(block, index) ? OFFICIAL.agent : agentOf(seedOf(block, index));
const department = (block: Block, index: number): Named | undefined =>
  isOfficial(block, index) ? undefined : departmentOf(callSeed(block, index));
const ivr = (block: Block, index: number): Named | undefined =>
  isOfficial(block, index) ? undefined : ivrOf(callSeed(block, index));
const service = (block: Block, index: number): string =>
  isOfficial(block, index) ? OFFICIAL.service : serviceOf(flagsOf(block, index), callSeed(block, index));
const duration = (block: Block, index: number, understatedShare: number): number =>
  isOfficial(block, index)
    ? OFFICIAL.duration
    : callDuration(seedOf(block, index), lifeMs(block, index), understatedShare);

const COMPARE: Record<string, (a: number, b: number) => boolean> = {
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '!=': (a, b) => a !== b,
  '=': (a, b) => a === b,
};

/** What each parameter of the page keeps; undefined where its value says nothing. Names and ids both work. */
const MATCHERS: Record<string, (value: string, params: Params, knobs: Knobs['calls']) => Match | undefined> =
  {
    call_type: (value) =>
      value === 'c' || value === 'm'
        ? (block, index) => has(block, index, FLAG.answered) === (value === 'c')
        : undefined,
    direction: (value) =>
      value === 'inbound' || value === 'outbound'
        ? (block, index) => has(block, index, FLAG.outbound) === (value === 'outbound')
        : undefined,
    callerid: (value) => (block, index) => customer(block, index).endsWith(lastTen(value)),
    // Where the call was directed: the agent of an inbound call, the customer of an outbound one.
    destination: (value) => (block, index) => {
      const outbound = has(block, index, FLAG.outbound);
      return digits(outbound ? customer(block, index) : agent(block, index).extension).endsWith(
        lastTen(value),
      );
    },
    did_number: (value) => (block, index) => digits(did(block, index)) === digits(value),
    agents: (value) => {
      const ids = new Set(list(value).map((text) => text.replace(/^agent\|/, '')));
      return (block, index) => has(block, index, FLAG.answered) && ids.has(agent(block, index).id);
    },
    department: (value) => {
      const wanted = new Set(list(value));
      return (block, index) => isNamed(department(block, index), wanted);
    },
    ivr: (value) => {
      const wanted = new Set(list(value));
      return (block, index) => isNamed(ivr(block, index), wanted);
    },
    services: (value) => {
      const wanted = new Set(list(value));
      return (block, index) => wanted.has(service(block, index).toLowerCase());
    },
    duration: (value, params, { understatedShare }) => {
      const compare = COMPARE[(params['operator'] ?? '=').replace('\\', '')];
      const bound = Number(value);
      if (!compare || !Number.isFinite(bound)) return undefined;
      return (block, index) => compare(duration(block, index, understatedShare), bound);
    },
    broadcast: (value) => {
      if (['false', '0', 'no'].includes(value)) return (block, index) => !has(block, index, FLAG.broadcast);
      if (['true', '1', 'yes'].includes(value)) return undefined;
      const wanted = new Set(list(value));
      return (block, index) =>
        has(block, index, FLAG.broadcast) && isNamed(broadcastOf(callSeed(block, index)), wanted);
    },
  };

/** One predicate for all filters that were sent (dates apart). */
export const matchAll = (params: Params, knobs: Pick<Knobs, 'calls' | 'listing'>): Match | undefined => {
  const matches: Match[] = [];
  for (const [name, matcher] of Object.entries(MATCHERS)) {
    const value = params[name];
    if (value === undefined || value === '') continue;
    const match = matcher(value.toLowerCase(), params, knobs.calls);
    if (match) matches.push(match);
  }
  if (knobs.listing.broadcastOnRequest && params['broadcast'] === undefined) {
    matches.push((block, index) => !has(block, index, FLAG.broadcast));
  }
  if (matches.length === 0) return undefined;
  return (block, index) => matches.every((match) => match(block, index));
};

/** Reads the sixteen parameters out of a query string; what is misnamed is not there. */
export const readParams = (query: URLSearchParams, ignored: ReadonlySet<string>): Params => {
  const params: Record<string, string> = {};
  for (const [key, value] of query) {
    const name = key.replace(/\[\d*\]$/, '');
    if (ignored.has(name)) continue;
    params[name] = params[name] === undefined || name === key ? value : `${params[name]},${value}`;
    if (name === key && query.getAll(key).length > 1) params[name] = query.getAll(key).join(',');
  }
  return params;
};
