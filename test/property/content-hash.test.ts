import * as fc from 'fast-check';
import { test } from 'vitest';
import { compileVolatilePaths, readContent } from '../../shared/core/content-hash.ts';
import { record, sortMembers, tokens, writeTokens } from '../support/json-text.ts';

const NONE = compileVolatilePaths([]);
const raw = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
const hashOf = (text: string, volatile = NONE) => readContent(raw(text), volatile).hash;

test('the order of members does not matter', () => {
  fc.assert(
    fc.property(record, (value) => hashOf(writeTokens(value)) === hashOf(writeTokens(sortMembers(value)))),
    { numRuns: 2_000 },
  );
});

test('any other token is another content', () => {
  fc.assert(
    fc.property(record, record, (a, b) => {
      const isSame = writeTokens(sortMembers(a)) === writeTokens(sortMembers(b));
      return isSame === (hashOf(writeTokens(a)) === hashOf(writeTokens(b)));
    }),
    { numRuns: 5_000 },
  );
});

test('a whole volatile path hides every change of a value that is there, and only that', () => {
  const volatile = compileVolatilePaths(['flow[].at']);
  const write = (at: string, type: string) => `{"flow":[{"at":${at},"type":${type}},{"type":"x"}]}`;
  const isEmpty = (text: string) => ['null', '""', '[]', '{}'].includes(text);
  fc.assert(
    fc.property(tokens, tokens, tokens, (a, b, type) => {
      const [before, after] = [writeTokens(a), writeTokens(b)];
      const same =
        hashOf(write(before, writeTokens(type)), volatile) ===
        hashOf(write(after, writeTokens(type)), volatile);
      return same === (isEmpty(before) || isEmpty(after) ? before === after : true);
    }),
    { numRuns: 1_000 },
  );
});

test('only the named parameter of a URL is volatile', () => {
  const volatile = compileVolatilePaths(['recording_url?token']);
  const word = fc.stringMatching(/^[a-z0-9/.%+-]{1,6}$/);
  const url = fc.record({ path: word, id: word, token: word, more: word });
  const write = ({ path, id, token, more }: { path: string; id: string; token: string; more: string }) =>
    `{"recording_url":${JSON.stringify(`https://h/${path}?callId=${id}&token=${token}&x=${more}#f`).replaceAll('/', '\\/')}}`;
  fc.assert(
    fc.property(url, url, (a, b) => {
      const hides = hashOf(write(a), volatile) === hashOf(write({ ...a, token: b.token }), volatile);
      const isSame = a.path === b.path && a.id === b.id && a.more === b.more;
      return hides && isSame === (hashOf(write(a), volatile) === hashOf(write(b), volatile));
    }),
    { numRuns: 1_000 },
  );
});

test('what was hashed before, of whatever shape, changes nothing: a known order is checked', () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.array(names, { minLength: 2, maxLength: 12 }), fc.nat(3), (shapes, twice) => {
      const write = (all: readonly string[]) => `{${all.map((name, at) => `"${name}":${at % 3}`).join(',')}}`;
      // One name may stand twice: then the order of the two counts.
      const texts = shapes.map((all) => write(all.length > twice ? [...all, all[twice] ?? ''] : all));
      const first = texts.map((text) => hashOf(text));
      const again = texts
        .toReversed()
        .map((text) => hashOf(text))
        .reverse();
      const sorted = texts.map((text) => {
        const members = text.slice(1, -1).split(',');
        const key = (member: string) => member.split(':')[0] ?? '';
        return hashOf(
          `{${members.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0)).join(',')}}`,
        );
      });
      return first.every((hash, place) => hash === again[place] && hash === sorted[place]);
    }),
    { numRuns: 500 },
  );
});

test('takes exactly what the strict parser of the platform takes, but for white space between tokens', () => {
  const signs = fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', '-', '.');
  const words = fc.constantFrom('a', 'u', 'e', '0', '1', 'true', 'null', '""', '"a":', '{}', '\u00e9');
  const piece = fc.oneof(signs, words);
  const takes = (read: () => unknown): boolean => {
    try {
      read();
      return true;
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
      return false;
    }
  };
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
      const text = `{${pieces.join('')}}`;
      return takes(() => readContent(raw(text), NONE)) === takes(() => JSON.parse(text));
    }),
    { numRuns: 20_000 },
  );
});
