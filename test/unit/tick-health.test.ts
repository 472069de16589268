import { expect, test } from 'vitest';
import { TickHealth } from '../../functions/poller/tick-health.ts';
import { MINUTE, parseIstStamp } from '../../shared/core/time.ts';

const AT = parseIstStamp('2026-03-10 11:00:00') ?? 0;
/** Minutes of a day, as one window. */
const window = (from: number, to: number) => ({ from: AT + from * MINUTE, to: AT + to * MINUTE });

test('a failure is its window’s own where all else answers, or fails in the same place', () => {
  const health = new TickHealth();
  health.noteAnswer();
  health.noteFailure(window(0, 30));
  expect(health.answersBeside(window(10, 20))).toBe(false); // nothing was answered since
  health.noteAnswer();
  expect(health.answersBeside(window(10, 20))).toBe(true);
  expect(health.answersBeside(window(30, 40))).toBe(true); // a call of both may be the reason
  expect(health.answersBeside(window(31, 40))).toBe(false); // one of three failed elsewhere
  for (let answers = 0; answers < 2; answers += 1) health.noteAnswer();
  expect(health.answersBeside(window(31, 40))).toBe(true); // one of five
});
