import { UNKNOWN_STATUS } from '../../contract/index-table.ts';
import type { IndexedCall } from '../../contract/indexed-call.ts';
import type { CallFilter, CallIndex } from '../../ports/call-index.ts';

const matches = ({ dt, summary }: IndexedCall, filter: CallFilter): boolean => {
  switch (filter.by) {
    case 'callId':
      return summary.callId === filter.callId;
    case 'customer':
      return summary.customer === filter.customer;
    case 'agent':
      return summary.agents?.includes(filter.agent) ?? false;
    case 'did':
      return summary.did === filter.did;
    case 'day':
      return dt === filter.dt && (summary.status ?? UNKNOWN_STATUS) === filter.status;
  }
};

const startOf = (call: IndexedCall): number => call.summary.startAt ?? Number.NEGATIVE_INFINITY;

const nameOf = (account: string, key: string): string => `${account}#${key}`;

/** The index in memory; `calls` holds `<account>#<key>` to the call. */
export const createMemoryCallIndex = (calls = new Map<string, IndexedCall>()): MemoryCallIndex => ({
  calls,
  async write(call, expectSeen) {
    const name = nameOf(call.account, call.key);
    if (calls.get(name)?.seen !== expectSeen) return 'conflict';
    calls.set(name, call);
    return 'written';
  },
  async load(account, keys) {
    const found = new Map<string, IndexedCall>();
    for (const key of keys) {
      const call = calls.get(nameOf(account, key));
      if (call) found.set(key, call);
    }
    return found;
  },
  async find(account, filter, limit) {
    return [...calls.values()]
      .filter((call) => call.account === account && matches(call, filter))
      .sort((a, b) => startOf(b) - startOf(a))
      .slice(0, limit);
  },
});

export interface MemoryCallIndex extends CallIndex {
  readonly calls: Map<string, IndexedCall>;
}
