import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fieldsOf } from '../../docs/pages/configuring.ts';
import { PAGES } from '../../docs/pages/index.ts';
import { Config } from '../../shared/contract/config.ts';

test.each(Object.entries(PAGES))(
  '%s is what the code says: `npm run docs` writes it anew',
  async (path, page) => {
    expect(readFileSync(path, 'utf8')).toBe(await page());
  },
);

test('every field of the configuration says what it is, its unit, what is allowed and why', () => {
  const fields = fieldsOf(Config);
  expect(fields.length).toBeGreaterThan(30);
  const bare = fields.filter(
    ({ description, unit, why, allowed }) => !description || !unit || !why || !allowed,
  );
  expect(bare).toEqual([]);
  expect(fields.filter(({ required }) => required).map(({ path }) => path)).toEqual([
    'accounts[].name',
    'accounts[].probes[].ageMinutes',
    'accounts[].probes[].blockMinutes',
    'accounts[].edits[].ageMinutes',
    'accounts[].edits[].blockMinutes',
  ]);
});
