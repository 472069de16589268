import { expect, test } from 'vitest';
import { istStamp, parseIstStamp } from '../../shared/core/time.ts';

test.each(['2026-03-10 00:00:00', '2024-02-29 23:59:59', '1999-12-31T12:00:00', '0001-01-01 00:00:00'])(
  '%s is a date and a time in India',
  (text) => {
    expect(istStamp(parseIstStamp(text) ?? Number.NaN)).toBe(text.replace('T', ' '));
  },
);

test.each([
  '2026-02-29 00:00:00',
  '2026-04-31 00:00:00',
  '2026-13-01 00:00:00',
  '2026-00-10 00:00:00',
  '2026-03-00 00:00:00',
  '2026-03-10 24:00:00',
  '2026-03-10 25:00:00',
  '2026-03-10 12:60:00',
  '2026-03-10 12:00:60',
  '0000-00-00 00:00:00',
  '2026-03-10',
  '10-03-2026 12:00:00',
  '2026-03-10 -1:00:00',
  '2026-03-10 12:00:5 ',
  '2026-03-10-12:00:00',
  '+026-03-10 12:00:00',
])('%s is none', (text) => {
  expect(parseIstStamp(text)).toBeUndefined();
});
