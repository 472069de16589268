import { expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../shared/core/time.ts';
import { type CredentialRun, runCredentials } from './support/credential-run.ts';
import type { Attempt } from './support/login-office.ts';

/** `SEEDS=1000 npx vitest run test/simulation/credentials.test.ts` runs more of them. */
const SEEDS = Number(process.env['SEEDS'] ?? 30);

/** Whether what this login came to was ever written down: else nobody but the vendor knew of it. */
const isKnown = ({ written }: CredentialRun, attempt: Attempt): boolean =>
  written.some(({ at, process, session }) => {
    if (process !== attempt.process || at < attempt.at) return false;
    const { breaker, token } = session;
    return attempt.token === undefined
      ? breaker?.secretVersion === attempt.version && breaker.reason === `login-${attempt.outcome}`
      : token === attempt.token;
  });

/** Rejected logins, but for the last one, whose rejection was written down: each was one too many. */
const rejectedAgain = (run: CredentialRun): Attempt[] =>
  [...run.versions].flatMap((version) =>
    run.attempts
      .filter((attempt) => attempt.version === version && attempt.outcome === 'rejected')
      .slice(0, -1)
      .filter((attempt) => isKnown(run, attempt)),
  );

/** Logins granted while a token of the same version lived on, known to all and not near its end. */
const grantedAgain = (run: CredentialRun): Attempt[] => {
  const granted = run.attempts.filter(({ outcome }) => outcome === 'granted');
  return granted.filter((attempt, place) => {
    const before = granted.slice(0, place).findLast(({ version }) => version === attempt.version);
    const token = before?.token === undefined ? undefined : run.office.tokens.get(before.token);
    if (!before || !token || !isKnown(run, before)) return false;
    const renewal = token.issuedAt + token.life - Math.min(5 * MINUTE, token.life / 10);
    return attempt.at < Math.min(renewal, token.diesAt) - 5 * SECOND;
  });
};

/** Logins sent while the ledger said that the account is locked. */
const sentWhileLocked = (run: CredentialRun): Attempt[] =>
  run.attempts.filter(({ at, version }) => {
    const last = run.written.findLast((written) => written.at < at);
    const breaker = last?.session.breaker;
    return breaker?.secretVersion === version && (breaker.lockedUntil ?? Number.POSITIVE_INFINITY) > at;
  });

/** Logins of one version less than a minute after one whose end nobody knew. */
const sentTooSoon = (run: CredentialRun): Attempt[] =>
  run.attempts.filter((attempt, place) => {
    const before = run.attempts.slice(0, place).findLast(({ version }) => version === attempt.version);
    return before !== undefined && !isKnown(run, before) && attempt.at - before.at < MINUTE - 21 * SECOND;
  });

test.each([
  ['no fault', 0],
  ['one effect in fifty failing, unanswered or deadly', 0.02],
  ['one effect in eight failing, unanswered or deadly', 0.125],
])(
  'with %s: one login a token life, one rejection a secret version, whoever polls and however often it restarts',
  async (_, share) => {
    const wrong: string[] = [];
    const sums = { logins: 0, rejected: 0, locked: 0, unknown: 0, pages: 0, faults: 0, versions: 0 };
    for (let seed = 1; seed <= SEEDS; seed++) {
      const run = await runCredentials(seed, share);
      const failings = {
        rejectedAgain: rejectedAgain(run),
        grantedAgain: grantedAgain(run),
        sentWhileLocked: sentWhileLocked(run),
        sentTooSoon: sentTooSoon(run),
        strange: run.strange,
        recovered: run.recovered ? [] : [run.attempts.at(-1)],
      };
      for (const [name, found] of Object.entries(failings))
        if (found.length > 0) wrong.push(`seed ${seed}: ${name} ${JSON.stringify(found)}`);
      const count = (outcome: Attempt['outcome']) =>
        run.attempts.filter((one) => one.outcome === outcome).length;
      sums.logins += count('granted');
      sums.rejected += count('rejected');
      sums.locked += count('locked');
      sums.unknown += run.attempts.filter((attempt) => !isKnown(run, attempt)).length;
      sums.pages += run.pages;
      sums.faults += run.faults;
      sums.versions += run.versions.size;
    }
    process.stdout.write(`seeds 1 to ${SEEDS}, faults ${share}: ${JSON.stringify(sums)}\n`);
    expect(wrong).toEqual([]);
    expect(sums.pages).toBeGreaterThan(SEEDS * 100);
    if (share === 0) expect(sums.unknown).toBe(0);
  },
);
