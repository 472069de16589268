import { setTimeout as wait } from 'node:timers/promises';
import { openSource } from '../../local/composition.ts';
import { chooseSource } from '../../local/source-choice.ts';
import { parseCredential } from '../../shared/adapters/credential-text.ts';
import { createSmartfloHttp } from '../../shared/adapters/smartflo-http.ts';
import { Account } from '../../shared/contract/account.ts';
import { SECOND } from '../../shared/core/time.ts';
import { SourceError } from '../../shared/ports/source.ts';
import { SOURCE_REASONS } from '../source-reasons.ts';
import { type Check, checksOf } from './check.ts';
import { type Answer, PROBE_REQUESTS, probeSource } from './source-probes.ts';

const { ok, warn, fail, skip } = checksOf('source');
/** One answer takes no longer: the vendor's gateway gives up after 29 s. */
const LONGEST = 30 * SECOND;

/** What was found at the source, and what to set. */
export interface SourceFindings {
  readonly checks: readonly Check[];
  readonly requests: number;
  readonly answers: readonly Answer[];
  readonly settings: Readonly<Record<string, string | number>>;
}

/** @param env where a token may stand: a login with a password is never tried */
export const checkSource = async (
  env: Readonly<Record<string, string | undefined>>,
  heard: (requests: number) => void,
): Promise<SourceFindings> => {
  const nothing = { requests: 0, answers: [], settings: {} };
  const choice = chooseSource(env);
  const source = await openSource(choice);
  try {
    const credential = parseCredential(source.secret);
    if (!('token' in credential))
      return {
        ...nothing,
        checks: [
          skip(
            'source',
            'only a login is there, and none is tried',
            'set SMARTFLO_TOKEN to have the source asked',
          ),
        ],
      };
    const account = Account.parse({
      name: 'doctor',
      secretId: 'none',
      ...(source.asked.baseUrl !== undefined && {
        baseUrl: source.asked.baseUrl,
        allowedHosts: [new URL(source.asked.baseUrl).host],
      }),
    });
    let requests = 0;
    const pace = source.asked.requestsPerSecond ?? account.cps * account.share;
    const http = createSmartfloHttp({
      account,
      pacer: {
        async turn() {
          if (requests > 0) await wait(SECOND / pace);
          requests += 1;
          heard(requests);
        },
        // One after the other, the wait begins at the answer.
        left() {},
      },
      clock: { monotonic: () => performance.now() },
      now: Date.now,
    });
    try {
      const answers = await probeSource((query) => http.page(credential.token, query, LONGEST), Date.now());
      return {
        checks: [
          ok(
            'source',
            `${choice.simulated ? 'the simulated source' : new URL(account.baseUrl).host} answers`,
          ),
          ...answers.map(({ question, about, answer, unasked }) =>
            (unasked ? skip : ok)(`question-${question}`, `${about}: ${answer}`),
          ),
          requests <= PROBE_REQUESTS
            ? ok('source-requests', `${requests} requests were sent`)
            : warn('source-requests', `${requests} requests were sent, more than said`),
        ],
        requests,
        answers,
        settings: Object.assign({}, ...answers.map(({ settings }) => settings ?? {})),
      };
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      // The client alone does not know that a refused request means a refused token: no login stands behind it here.
      const code = error.kind === 'auth' ? 'token-rejected' : error.code;
      const came = SOURCE_REASONS[code]?.came ?? error.message;
      const fix =
        SOURCE_REASONS[code] === undefined
          ? 'ask again later; nothing was changed'
          : `npx smartflo-cdr explain ${code}`;
      return { ...nothing, requests, checks: [fail('source', `${code}: ${came}`, fix)] };
    } finally {
      http.close();
    }
  } finally {
    await source.close();
  }
};
