import type { CallEvent } from '../shared/contract/call-event.ts';
import { type EpochMs, type Ms, SECOND } from '../shared/core/time.ts';
import type { Revisions } from '../shared/ports/revisions.ts';

/** What became of an event: its work was done now, or it is done already and the event says nothing new. */
export type Guarded = 'applied' | 'stale';

/** Somebody works on the same call, or took over: the event must come again. */
export class CallBusy extends Error {
  override readonly name = 'CallBusy';
}

export interface GuardOptions {
  readonly now: () => EpochMs;
  /** Longer than the work can take: at least the function's timeout. */
  readonly hold?: Ms;
}

/**
 * Runs `work` for an event unless the same revision of its call, or a newer one, has been worked on before. Events
 * come at least once, in any order; two of one call never run side by side. So work that writes what the event says
 * (an upsert by account and id) ends with the newest content, however often and late events come.
 *
 * A death between work and its record repeats the work: it must bear that, as any upsert does.
 *
 * @throws {CallBusy} to be tried again; and whatever `work` or the store throws, after which it is tried again too.
 */
export const guarded = async (
  revisions: Revisions,
  { detail }: Pick<CallEvent, 'detail'>,
  work: () => Promise<unknown>,
  { now, hold = 60 * SECOND }: GuardOptions,
): Promise<Guarded> => {
  const { account, id, revision } = detail;
  const call = { account, id };
  const answer = await revisions.begin(call, revision, now(), hold);
  if (!answer.begun) {
    if (answer.because === 'busy') throw new CallBusy('another event of this call is being worked on');
    return 'stale';
  }
  try {
    await work();
  } catch (error) {
    // Without it the next try waits for the turn to run out; that is all.
    await revisions.release(call, answer.turn).catch(() => {});
    throw error;
  }
  if ((await revisions.finish(call, revision, answer.turn, now())) === 'lost')
    throw new CallBusy('the work took longer than it was held, and another has begun');
  return 'applied';
};
