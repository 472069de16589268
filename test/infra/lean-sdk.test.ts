import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { leanClient, spellNames } from '../../infra/constructs/lean-sdk.ts';

test('constant names are written out, others stay', () => {
  const source = `const _h = "http";\nlet _x = "y";\nexport var A$ = [9, { [_h]: ["PUT"], [_x]: 1, [_z]: 2, _h: _h }];`;
  expect(spellNames(source)).toContain(`{ "http": ["PUT"], [_x]: 1, [_z]: 2, _h: _h }`);
});

/** What a value says, functions by what they give. */
const plain = (value: unknown, depth = 0): unknown => {
  if (typeof value === 'function') return depth > 8 ? 'deep' : String(value).replaceAll(/\s+/g, ' ');
  if (Array.isArray(value)) return value.map((one) => plain(one, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one, depth + 1)]));
};

test.each(['client-s3', 'client-dynamodb'])(
  'the lean copy of %s says what the package says',
  async (name) => {
    const schemas = async (entry: string): Promise<object> =>
      import(new URL('schemas/schemas_0.js', entry).href);
    const copy = await schemas(pathToFileURL(leanClient(name)).href);
    const original = await schemas(import.meta.resolve(`@aws-sdk/${name}`).replace('dist-cjs', 'dist-es'));
    const names = Object.keys(original).filter((one) => one.endsWith('$'));
    expect(names.length).toBeGreaterThan(100);
    for (const one of names) {
      const [mine, theirs] = [Reflect.get(copy, one), Reflect.get(original, one)];
      expect([one, plain(mine)]).toEqual([one, plain(theirs)]);
    }
  },
);
