import { setTimeout as wait } from 'node:timers/promises';
import { openSource } from '../../local/composition.ts';
import { chooseSource, SIMULATED } from '../../local/source-choice.ts';
import { parseCredential } from '../../shared/adapters/credential-text.ts';
import { createSmartfloHttp } from '../../shared/adapters/smartflo-http.ts';
import { Account } from '../../shared/contract/account.ts';
import { SECOND } from '../../shared/core/time.ts';
import { SourceError } from '../../shared/ports/source.ts';
import { SOURCE_REASONS } from '../source-reasons.ts';
import { type Check, checksOf } from './check.ts';
import { clockCheck, recordZoneCheck } from './clock.ts';
import { type Answer, PROBE_REQUESTS, probeSource } from './source-probes.ts';

const { ok, warn, fail, skip } = checksOf('source');
/** One answer takes no longer: the vendor's gateway gives up after 29 s. */
const LONGEST = 30 * SECOND;

/** Beside a deployed poller, which may take the whole share. */
const SHARE_BESIDE_ANOTHER = 0.5;

/** Whose source is asked. */
export interface SourceTarget {
  /** As it is deployed: its host and rate. Without it, the environment alone tells. */
  readonly account?: Account | undefined;
  /** Its calls are real ones: what a simulated source answers would say nothing about it. */
  readonly real: boolean;
}

/** What was found at the source, and what to set. */
export interface SourceFindings {
  /** `simulated`, or the host that was asked. */
  readonly source?: string;
  readonly checks: readonly Check[];
  readonly requests: number;
  readonly answers: readonly Answer[];
  readonly settings: Readonly<Record<string, string | number>>;
}

/** The open questions as checks, in their order. */
export const questionChecks = (answers: readonly Answer[]): Check[] =>
  [...answers]
    .sort((a, b) => a.question - b.question)
    .map(({ question, about, answer, unasked }) =>
      (unasked ? skip : ok)(`question-${question}`, `${about}: ${answer}`),
    );

/** @param env where a token may stand: a login with a password is never tried */
export const checkSource = async (
  env: Readonly<Record<string, string | undefined>>,
  target: SourceTarget,
  heard: (requests: number) => void,
): Promise<SourceFindings> => {
  const nothing = { requests: 0, answers: [], settings: {} };
  const choice = chooseSource(env);
  if (choice.simulated && target.real)
    return {
      ...nothing,
      checks: [
        skip(
          'source',
          'no token is there, and none is taken out of a secret',
          'set SMARTFLO_TOKEN to have it asked',
        ),
      ],
    };
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
      ...(target.account ?? { name: 'doctor', secretId: 'none' }),
      ...(source.asked.baseUrl !== undefined && {
        baseUrl: source.asked.baseUrl,
        allowedHosts: [new URL(source.asked.baseUrl).host],
      }),
    });
    let requests = 0;
    const share = account.share * (target.account ? SHARE_BESIDE_ANOTHER : 1);
    const pace = source.asked.requestsPerSecond ?? account.cps * share;
    let told: { date: number | undefined; at: number } | undefined;
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
      dated(date) {
        told = { date: date === undefined ? undefined : Date.parse(date), at: Date.now() };
      },
    });
    try {
      const ask = (query: Parameters<typeof http.page>[1]) => http.page(credential.token, query, LONGEST);
      const { answers, storedAfter } = await probeSource(ask, Date.now());
      const { host } = new URL(account.baseUrl);
      return {
        source: choice.simulated ? SIMULATED : host,
        checks: [
          ok('source', `${choice.simulated ? 'the simulated source' : host} answers`),
          clockCheck(told?.date, told?.at ?? Date.now()),
          recordZoneCheck(storedAfter),
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
