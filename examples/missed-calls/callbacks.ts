import type { CallEvent } from 'smartflo-cdr/consumers';

/** Somebody called, nobody answered, and so should be called back. */
export interface Callback {
  /** Account and call: the same at every repetition. */
  readonly key: string;
  /** As the account shows it: masked, unless it asks for full numbers. */
  readonly customer: string;
  /** ISO 8601, as the wall clock in India shows it. */
  readonly missedAt: string;
  /** The number that was called. */
  readonly did: string | undefined;
}

/** Where callbacks are kept: a CRM, a sheet, a queue of an agent desk. */
export interface CallbackList {
  /** Adds it, or writes over it. */
  put(callback: Callback): Promise<void>;
  /** Takes it off, where it is there. */
  remove(key: string): Promise<void>;
}

/**
 * Keeps the list as the newest revision of a call says. Created and changed are treated alike: every event tells the
 * whole call, so a call that was missed and is answered after all (a late record, an edit) leaves the list again.
 */
export const keepCallbacks = async ({ detail }: CallEvent, list: CallbackList): Promise<void> => {
  const { account, id, summary } = detail;
  const key = `${account}/${id}`;
  const { direction, status, customer, startAtIst, did } = summary;
  if (direction !== 'inbound' || status !== 'missed' || customer === undefined || startAtIst === undefined)
    return list.remove(key);
  return list.put({ key, customer, missedAt: startAtIst, did });
};
