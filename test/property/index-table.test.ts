import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { agentEntriesOf, CallEntry, callOf, entryOf } from '../../shared/contract/index-table.ts';
import { summarise } from '../../shared/core/call-summary.ts';
import { indexedCall } from '../support/indexed-call.ts';
import officialPage from '../fixtures/official-page.json' with { type: 'json' };

const text = fc.oneof(fc.string({ maxLength: 80 }), fc.constantFrom('', 'N.A.', '#', 'a#b', '919999999999'));
const record = fc.record(
  {
    call_id: text,
    uuid: text,
    direction: text,
    status: text,
    client_number: text,
    did_number: text,
    date: fc.constantFrom('2026-03-10', '1970-01-01', 'x'),
    time: fc.constantFrom('00:00:00', '05:30:00', 'x'),
    answered_seconds: fc.oneof(fc.double(), text),
    recording_url: text,
    call_flow: fc.array(fc.record({ type: fc.constant('Agent'), dialst: fc.constant('Answered'), id: text })),
  },
  { requiredKeys: [] },
);

test('an entry reads back as the call it was made of', () => {
  fc.assert(
    fc.property(record, fc.string({ minLength: 1 }), (fields, key) => {
      const call = indexedCall({ key, summary: summarise(fields) });
      const stored = JSON.parse(JSON.stringify(entryOf(call)));
      return isDeepStrictEqual(callOf(CallEntry.parse(stored)), call);
    }),
    { numRuns: 300 },
  );
});

/** DynamoDB counts names and values in UTF-8, numbers by half their digits, lists with a little on top. */
const bytesOf = (entry: object): number =>
  Object.entries(entry)
    .filter(([, value]) => value !== undefined)
    .reduce((sum, [name, value]) => sum + name.length + Buffer.byteLength(JSON.stringify(value)), 0);

test('an entry is at most 1 KB: one write unit, and one more for each secondary index', () => {
  const long = 'x'.repeat(300);
  const summary = summarise({
    ...officialPage.results[0],
    call_id: long,
    uuid: '0123456789abcdef0123456789abcdef',
    department_name: long,
    service: long,
    hangup_cause: long,
    dialer_call_details: { campaign_name: long, disposition_name: long },
  });
  expect(bytesOf(entryOf(indexedCall({ summary })))).toBeLessThanOrEqual(1_024);
});

test('further agents get a pointer each, the first needs none', () => {
  const call = indexedCall({ summary: { agents: ['1', '2', '3'] } });
  expect(agentEntriesOf(call).map(({ agent }) => agent)).toEqual(['main#2', 'main#3']);
  expect(entryOf(call).agent).toBe('main#1');
  expect(agentEntriesOf(indexedCall({ summary: {} }))).toEqual([]);
});
