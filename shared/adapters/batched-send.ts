import { type SendOutcome, TOO_LARGE } from '../ports/queue.ts';

/** What a service said of one entry of a batch. `again`: it may take the very same entry later. */
export type EntryAnswer =
  | { readonly sent: true }
  | { readonly sent: false; readonly code: string; again: boolean };

/** What one request may carry. `bytesOf` counts an entry as the service does. */
export interface BatchLimits<T> {
  readonly entries: number;
  readonly bytes: number;
  bytesOf(entry: T): number;
}

/** A service answers 200 with failed entries in it: each is tried again in the same call, this often in all. */
const TRIES = 4;
const FIRST_PAUSE_MS = 50;

/** Fills requests in order. Entries over the limit are not in any. */
const batchesOf = <T>(
  entries: readonly T[],
  places: readonly number[],
  limits: BatchLimits<T>,
): number[][] => {
  const batches: number[][] = [];
  let bytes = 0;
  for (const place of places) {
    const size = limits.bytesOf(entries[place] as T);
    const last = batches.at(-1);
    if (last && last.length < limits.entries && bytes + size <= limits.bytes) {
      last.push(place);
      bytes += size;
    } else {
      batches.push([place]);
      bytes = size;
    }
  }
  return batches;
};

const codeOf = (error: unknown): string => (error instanceof Error ? error.name : 'Unknown');

/**
 * Sends entries in as few requests as their sizes allow, one request after the other.
 *
 * A request that fails whole has had the SDK's own attempts and is not repeated here: whether it arrived is not
 * known, so its entries are `sent: false`. Never rejects.
 *
 * @param request resolves to one answer an entry, in order.
 */
export const sendInBatches = async <T>(
  entries: readonly T[],
  limits: BatchLimits<T>,
  request: (entries: readonly T[]) => Promise<readonly EntryAnswer[]>,
): Promise<SendOutcome[]> => {
  const outcomes: SendOutcome[] = entries.map(() => ({ sent: false, code: TOO_LARGE }));
  let owed = [...entries.keys()].filter((place) => limits.bytesOf(entries[place] as T) <= limits.bytes);
  for (let tries = 1; owed.length > 0 && tries <= TRIES; tries++) {
    if (tries > 1) await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS * 2 ** (tries - 2)));
    const again: number[] = [];
    for (const batch of batchesOf(entries, owed, limits)) {
      const answers = await request(batch.map((place) => entries[place] as T)).catch(
        (error: unknown): EntryAnswer[] =>
          batch.map(() => ({ sent: false, code: codeOf(error), again: false })),
      );
      for (const [index, place] of batch.entries()) {
        const answer = answers[index] ?? { sent: false, code: 'NoAnswer', again: true };
        outcomes[place] = answer.sent ? { sent: true } : { sent: false, code: answer.code };
        if (!answer.sent && answer.again) again.push(place);
      }
    }
    owed = again;
  }
  return outcomes;
};
