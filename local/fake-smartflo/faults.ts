import type { EpochMs } from '../../shared/core/time.ts';
import type { FaultKind, FaultKnobs } from './knobs.ts';
import { chance, mix, pick } from './random.ts';
import { SALT } from './salt.ts';

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
