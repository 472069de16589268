import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SCAN_LIMITS, scanEnvelope } from '../../shared/core/raw-json.ts';

const scan = (text: string) => scanEnvelope(Buffer.from(text, 'utf8'));

test("cuts the vendor's own page into one record, every token as printed", () => {
  const page = readFileSync(new URL('../fixtures/official-page.json', import.meta.url));
  const scanned = scanEnvelope(page);
  if (!scanned.ok) throw new Error(scanned.code);
  expect(scanned.members).toEqual(
    new Map([
      ['count', '406'],
      ['limit', '20'],
      ['size', '20'],
      ['page', '1'],
    ]),
  );
  // The sample's numbers survive JSON.parse, so stringify is an independent minifier for it.
  expect(scanned.records).toEqual([JSON.stringify(JSON.parse(page.toString()).results[0])]);
  expect(scanned.records?.[0]).toHaveLength(3917);
});

test('keeps what parsing would change', () => {
  const record = String.raw`{"n":1.0e+2,"big":12345678901234567890,"huge":1e400,"u":"\u0041\/\ud800","a":1,"a":2,"__proto__":{"x":-0}}`;
  expect(scan(`{"results":[ ${record} ]}`)).toMatchObject({ ok: true, records: [record] });
});

test('keeps bytes that are no UTF-8', () => {
  const page = Buffer.concat([Buffer.from('{"results":[{"a":"'), Buffer.of(0xff, 0xc3), Buffer.from('"}]}')]);
  expect(scanEnvelope(page)).toMatchObject({ ok: true, records: ['{"a":"\xff\xc3"}'] });
});

test('takes results of any type, and results that are no array', () => {
  expect(scan('{"results" : [ 1 , [ ] , null, "a b" , { } ]}')).toMatchObject({
    records: ['1', '[]', 'null', '"a b"', '{}'],
  });
  const scanned = scan('{"results":{ "0": [ ] }}');
  expect(scanned).toMatchObject({ ok: true, records: undefined });
  expect(scanned.ok && scanned.members.get('results')).toBe('{"0":[]}');
});

test.each([
  ['', 'truncated', 0],
  ['  ', 'truncated', 2],
  ['[1]', 'not-object', 0],
  ['<html>', 'not-object', 0],
  ['{"a":01}', 'unexpected-byte', 6],
  ['{"a":+1}', 'unexpected-byte', 5],
  ['{"a":.5}', 'unexpected-byte', 5],
  ['{"a":1.}', 'unexpected-byte', 7],
  ['{"a":1e}', 'unexpected-byte', 7],
  ['{"a":NaN}', 'unexpected-byte', 5],
  ['{"a":trux}', 'unexpected-byte', 8],
  ["{'a':1}", 'unexpected-byte', 1],
  ['{"a":1,}', 'unexpected-byte', 7],
  ['{"a":[1,]}', 'unexpected-byte', 8],
  ['{"a":[1}', 'unexpected-byte', 7],
  ['{"a" 1}', 'unexpected-byte', 5],
  ['{"a":1 "b":2}', 'unexpected-byte', 7],
  ['{"a":"\\x"}', 'bad-escape', 6],
  ['{"a":"\\u12G4"}', 'bad-escape', 6],
  ['{"a":"line\nfeed"}', 'control-character', 10],
  ['{"a":1}{}', 'trailing-bytes', 7],
  ['{"a":1,"\\u0061":2}', 'duplicate-member', 7],
  ['{"results":[],"results":[]}', 'duplicate-member', 14],
  ['{\uFEFF}', 'unexpected-byte', 1],
] as const)('%j is %s at %i', (text, code, offset) => {
  expect(scan(text)).toEqual({ ok: false, code, offset });
});

test('skips a byte order mark before the answer', () => {
  expect(scan('\uFEFF{"count":1}')).toMatchObject({ ok: true });
});

test('bounds depth, members and records', () => {
  const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
  expect(scan(nested(SCAN_LIMITS.depth))).toMatchObject({ ok: true });
  expect(scan(nested(SCAN_LIMITS.depth + 1))).toMatchObject({ code: 'too-deep' });
  expect(scan(nested(200_000))).toMatchObject({ code: 'too-deep' });
  const limits = { depth: 8, members: 2, records: 2 };
  const bounded = (text: string) => scanEnvelope(Buffer.from(text), limits);
  expect(bounded('{"a":1,"b":2}')).toMatchObject({ ok: true });
  expect(bounded('{"a":1,"b":2,"c":3}')).toMatchObject({ code: 'too-many-members' });
  expect(bounded('{"results":[1,2]}')).toMatchObject({ ok: true });
  expect(bounded('{"results":[1,2,3]}')).toMatchObject({ code: 'too-many-records' });
});
