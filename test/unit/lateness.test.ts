import { describe, expect, test } from 'vitest';
import { formatStamp } from '../../shared/core/stamp.ts';
import { DAY, HOUR, MINUTE, parseIstStamp, SECOND } from '../../shared/core/time.ts';
import type { ArchivedPack } from '../../shared/steps/archive-reader.ts';
import { DelayCounts, LatenessTally, recommendedLooks } from '../../shared/steps/lateness.ts';

const END = parseIstStamp('2026-03-10 10:05:00') ?? 0;

/** A record of a call of five minutes, stored so long after its end. */
const record = (number: number, storedAfter: number, content: string): string => {
  const stored = Math.floor((END + storedAfter) / SECOND).toString(16);
  return JSON.stringify({
    id: `${stored}${String(number).padStart(16, '0')}`,
    date: '2026-03-10',
    time: '10:00:00',
    end_stamp: '2026-03-10 10:05:00',
    call_duration: 300,
    notes: content,
  });
};

const pack = (request: number, seenAfter: number, lines: readonly string[]): ArchivedPack => ({
  object: `raw/account=main/dt=2026-03-10/${request}`,
  account: 'main',
  dt: '2026-03-10',
  stamp: formatStamp(1, request, END + seenAfter),
  keyedBy: 'id',
  lines,
});

const tallied = (...days: readonly (readonly ArchivedPack[])[]) => {
  const tally = new LatenessTally([]);
  for (const packs of days) {
    for (const each of packs) tally.add(each);
    tally.endDay();
  }
  return tally.result();
};

const delaysOf = (values: readonly number[]) => {
  const counts = new DelayCounts();
  for (const value of values) counts.add(value);
  return counts.result();
};

test('a quantile is the smallest delay that its share does not exceed', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(delaysOf(hundred)).toEqual({ records: 100, p50: 50, p90: 90, p99: 99, max: 100 });
  expect(delaysOf([7])).toEqual({ records: 1, p50: 7, p90: 7, p99: 7, max: 7 });
  expect(delaysOf([])).toMatchObject({ records: 0, max: 0 });
});

describe('what an archive tells', () => {
  test('stored, first seen and last changed, after the end; a call seen again unchanged has not changed', () => {
    const found = tallied([
      pack(1, MINUTE, [record(1, 3 * SECOND, 'a'), record(2, 2 * SECOND, 'a')]),
      pack(2, HOUR, [record(1, 3 * SECOND, 'b'), record(2, 2 * SECOND, 'a')]),
      pack(3, 6 * HOUR, [record(1, 3 * SECOND, 'c')]),
    ]);
    expect(found).toMatchObject({ calls: 2, untold: 0, fetchedLater: 0 });
    expect(found.inserted).toMatchObject({ records: 2, p50: 2 * SECOND, max: 3 * SECOND });
    expect(found.firstSeen).toMatchObject({ records: 2, p50: MINUTE, max: MINUTE });
    expect(found.lastChange).toMatchObject({ records: 1, max: 6 * HOUR });
  });

  test('what was fetched days after it was stored says nothing of how late it was seen', () => {
    const found = tallied([pack(1, 3 * DAY, [record(1, 2 * SECOND, 'a')])]);
    expect(found).toMatchObject({ fetchedLater: 1, inserted: { records: 1 }, firstSeen: { records: 0 } });
  });

  test('a record without a readable end is counted as such', () => {
    expect(tallied([pack(1, MINUTE, ['{"id":"7"}'])])).toMatchObject({ calls: 1, untold: 1 });
  });
});

test('days add up', () => {
  const day = [pack(1, MINUTE, [record(1, 3 * SECOND, 'a'), record(2, 2 * SECOND, 'a')])];
  const other = [pack(2, HOUR, [record(3, 5 * SECOND, 'a')])];
  expect(tallied(day, other)).toEqual(tallied([...day, ...other]));
  expect(tallied(day, other)).toMatchObject({ calls: 3, inserted: { records: 3, max: 5 * SECOND } });
});

describe('the looks that it recommends', () => {
  const delays = (minutes: number) =>
    delaysOf(Array.from({ length: 200 }, (_, index) => ((index + 1) / 200) * minutes * MINUTE));

  test('reach as far as what was late, and keep those that nothing can replace', () => {
    const looks = recommendedLooks({ lateFromStart: delays(300), lastChangeFromStart: delays(300) });
    expect(looks.probes?.map(({ age }) => age / HOUR)).toEqual([3, 6, 26]);
    expect(looks.edits?.map(({ age }) => age / HOUR)).toEqual([3, 6, 26, 72, 192]);
    for (const { block } of [...(looks.probes ?? []), ...(looks.edits ?? [])]) expect(DAY % block).toBe(0);
  });

  test('are none where too few were late to tell', () => {
    const few = delaysOf([HOUR]);
    expect(recommendedLooks({ lateFromStart: few, lastChangeFromStart: few })).toEqual({});
  });
});
