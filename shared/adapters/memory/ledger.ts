import { parseOrderBook } from '../../contract/account-state-document.ts';
import { parseDayState } from '../../contract/day-proof.ts';
import { parseSession } from '../../contract/ledger-document.ts';
import type { AccountState } from '../../core/account-state.ts';
import type { Ledger, Orders, Proofs, Sessions, Versioned } from '../../ports/ledger.ts';

/** Documents as text, so that nobody shares an object with the store. */
function createDocuments<T>(parse: (document: unknown) => T) {
  const documents = new Map<string, { text: string; version: number }>();
  return {
    async load(account: string): Promise<Versioned<T> | undefined> {
      const stored = documents.get(account);
      return stored && { value: parse(JSON.parse(stored.text)), version: stored.version };
    },
    async save(account: string, value: T, expected: number): Promise<Versioned<T> | 'conflict'> {
      if ((documents.get(account)?.version ?? 0) !== expected) return 'conflict';
      const version = expected + 1;
      documents.set(account, { text: JSON.stringify(value), version });
      return { value, version };
    },
  };
}

export const createMemoryLedger = (parseState: (document: unknown) => AccountState): Ledger =>
  createDocuments(parseState);
export const createMemoryOrders = (): Orders => createDocuments(parseOrderBook);
export const createMemorySessions = (): Sessions => createDocuments(parseSession);

export const createMemoryProofs = (): Proofs => {
  const documents = createDocuments(parseDayState);
  return {
    load: (account, dt) => documents.load(`${account}#${dt}`),
    save: (account, dt, state, expected) => documents.save(`${account}#${dt}`, state, expected),
  };
};
