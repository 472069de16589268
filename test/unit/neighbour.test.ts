import { expect, test } from 'vitest';
import { neighbourOf } from '../../shared/core/neighbour.ts';
import { parseIstStamp, SECOND } from '../../shared/core/time.ts';

const AT = parseIstStamp('2026-03-10 11:00:00') ?? 0;
const window = (from: number, to: number) => ({ from: AT + from * SECOND, to: AT + to * SECOND });
const read = (from: number, to: number) => ({ ...window(from, to), readAge: 0, probeAge: 0 });
const state = (coverage: readonly (readonly [number, number])[], exceptions: readonly number[] = []) => ({
  coverage: coverage.map(([from, to]) => read(from, to)),
  exceptions: exceptions.map((second) => ({ at: AT + second * SECOND, missing: 0 })),
});

test.each([
  ['nothing was read', state([]), undefined],
  [
    'all that was read is too near',
    state([
      [-2, 0],
      [1, 3],
    ]),
    undefined,
  ],
  ['it lies in what was read', state([[-60, 60]]), [-3, -2]],
  [
    'what was read after it is nearer',
    state([
      [-60, -5],
      [1, 60],
    ]),
    [3, 4],
  ],
  [
    'what was read before it is nearer',
    state([
      [-600, -60],
      [100, 600],
    ]),
    [-61, -60],
  ],
  ['seconds beside it were given up', state([[-60, 60]], [-1, 0, 1, 2]), [-4, -3]],
  ['seconds all about it were given up', state([[-4, 60]], [-3, -1, 1, 3, 6]), [9, 10]],
] as const)('the neighbour of a second where %s', (_, known, expected) => {
  expect(neighbourOf(known, window(0, 1))).toEqual(expected && window(expected[0], expected[1]));
});
