import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { settingsOf } from '../../cli/configuration.ts';
import { Config, parseConfig } from '../../shared/contract/config.ts';

const settingsOfBlock = (written: unknown) =>
  settingsOf({ config: parseConfig(written, (name) => readFileSync(name, 'utf8')), written });

const written = {
  accounts: [{ name: 'north', cps: 10 }, { name: 'south' }],
  curatedAfterDays: 5,
  indexes: { did: false },
};

test('every setting says whether it is written or the default', () => {
  const origins = new Map(settingsOfBlock(written).map(({ path, origin }) => [path, origin]));
  expect([...origins].filter(([, origin]) => origin === 'file').map(([path]) => path)).toEqual([
    'accounts.north.name',
    'accounts.north.cps',
    'accounts.south.name',
    'curatedAfterDays',
    'indexes.did',
  ]);
  expect(origins.get('accounts.south.cps')).toBe('default');
  expect(origins.get('indexes.day')).toBe('default');
});

test('no field that has a default is left out', () => {
  const paths = settingsOfBlock(written).map(({ path }) => path);
  for (const name of Object.keys(Config.parse({})).filter((field) => field !== 'accounts'))
    expect(
      paths.some((path) => path === name || path.startsWith(`${name}.`)),
      name,
    ).toBe(true);
});

test('without a block everything is the default', () => {
  expect(settingsOfBlock(undefined).every(({ origin }) => origin === 'default')).toBe(true);
});
