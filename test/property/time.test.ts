import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY, HOUR, IST_OFFSET, istDate, istStamp, MINUTE, parseIstStamp } from '../../shared/core/time.ts';

/** Around every border of minutes, hours and days, over a thousand years before and after 1970. */
const atArb = fc
  .tuple(
    fc.integer({ min: -365_000, max: 365_000 }),
    fc.constantFrom(0, HOUR, 18 * HOUR + 30 * MINUTE, DAY - MINUTE, DAY),
    fc.integer({ min: -70_000, max: 70_000 }),
  )
  .map(([day, part, rest]) => day * DAY + part + rest);

test('an instant is written as the calendar writes it, whatever was written before it', () => {
  fc.assert(
    fc.property(fc.array(atArb, { minLength: 1, maxLength: 8 }), (instants) => {
      for (const at of instants) {
        const [, date, time] = /^(.+)T(.{8})/.exec(new Date(at + IST_OFFSET).toISOString()) ?? [];
        expect([istDate(at), istStamp(at)]).toEqual([date, `${date} ${time}`]);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('what is read is what was written, to the second, whatever was read before it', () => {
  fc.assert(
    fc.property(fc.array(atArb, { minLength: 1, maxLength: 8 }), (instants) => {
      for (const at of instants) expect(parseIstStamp(istStamp(at))).toBe(Math.floor(at / 1_000) * 1_000);
    }),
    { numRuns: 2_000 },
  );
});

test('a text with one character of another kind is no date and time', () => {
  const text = '2026-03-10 12:34:56';
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 2 }), (at, other) => {
      const changed = `${text.slice(0, at)}${other}${text.slice(at + 1)}`;
      const reads = /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}$/.test(changed);
      const wall = reads ? Date.parse(`${changed.replace(' ', 'T')}Z`) : Number.NaN;
      const isDay =
        new Date(wall).getUTCDate() === Number(changed.slice(8, 10)) && !changed.startsWith('0000');
      expect(parseIstStamp(changed)).toBe(isDay ? wall - IST_OFFSET : undefined);
    }),
    { numRuns: 5_000 },
  );
});
