import type { EpochMs } from '../../shared/core/time.ts';
import type { FaultKnobs } from './knobs.ts';
import { chance, mix, pick } from './random.ts';
import { SALT } from './salt.ts';

/**
 * What can go wrong with one request:
 * - `unauthorized` 401, `forbidden` 403, with a token that is good
 * - `token-death` 401, and the token is dead from then on
 * - `rate-limited` 429 · `server-error` 500 · `bad-gateway` 502 with HTML · `gateway-timeout` 504 after 29 s
 * - `failure-200` 200 with `success: false` · `html` 200 with HTML · `not-a-page` 200 with JSON that has no results
 * - `truncated` a body that ends too soon, in good order · `cut` the same, and the connection dies
 * - `reset` no answer at all · `slow` a whole answer, late
 * - `redirect` 302 to another host · `deep`, `huge` bodies against which a reader needs limits
 */
export type FaultKind =
  | 'unauthorized'
  | 'forbidden'
  | 'token-death'
  | 'rate-limited'
  | 'server-error'
  | 'bad-gateway'
  | 'gateway-timeout'
  | 'failure-200'
  | 'html'
  | 'not-a-page'
  | 'truncated'
  | 'cut'
  | 'reset'
  | 'slow'
  | 'redirect'
  | 'deep'
  | 'huge';

/** The fault that befalls a request for records, if any: the plan first, then the seeded share. */
export const faultOf = (
  seed: number,
  request: number,
  now: EpochMs,
  page: number,
  { plan, share, kinds }: FaultKnobs,
): FaultKind | undefined => {
  const planned = plan.find(
    ({ requests, between, page: onPage }) =>
      (!requests || (requests[0] <= request && request <= requests[1])) &&
      (!between || (between[0] <= now && now < between[1])) &&
      (onPage === undefined || onPage === page),
  );
  if (planned) return planned.kind;
  const own = mix(seed, request);
  return chance(own, SALT.fault, share) ? kinds[pick(own, SALT.faultKind, kinds.length)] : undefined;
};
