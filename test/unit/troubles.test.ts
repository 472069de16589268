import { describe, expect, test } from 'vitest';
import type { Trouble } from '../../shared/core/account-state.ts';
import { MINUTE, parseIstStamp, SECOND } from '../../shared/core/time.ts';
import { noteTrouble, type Unread } from '../../shared/core/troubles.ts';

const AT = parseIstStamp('2026-03-10 11:00:00') ?? 0;
const ONE = { from: AT, to: AT + SECOND };

/** Reads of one second that did not settle, each `[minute, why]`. @returns after which of them it was given up */
const givenUpAfter = (reads: readonly (readonly [number, Unread])[]): number | undefined => {
  let known: readonly Trouble[] = [];
  for (const [place, [minute, why]] of reads.entries()) {
    const { troubles, exhausted } = noteTrouble(known, ONE, why, AT + minute * MINUTE);
    if (exhausted) {
      expect(troubles).toEqual([]);
      return place + 1;
    }
    known = troubles;
  }
  return undefined;
};

const every = (minutes: number, times: number, why: Unread) =>
  Array.from({ length: times }, (_, place) => [place * minutes, why] as const);

describe('a second is given up', () => {
  test.each<[string, readonly (readonly [number, Unread])[], number | undefined]>([
    ['after three answers that were not right, in one tick too', every(0, 9, 'unsettled'), 3],
    ['after three answers that were too much', every(0, 9, 'too-much'), 3],
    ['after half an hour of no answer, a minute apart', every(1, 60, 'unanswered'), 31],
    ['after six reads without an answer, an hour apart', every(60, 9, 'unanswered'), 6],
    ['never within half an hour of no answer', every(0.1, 300, 'unanswered'), undefined],
    [
      'never for two wrong answers among no answers',
      [[0, 'unsettled'], ...every(1, 20, 'unanswered'), [21, 'unsettled'], [22, 'unanswered']],
      undefined,
    ],
  ])('%s', (_, reads, after) => expect(givenUpAfter(reads)).toBe(after));
});

test('a longer window is read twice at its length, then in halves, and never given up', () => {
  const window = { from: AT, to: AT + 60 * SECOND };
  const once = noteTrouble([], window, 'unanswered', AT);
  expect(once).toEqual({ troubles: [{ ...window, span: MINUTE, reads: 1 }], exhausted: false });
  const twice = noteTrouble(once.troubles, window, 'unanswered', AT + 100 * MINUTE);
  expect(twice).toEqual({ troubles: [{ ...window, span: MINUTE / 2, reads: 0 }], exhausted: false });
  expect(noteTrouble([], window, 'too-much', AT)).toEqual(twice);
});
