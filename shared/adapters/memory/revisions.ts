import type { GuardedCall, Revisions } from '../../ports/revisions.ts';

interface Entry {
  readonly done?: string;
  readonly turn?: string;
  readonly until: number;
}

const keyOf = ({ account, id }: GuardedCall): string => JSON.stringify([account, id]);

export const createMemoryRevisions = (entries = new Map<string, Entry>()): Revisions => {
  let turns = 0;
  return {
    async begin(call, revision, now, hold) {
      const key = keyOf(call);
      const entry = entries.get(key);
      if (entry?.done !== undefined && entry.done >= revision) return { begun: false, because: 'done' };
      if (entry?.turn !== undefined && entry.until > now) return { begun: false, because: 'busy' };
      const turn = String(++turns);
      entries.set(key, { ...entry, turn, until: now + hold });
      return { begun: true, turn };
    },
    async finish(call, revision, turn) {
      const key = keyOf(call);
      if (entries.get(key)?.turn !== turn) return 'lost';
      entries.set(key, { done: revision, until: 0 });
      return 'done';
    },
    async release(call, turn) {
      const key = keyOf(call);
      const entry = entries.get(key);
      if (entry?.turn !== turn) return;
      entries.set(key, { ...(entry.done !== undefined && { done: entry.done }), until: 0 });
    },
  };
};
