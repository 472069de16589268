import * as fc from 'fast-check';
import { test } from 'vitest';
import { callDate } from '../../shared/core/call-date.ts';
import { SUMMARY_FIELDS, summarise } from '../../shared/core/call-summary.ts';
import { readCallTimes, TIME_FIELDS } from '../../shared/core/call-times.ts';
import { compileVolatilePaths, readRecord } from '../../shared/core/content-hash.ts';
import officialPage from '../fixtures/official-page.json' with { type: 'json' };

const NONE = compileVolatilePaths([]);
const official = Object.entries(officialPage.results[0] ?? {});
const names = [...official.map(([name]) => name), 'total_call_duration', 'destination', 'from_number'];

const value = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom('+910000000001', '+910000000002', 'inbound', '7', '2026-03-10', '10:00:00'),
);

/** Any members of the vendor's record, and any others in their place or beside them. */
const drifted = fc
  .tuple(
    fc.subarray(official),
    fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: names.length }),
  )
  .map(([kept, others]) => JSON.stringify(Object.fromEntries([...kept, ...others])));

test('a summary, a date and times need no other members than they say', () => {
  fc.assert(
    fc.property(drifted, (text) => {
      const record: object = JSON.parse(text);
      const raw = Buffer.from(text, 'utf8').toString('latin1');
      const { fields } = readRecord(raw, NONE, SUMMARY_FIELDS);
      const { fields: ofTimes } = readRecord(raw, NONE, { names: new Set(TIME_FIELDS) });
      const told = (all: unknown, times: object) =>
        JSON.stringify([all, readCallTimes(times), callDate(times)]);
      return told(summarise(fields), ofTimes) === told(summarise(record), record);
    }),
    { numRuns: 2_000 },
  );
});
