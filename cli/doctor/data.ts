import { parseIstDate } from '../../shared/core/time.ts';
import { type Check, checksOf } from './check.ts';
import type { PlaceStatus } from '../commands/place-status.ts';
import { count, span } from '../figures.ts';
import type { Place } from '../place/place.ts';
import { dayPrefix } from '../../shared/steps/archive-reader.ts';
import { istDate, MINUTE, SECOND } from '../../shared/core/time.ts';

const { ok, warn, fail, skip } = checksOf('data');
/** Above this, calls come late or not at all. */
const LATE_SECONDS = (15 * MINUTE) / SECOND;

/** What has arrived, by account. */
export const checkData = async (place: Place, status: PlaceStatus): Promise<Check[]> => {
  const checks: Check[] = [];
  for (const account of status.accounts) {
    const name = account.account;
    const { lagSeconds } = account;
    if (lagSeconds === undefined || !place.running)
      checks.push(skip(`lag-${name}`, `${name}: nothing polls here now`));
    else
      checks.push(
        lagSeconds < LATE_SECONDS
          ? ok(`lag-${name}`, `${name}: nothing is missing up to ${span(lagSeconds * 1000)} ago`)
          : fail(
              `lag-${name}`,
              `${name}: covered up to ${span(lagSeconds * 1000)} ago only`,
              `npx smartflo-cdr coverage${place.flag} shows the gap`,
            ),
      );
    checks.push(
      account.exceptions === 0
        ? ok(`exceptions-${name}`, `${name}: no second is covered with an exception`)
        : warn(
            `exceptions-${name}`,
            `${name}: ${count(account.exceptions)} seconds with records that the source counts and does not show`,
            `npx smartflo-cdr quarantine list${place.flag}`,
          ),
    );
    checks.push(await partitionCheck(place, name));
    const { lastProof } = account;
    checks.push(
      lastProof === undefined
        ? skip(`proof-${name}`, `${name}: no day is proven yet; the first is due 26 h after its end`)
        : lastProof.verdict === 'proven'
          ? ok(`proof-${name}`, `${name}: ${lastProof.dt} is proven`)
          : fail(
              `proof-${name}`,
              `${name}: ${lastProof.dt} differs`,
              `npx smartflo-cdr prove --day ${lastProof.dt}${place.flag}`,
            ),
    );
  }
  checks.push(
    status.deadLetters === 0
      ? ok('dead-letters', 'no dead letters')
      : fail(
          'dead-letters',
          `${count(status.deadLetters)} dead letters`,
          `npx smartflo-cdr dead-letters list${place.flag}`,
        ),
  );
  return checks;
};

/** Whether calls of today, or of the newest day that there is, lie in a partition of their own. */
const partitionCheck = async (place: Place, account: string): Promise<Check> => {
  const today = istDate(Date.now());
  for await (const _ of place.objects.list(dayPrefix(account, today)))
    return ok(`today-${account}`, `${account}: today's partition, dt=${today}, is there`);
  let newest: string | undefined;
  for await (const folder of place.objects.folders(`raw/account=${account}/`)) {
    const dt = folder.replace(/^dt=/, '').replace(/\/$/, '');
    if (parseIstDate(dt) !== undefined) newest = dt;
  }
  return newest === undefined
    ? warn(
        `today-${account}`,
        `${account}: the archive is empty`,
        'wait for the first tick, or npx smartflo-cdr start',
      )
    : skip(`today-${account}`, `${account}: no call of today yet; the newest partition is dt=${newest}`);
};
