import type { Learned } from '../../shared/core/account-state.ts';
import { learnFrom } from '../../shared/core/learning.ts';
import { isStrange } from '../../shared/core/page-trust.ts';
import type { OwedWindow } from '../../shared/core/planner.ts';
import type { PollParts } from './poll-parts.ts';
import type { WindowReading } from './read-window.ts';

/**
 * What is believed of the source after a reading; tells where that is no longer what was believed before.
 * @param ripe nearly all calls of the window have ended, and it was read whole: it shows the account's density and mix
 */
export const learnFromReading = (
  before: Learned,
  { window, minDuration }: OwedWindow,
  reading: WindowReading,
  ripe: boolean,
  { telemetry, account, policy }: Pick<PollParts, 'telemetry' | 'account' | 'policy'>,
): Learned => {
  const rows = reading.pages.flatMap(({ sightings }) => sightings);
  const learned = learnFrom(before, { window, rows, ripe, minDuration });
  if (learned.filterOn !== before.filterOn) {
    telemetry.log('warn', 'the source filters by another time than believed', {
      account,
      filterOn: learned.filterOn,
    });
  }
  if (learned.durationFilter !== before.durationFilter) {
    telemetry.log('warn', 'the source ignores the duration filter, live grows instead', { account });
    telemetry.count('DurationFilterIgnored', 1);
  }
  const strange = rows.filter((row) => isStrange(row, window)).length;
  if (strange > 0) telemetry.count('StrangeRows', strange);
  const { pageLimit } = reading;
  const full = reading.pages.slice(0, -1).every(({ sightings }) => sightings.length === pageLimit);
  const smaller = reading.verdict === 'covered' && reading.pages.length > 1 && full;
  return { ...learned, ...(smaller && pageLimit < policy.pageLimit && { pageLimit }) };
};
