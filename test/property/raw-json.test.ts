import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { scanEnvelope } from '../../shared/core/raw-json.ts';
import { record, type Tokens, tokens, writeTokens } from '../support/json-text.ts';

const spaces = fc.infiniteStream(fc.constantFrom('', '', ' ', '\n', '\t \r\n'));
const bytes = (text: string) => Buffer.from(text, 'utf8');
const latin1 = (text: string) => bytes(text).toString('latin1');

test('any white space between tokens goes, and every byte of the tokens stays', () => {
  fc.assert(
    fc.property(fc.array(tokens, { maxLength: 4 }), spaces, (results, stream) => {
      const space = () => stream.next().value ?? '';
      const page: Tokens = {
        members: [
          ['"count"', { scalar: '7' }],
          ['"results"', { list: results }],
          ['"z"', { list: results }],
        ],
      };
      const scanned = scanEnvelope(bytes(writeTokens(page, space)));
      return (
        scanned.ok &&
        scanned.members.get('z') === latin1(writeTokens({ list: results })) &&
        scanned.records?.length === results.length &&
        scanned.records.every((raw, index) => raw === latin1(writeTokens(results[index] ?? { list: [] })))
      );
    }),
    { numRuns: 500 },
  );
});

test('a page cut off anywhere is truncated, never a page', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 3 }), spaces, fc.nat(), (results, stream, cut) => {
      const page = bytes(
        writeTokens({ members: [['"results"', { list: results }]] }, () => stream.next().value ?? ''),
      );
      const end = page.lastIndexOf('}');
      const scanned = scanEnvelope(page.subarray(0, cut % (end + 1)));
      return !scanned.ok && scanned.code === 'truncated';
    }),
    { numRuns: 1_000 },
  );
});

test('accepts exactly what the strict parser of the platform accepts', () => {
  const alphabet = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    'a',
    'u',
    '0',
    '1',
    '-',
    '.',
    'e',
    ' ',
    '\n',
    'true',
    '"a"',
    'null',
  );
  const parses = (text: string): boolean => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  fc.assert(
    fc.property(fc.array(alphabet, { maxLength: 10 }), (parts) => {
      const text = `{"a":${parts.join('')}}`;
      const scanned = scanEnvelope(bytes(text));
      // A second "a" is well-formed, and refused for a reason of its own.
      return scanned.ok ? parses(text) : !parses(text) || scanned.code === 'duplicate-member';
    }),
    { numRuns: 20_000 },
  );
});

test('any bytes give an outcome, never an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (noise) => typeof scanEnvelope(noise).ok === 'boolean'),
    { numRuns: 2_000 },
  );
  expect(scanEnvelope(bytes('{"a":'.repeat(100_000))).ok).toBe(false);
});
