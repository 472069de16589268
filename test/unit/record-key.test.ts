import { expect, test } from 'vitest';
import { compileVolatilePaths, readContent } from '../../shared/core/content-hash.ts';
import { keysOf } from '../../shared/core/record-key.ts';

const contents = (...raws: string[]) => raws.map((raw) => readContent(raw, compileVolatilePaths([])));
const key = (raw: string, trustIds = true) => keysOf(contents(raw), { trustIds })[0];

test('is the id where there is one', () => {
  expect(key('{"id":"663c6bc92b66f80b611f8f40"}')).toBe('663c6bc92b66f80b611f8f40');
  expect(key('{"id":12345678901234567890}')).toBe('12345678901234567890');
  expect(key('{"id":"7"}')).toBe(key('{"id":7}'));
});

test.each([
  '{}',
  '{"id":null}',
  '{"id":""}',
  '{"id":"N.A."}',
  '{"id":true}',
  '{"id":{"a":1}}',
  '{"id":[]}',
  '{"id":1,"id":2}',
])('is the content where %s names nothing', (raw) => {
  const [content] = contents(raw);
  expect(key(raw)).toBe(`~${content?.hash}`);
});

test.each([
  '"../../x"',
  '".."',
  '"a b"',
  '"~0123"',
  '"a\\u0000b"',
  '"\\ud800"',
  `"${'x'.repeat(129)}"`,
  '9'.repeat(129),
  '"a#call"',
])('is a digest of the id %s, whatever else the record says', (id) => {
  expect(key(`{"id":${id},"a":1}`)).toMatch(/^~id[0-9a-f]{32}$/);
  expect(key(`{"id":${id},"a":1}`)).toBe(key(`{"id":${id},"a":2}`));
});

test('two odd ids are two keys', () => {
  expect(
    new Set(keysOf(contents('{"id":"\\ud800"}', '{"id":"\\ud801"}', '{"id":"/"}'), { trustIds: true })).size,
  ).toBe(3);
  expect(key('{"id":"a\\/b"}')).toBe(key('{"id":"a/b"}'));
});

test('is the content wherever ids are not trusted', () => {
  const two = contents('{"id":"1","a":1}', '{"id":"1","a":2}');
  expect(keysOf(two, { trustIds: false })).toEqual(two.map(({ hash }) => `~${hash}`));
});
