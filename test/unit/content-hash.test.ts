import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { Account } from '../../shared/contract/account.ts';
import { compileVolatilePaths, readContent, readRecord } from '../../shared/core/content-hash.ts';

const { volatilePaths } = Account.parse({ name: 'main', secretId: 'main' });
const byDefault = compileVolatilePaths(volatilePaths);
const hashOf = (raw: string, volatile = byDefault) => readContent(raw, volatile).hash;
const url = (text: string) => `{"recording_url":"${text}"}`;

test('is half of a sha256 over the canonical tokens', () => {
  const canonical = '{"a":{"b":[{"y":2,"z":1.0}]},"c":"\\/"}';
  const hash = createHash('sha256').update(canonical).digest('hex').slice(0, 32);
  expect(hashOf('{"c":"\\/","a":{"b":[{"z":1.0,"y":2}]}}')).toBe(hash);
});

test.each([
  ['a number spelled otherwise', '{"a":1}', '{"a":1.0}'],
  ['a text spelled otherwise', '{"a":"/"}', '{"a":"\\/"}'],
  ['duplicates in another order', '{"a":1,"a":2}', '{"a":2,"a":1}'],
  ['entries in another order', '{"a":[1,2]}', '{"a":[2,1]}'],
  ['a URL that appears', '{"recording_url":null}', url('https:\\/\\/h\\/r?callId=1&token=a')],
  ['a URL that disappears', url('https:\\/\\/h\\/r?callId=1&token=a'), '{}'],
  ['another recording', url('https://h/r?callId=1&token=a'), url('https://h/r?callId=2&token=a')],
  ['a token that appears', url('https://h/r?token='), url('https://h/r?token=a')],
  ['a parameter whose name only ends alike', url('https://h/r?atoken=1'), url('https://h/r?atoken=2')],
  ['what follows the token', url('https://h/r?token=a&x=1'), url('https://h/r?token=a&x=2')],
  ['what follows, the & escaped', url('https://h/r?token=a\\u0026x=1'), url('https://h/r?token=a\\u0026x=2')],
  ['the fragment', url('https://h/r?token=a#1'), url('https://h/r?token=a#2')],
  ['a token in another leaf', '{"x":"?token=a"}', '{"x":"?token=b"}'],
])('%s is a change', (_, before, after) => {
  expect(hashOf(before)).not.toBe(hashOf(after));
});

test.each([
  ['first parameter', url('https://h/r?token=a&x=1'), url('https://h/r?token=b&x=1')],
  ['last parameter', url('https://h/r?x=1&token=a'), url('https://h/r?x=1&token=bcd')],
  ['escaped slashes inside', url('https:\\/\\/h?token=a\\/b\\/c'), url('https:\\/\\/h?token=d')],
  ['an escaped quote inside', url('https://h?token=a\\"b'), url('https://h?token=d')],
  ['the & and ? escaped', url('https://h\\u003fx=1\\u0026token=a'), url('https://h\\u003fx=1\\u0026token=b')],
])('a rotating token is no change: %s', (_, before, after) => {
  expect(hashOf(before)).toBe(hashOf(after));
  const spell = (raw: string) => raw.replace('recording_url', 'recording_ur\\u006c');
  expect(hashOf(spell(before))).toBe(hashOf(spell(after)));
});

test('paths reach into arrays of arrays, and an unknown path does nothing', () => {
  const volatile = compileVolatilePaths(['m[][].x', 'nowhere.at[].all', '', '?', '[]']);
  expect(hashOf('{"m":[[{"x":1,"y":1}],[{"x":2}]]}', volatile)).toBe(
    hashOf('{"m":[[{"x":3,"y":1}],[{"x":4}]]}', volatile),
  );
  expect(hashOf('{"m":[[{"x":1,"y":1}]]}', volatile)).not.toBe(hashOf('{"m":[[{"x":1,"y":2}]]}', volatile));
});

test('finds the id, and none where two differ', () => {
  const idOf = (raw: string) => readContent(raw, byDefault).idToken;
  expect(idOf('{"a":{"id":"inner"},"id":"outer"}')).toBe('"outer"');
  expect(idOf('{"\\u0069d":7}')).toBe('7');
  expect(idOf('{"id":1,"id":1}')).toBe('1');
  expect(idOf('{"id":1,"id":2}')).toBeUndefined();
  expect(idOf('{}')).toBeUndefined();
});

test.each([
  '',
  '[]',
  '{"a":1',
  '{"a',
  '{"a":1}x',
  '{"a":tru}',
  '{"a":01}',
  '{"a":1 }',
  '{"a":"\\x"}',
  '{"a":[1,]}',
  '{"a":1,}',
  '{a:1}',
  '{"a":[{"b"}]}',
])('%j is no record', (raw) => {
  expect(() => readContent(raw, byDefault)).toThrow(RangeError);
});

test('gives what is asked for of a record as parsing it would, and nothing else', () => {
  const wanted = { names: new Set(['date', 'call_flow']), beginnings: ['destination'] };
  const raw = Buffer.from(
    '{"date":"first","x":1,"dat\\u0065":"a\\/b","\u00e9":"\u00e9","call_flow":[{"type":"\u00e9"}],"destination(raw)":12}',
    'utf8',
  ).toString('latin1');
  expect(readRecord(raw, byDefault, wanted).fields).toEqual({
    date: 'a/b',
    call_flow: [{ type: 'é' }],
    'destination(raw)': 12,
  });
});

test('a record of a hundred thousand members leaves nothing behind for the next', () => {
  const many = Array.from({ length: 100_000 }, (_, at) => `"m${at}":[${at}]`);
  const small = '{"b":[{"d":1,"c":2}],"a":"x"}';
  const before = hashOf(small);
  expect(hashOf(`{${many.join(',')}}`)).toBe(hashOf(`{${many.toReversed().join(',')}}`));
  expect(hashOf(small)).toBe(before);
});

test('entries of an array that are volatile are replaced, those that are empty stay', () => {
  const volatile = compileVolatilePaths(['tags[]', 'urls[]?token']);
  expect(hashOf('{"tags":["a",[1],"",{"x":1}],"urls":["?token=a&x","y"]}', volatile)).toBe(
    hashOf('{"tags":[2,"b","",[3]],"urls":["?token=b&x","y"]}', volatile),
  );
  expect(hashOf('{"tags":["a"]}', volatile)).not.toBe(hashOf('{"tags":[""]}', volatile));
  expect(hashOf('{"urls":["?token=a&x"]}', volatile)).not.toBe(hashOf('{"urls":["?token=a&y"]}', volatile));
});
