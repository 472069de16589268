import { FakeSmartflo } from '../local/fake-smartflo/api.ts';
import { DAY, type EpochMs, MINUTE, parseIstDate } from '../shared/core/time.ts';

export const DT = '2026-03-10';
export const MIDNIGHT: EpochMs = parseIstDate(DT) ?? 0;

/** One day of the fake's calls, about so many, as they stand when all is over. @returns the records of a part of it */
export const fakeDay = (records: number) => {
  const now = MIDNIGHT + 10 * DAY;
  const { world } = new FakeSmartflo({
    seed: 7,
    clock: { real: () => now },
    startedAt: MIDNIGHT,
    historyFrom: MIDNIGHT,
    historyTo: MIDNIGHT + DAY,
    knobs: { calls: { callsPerMinute: (records * MINUTE) / DAY } },
  });
  return (from: EpochMs, to: EpochMs) => world.truth(now, { from, to });
};
