import type { IndexedCall } from './indexed-call.ts';
import { changedFields } from '../core/call-summary.ts';

/**
 * What an observation means to the index.
 * - `write`: put `call` if what is there was seen at `expectSeen`; announce it if `isRevision`
 * - `announce`: this observation made the revision that is there, and nobody may have told
 * - `nothing`: something newer is there, or this was counted already
 * - `clash`: one request answered two contents under this key
 */
export type Judgement =
  | {
      readonly act: 'write';
      readonly call: IndexedCall;
      readonly expectSeen: string | undefined;
      readonly isRevision: boolean;
    }
  | { readonly act: 'announce'; readonly call: IndexedCall }
  | { readonly act: 'nothing' }
  | { readonly act: 'clash' };

/**
 * Judges an observation against what the index holds. Whatever the order and the repetition of observations, the
 * newest content stays; and a revision is announced by the message that made it, even where that died in between.
 *
 * @param present a consistent read; undefined where nothing is there
 * @param observed as if it were the first of its record: `seen` and `madeBy` are its stamp, nothing changed
 */
export const judge = (present: IndexedCall | undefined, observed: IndexedCall): Judgement => {
  if (present === undefined) return { act: 'write', call: observed, expectSeen: undefined, isRevision: true };
  const { seen: stamp, object, line } = observed;
  const isNewer = stamp > present.seen;
  if (present.hash === observed.hash) {
    if (isNewer)
      return {
        act: 'write',
        call: { ...present, seen: stamp, object, line },
        expectSeen: present.seen,
        isRevision: false,
      };
    return present.madeBy === stamp ? { act: 'announce', call: present } : { act: 'nothing' };
  }
  if (isNewer)
    return {
      act: 'write',
      call: { ...observed, changed: changedFields(present.summary, observed.summary) },
      expectSeen: present.seen,
      isRevision: true,
    };
  return present.seen === stamp || present.madeBy === stamp ? { act: 'clash' } : { act: 'nothing' };
};
