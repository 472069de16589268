import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { parseConfig } from '../../infra/config.ts';
import { Account } from '../../shared/contract/account.ts';
import { Config } from '../../shared/contract/config.ts';
import { MAXIMAL } from '../support/stacks.ts';

const messageOf = (block: unknown): string => {
  try {
    parseConfig(block);
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
  return 'it was taken';
};

test('no block at all is one account named main, all indexes, everything kept', () => {
  expect(parseConfig(undefined)).toMatchObject({
    accounts: [{ name: 'main', cps: 3 }],
    keep: true,
    logDays: 365,
    trustedAccounts: [],
    busArchiveDays: 30,
    curatedAfterDays: 3,
    indexes: { callId: true, customer: true, agent: true, did: true, day: true },
  });
});

test('a block may come as text, as the CDK command line hands it over', () => {
  expect(parseConfig('{"accounts":[{"name":"north"}]}').accounts[0]?.name).toBe('north');
  expect(messageOf('{accounts')).toContain('is no JSON: wanted {"accounts"');
});

test.each([
  [
    'an unknown key names the nearest',
    { acounts: [] },
    'smartflo.acounts: got an unknown key; did you mean accounts?',
  ],
  [
    'deep inside too',
    { accounts: [{ name: 'main' }, { name: 'b', pageLimt: 10 }] },
    'smartflo.accounts[1].pageLimt: got an unknown key; did you mean pageLimit?',
  ],
  [
    'an unknown key like no other lists what is known',
    { x: 1 },
    'smartflo.x: got an unknown key; known are accounts, keep, logDays, alarmEmail,',
  ],
  [
    'a secret is not for the file',
    { accounts: [{ name: 'a', secretId: 'x' }] },
    'smartflo.accounts[0].secretId: got an unknown key',
  ],
  ['a share is at most 1', { accounts: [{ name: 'a', share: 2 }] }, 'smartflo.accounts[0].share: got 2;'],
  [
    'a name is a word',
    { accounts: [{ name: 'North!' }] },
    'smartflo.accounts[0].name: got "North!"; wanted 1 to 32 of a-z, 0-9, -',
  ],
  ['a name is needed', { accounts: [{}] }, 'smartflo.accounts[0].name: got nothing;'],
  [
    'two accounts have two names',
    { accounts: [{ name: 'a' }, { name: 'a' }] },
    'every account needs a name of its own',
  ],
  ['one account at least', { accounts: [] }, 'smartflo.accounts: got [];'],
  [
    'a date is a date',
    { accounts: [{ name: 'a', fetchFrom: '2026-02-30' }] },
    'smartflo.accounts[0].fetchFrom: got "2026-02-30"; there is no such date',
  ],
  [
    'logs are kept as CloudWatch can',
    { logDays: 31 },
    'smartflo.logDays: got 31; wanted one of 1, 3, 5, 7, 14, 30',
  ],
  [
    'a backfill ends after it began',
    { accounts: [{ name: 'a', fetchFrom: '2026-02-02', fetchTo: '2026-02-01 23:59:59' }] },
    'smartflo.accounts[0].fetchTo: got "2026-02-01 23:59:59"; wanted later than fetchFrom, 2026-02-02',
  ],
  [
    'blocks fill a day',
    { accounts: [{ name: 'a', edits: [{ ageMinutes: 60, blockMinutes: 7 }] }] },
    'smartflo.accounts[0].edits[0].blockMinutes: got 7; wanted a divisor of 1,440',
  ],
  [
    'alarms go to an address',
    { alarmEmail: 'on call' },
    'smartflo.alarmEmail: got "on call"; wanted an e-mail address',
  ],
  [
    'an account id that lost its quotes',
    { trustedAccounts: [111122223333] },
    'smartflo.trustedAccounts[0]: got 111122223333;',
  ],
  [
    'an alias is no key',
    { kmsKeyArn: 'alias/mine' },
    'smartflo.kmsKeyArn: got "alias/mine"; wanted the ARN of a key',
  ],
  [
    "AWS's own buses are not for others",
    { eventBusName: 'aws.partner/x' },
    'smartflo.eventBusName: got "aws.partner/x"; wanted the name of an event bus',
  ],
  [
    'Parquet begins where edits end',
    { curatedAfterDays: 2 },
    'smartflo.curatedAfterDays: got 2; Too small: expected number to be >=3',
  ],
  [
    'an index has a name',
    { indexes: { dis: false } },
    'smartflo.indexes.dis: got an unknown key; did you mean did?',
  ],
])('%s', (_, block, wanted) => {
  expect(messageOf(block)).toContain(wanted);
});

test('the context may name a file, and the message then names it too', () => {
  const folder = mkdtempSync(join(tmpdir(), 'config-'));
  const file = join(folder, 'production.json');
  try {
    expect(messageOf(file)).toMatch(/^The file .*production\.json, .* can't be read: .*ENOENT/);
    writeFileSync(file, '{"keep": false');
    expect(messageOf(file)).toMatch(/^The file .*production\.json, .* is no JSON/);
    writeFileSync(file, '{"kep": false}');
    expect(messageOf(file)).toMatch(
      /^The file .*production\.json, .* does not fit:\n {2}smartflo\.kep: .* did you mean keep/,
    );
    writeFileSync(file, '{"keep": false}');
    expect(parseConfig(file).keep).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the maximal configuration of the tests leaves no field at its default', () => {
  const none = parseConfig(undefined);
  const all = parseConfig(MAXIMAL);
  const same = (a: object, b: object) =>
    Object.entries(b).flatMap(([key, value]) => (isDeepStrictEqual(value, Reflect.get(a, key)) ? [key] : []));
  expect(Object.keys(MAXIMAL).sort()).toEqual(Object.keys(Config.shape).sort());
  expect(same(none, all)).toEqual([]);
  expect(same(none.accounts[0] ?? {}, all.accounts[0] ?? {})).toEqual([]);
  expect(Object.keys(MAXIMAL.accounts[0] ?? {})).toHaveLength(Object.keys(Account.shape).length - 1);
});

test('all that is wrong is told at once', () => {
  expect(messageOf({ keep: 'yes', logDays: 0 }).match(/smartflo\./g)).toHaveLength(2);
});
