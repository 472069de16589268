import type { TickReport } from '../shared/contract/tick.ts';
import { EXIT } from './exit-codes.ts';
import { EXPLANATIONS } from './explanations.ts';
import { Failure } from './failure.ts';
import { SOURCE_REASONS } from './source-reasons.ts';

type Outcome = TickReport['outcome'];

/** Said while the next tick tries again. */
const PASSING: Readonly<Partial<Record<Outcome, string>>> = {
  busy: 'another poller holds this account; the next tick tries again',
  'rate-limited': 'Smartflo asked us to slow down; the next tick tries again',
  'source-down': 'Smartflo does not answer; the next tick tries again',
  failed: 'the poller failed; the next tick tries again',
};

const LOCKED = 'Smartflo has locked this login for a while; the first tick after that tries again';

/** A trouble that may pass, in one line; undefined where there is none, or where it ends the run. */
export const troubleLine = (outcome: Outcome, reason: string | undefined): string | undefined => {
  const passing = reason === 'login-locked' ? LOCKED : PASSING[outcome];
  return passing && `warning ${reason ?? outcome}: ${passing}`;
};

/** A trouble that ends the run, named by the poller's reason where it gave one. */
export const troubleFailure = ({
  outcome,
  reason,
}: {
  outcome: Outcome;
  reason?: string | undefined;
}): Failure => {
  // Of a reason that nobody foresaw, `explain` knows nothing; of the outcome it does.
  const code = reason !== undefined && Object.hasOwn(EXPLANATIONS, reason) ? reason : outcome;
  const words = reason === undefined ? undefined : (SOURCE_REASONS[reason]?.came ?? reason);
  // A locked login comes as a wait, but it is the credential that a person must see to.
  const known = reason === undefined ? undefined : SOURCE_REASONS[reason]?.outcome;
  switch (known === 'auth' ? known : outcome) {
    case 'auth':
      return new Failure(
        code,
        'Smartflo refused the credential; nothing more is tried with it, so the account is not locked',
        {
          came: words ?? 'a refusal',
          wanted: 'a credential that Smartflo takes',
          cure: 'set SMARTFLO_TOKEN, or SMARTFLO_EMAIL and SMARTFLO_PASSWORD, to the right one and start again',
          exit: EXIT.credentials,
        },
      );
    case 'rate-limited':
      return new Failure(code, 'Smartflo keeps asking us to slow down', {
        came: words ?? '429 again and again',
        wanted: 'room in the rate limit of the account',
        cure: 'start again later, or with a lower SMARTFLO_RPS; what was fetched is kept',
        exit: EXIT.sourceRefused,
      });
    case 'source-down':
      return new Failure(code, 'Smartflo does not answer', {
        came: words ?? 'no usable answer, several times',
        wanted: 'a page of call records',
        cure: 'start again later; what was fetched is kept and it goes on from there',
        exit: EXIT.sourceRefused,
      });
    case 'source-ignores-window':
      return new Failure(
        code,
        'Smartflo ignores the time window that was asked for, so nothing of its answer is trusted',
        {
          came: 'calls from outside the window',
          wanted: 'calls of the window, as the vendor documents',
          cure: 'check SMARTFLO_BASE_URL; if it is right, report it with the log',
          exit: EXIT.sourceRefused,
        },
      );
    case 'busy':
      return new Failure(code, 'another poller holds this account', {
        came: 'a lease that did not end',
        wanted: 'one poller an account',
        cure: 'start again in three minutes',
        exit: EXIT.declined,
      });
    case 'stale':
      return new Failure(code, 'the clock of this machine is behind that of an earlier run', {
        came: 'a time before the last tick on this data folder',
        wanted: 'a clock that goes forward',
        cure: 'set the clock right and start again',
      });
    case 'done':
      return new Failure('no-progress', 'the catch-up no longer gets ahead', {
        came: 'ticks that fetch nothing, though calls are owed',
        wanted: 'ticks that fetch what is owed',
        cure: 'start again with a higher SMARTFLO_RPS; what was fetched is kept',
      });
    case 'failed':
      return new Failure(code, 'the poller failed several times', {
        came: words ?? 'an error that the log tells',
        wanted: 'a tick that ends well',
        cure: 'read the log, then start again; what was fetched is kept',
      });
  }
};
