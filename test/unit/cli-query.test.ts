import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { runCommand } from '../../cli/main.ts';
import { EXIT } from '../../cli/exit-codes.ts';
import { EXPLANATIONS } from '../../cli/explanations.ts';
import { Failure } from '../../cli/failure.ts';
import { Terminal } from '../../cli/terminal.ts';
import { ArchiveFolder } from '../support/archive-folder.ts';
import { recordOf } from '../support/small-call.ts';

const folder = new ArchiveFolder();

beforeAll(() => {
  folder
    .add([recordOf({ id: 'one', at: '2026-03-09 10:00:00', wait: 3 })])
    .add([recordOf({ id: 'two', at: '2026-03-10 10:00:00' })])
    .add([recordOf({ id: 'three', at: '2026-03-10 11:00:00', disposition: 'say "x", \u001b[31mred' })])
    .add([{ ...recordOf({ id: 'four', at: '2026-03-11 10:00:00' }), date: 'never' }]);
});

const ask = async (...args: string[]) => {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const streams = { stdout, stderr } as unknown as Record<'stdout' | 'stderr', NodeJS.WriteStream>;
  const manners = { plain: true, colour: false, json: args.includes('--json') };
  const terminal = new Terminal(streams, { COLUMNS: '200' }, manners);
  const line = ['query', ...args, ...(args.includes('--data') ? [] : ['--data', folder.path])];
  const exit = await runCommand(line, terminal, new AbortController().signal);
  return { exit, out: String(stdout.read() ?? ''), people: String(stderr.read() ?? '') };
};

const failing = async (...args: string[]): Promise<Failure> => {
  const thrown: unknown = await ask(...args).catch((error: unknown) => error);
  if (!(thrown instanceof Failure)) throw new Error('it did not fail');
  expect(thrown.exit).toBe(EXIT.usage);
  expect(EXPLANATIONS).toHaveProperty(thrown.code);
  return thrown;
};

test('a table on the terminal: data on stdout, and what it cost on stderr', async () => {
  const { exit, out, people } = await ask('SELECT dt, count(*) AS calls FROM calls GROUP BY 1 ORDER BY 1');
  expect(exit).toBe(EXIT.ok);
  expect(out).toBe('dt          calls\n2026-03-09      1\n2026-03-10      2\nunknown         1\n');
  expect(people).toMatch(
    /^3 rows · [\d.]+ s · read 4 of 4 files, about 0.0 MB · in Athena about \$0.00005\n$/,
  );
});

test.each(['calls', 'calls_raw', 'call_revisions', 'call_events', 'agent_legs'])(
  'a filter on dt reads that day alone: %s',
  async (table) => {
    const { people } = await ask(`SELECT count(*) FROM ${table} WHERE dt = '2026-03-09'`);
    expect(people).toContain('read 1 of 4 files');
    const range = await ask(`SELECT * FROM ${table} WHERE dt BETWEEN '2026-03-10' AND '2026-03-12'`);
    expect(range.people).toContain('read 2 of 4 files');
  },
);

test.each([
  ['SELECT dt FROM calls_raw, range(200)', '500 rows', 'read at most 4 of 4 files'],
  ["SELECT dt FROM calls_raw, range(600) WHERE dt = '2026-03-10'", '500 rows', 'read at most 2 of 4 files'],
  ['SELECT dt FROM calls_raw LIMIT 1', '1 row', 'read at most 4 of 4 files'],
  ["SELECT dt FROM calls_raw WHERE dt = '2026-03-09'", '1 row', 'read 1 of 4 files'],
  ["SELECT count(*) FROM calls_raw WHERE dt = '2026-04-01'", '1 row', 'read 0 of 4 files'],
  ['SELECT 1', '1 row', 'read 0 of 4 files'],
  ['EXPLAIN SELECT dt FROM calls_raw', '1 row', 'read 0 of 4 files'],
])('where not all is fetched that could be, it tells the most that was read: %s', async (sql, rows, read) => {
  const { people } = await ask(sql);
  expect(people).toContain(`${rows} · `);
  expect(people).toContain(`· ${read}, `);
});

test('a plan is shown line by line', async () => {
  const { out } = await ask('EXPLAIN SELECT dt FROM calls_raw');
  expect(out).toContain('READ_CSV');
  expect(out.split('\n').length).toBeGreaterThan(5);
  expect(out).not.toContain('\ufffd');
});

test('what a record says can not command the terminal; csv and json have it whole', async () => {
  const sql = "SELECT disposition FROM calls WHERE key = 'three';";
  expect((await ask(sql)).out).not.toContain('\u001b');
  expect((await ask(sql, '--csv')).out).toBe('disposition\n"say ""x"", \u001b[31mred"\n');
  expect(JSON.parse((await ask(sql, '--json')).out)).toEqual({
    schema: 'query/1',
    columns: [{ name: 'disposition', type: 'VARCHAR' }],
    rows: [{ disposition: 'say "x", \u001b[31mred' }],
  });
});

test('a Parquet file that can be read again', async () => {
  const file = join(folder.path, "it's.parquet");
  const { out } = await ask('SELECT key, start_at FROM calls ORDER BY key -- all', '--parquet', file);
  expect(out).toBe(`${file}\n`);
  expect(existsSync(file)).toBe(true);
  const { out: again } = await ask(`SELECT key FROM '${file.replace("'", "''")}'`, '--csv');
  expect(again.trim().split('\n')).toEqual(['key', 'four', 'one', 'three', 'two']);
});

test('where the file can not be written, the file is blamed and not the SQL', async () => {
  const file = join(folder.path, 'not-there', 'x.parquet');
  const failure: unknown = await ask('SELECT 1', '--parquet', file).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'file-unwritable', came: expect.stringContaining(file) });
});

test.each([
  ['SELECT *\nFROM cals', 'line 2, column 6: cals', 'did you mean calls?'],
  ['SELECT dt,\n  statuss FROM calls', 'line 2, column 3: statuss FROM calls', 'a column, such as "status"'],
  ['SELEC 1', 'line 1, column 1: SELEC 1', 'one SELECT'],
  ['SELECT count(', 'the end: SELECT count(', 'one SELECT'],
  [
    `SELECT ${'dt, '.repeat(60)}froot(dt), ${'dt, '.repeat(60)}dt FROM calls`,
    `line 1, column 248: froot(dt), `,
    'did you mean',
  ],
  ['SELECT CAST(status AS INTEGER) FROM calls', 'line 1, column 8: CAST(status AS INTEGER)', 'one SELECT'],
])('a mistake is answered with its place: %s', async (sql, place, wanted) => {
  const failure = await failing(sql);
  expect(failure.code).toBe('query-unfit');
  expect(failure.came).toContain(place);
  expect(failure.wanted).toContain(wanted);
});

test.each([
  [['SELECT 1; SELECT 2'], '2 statements', 'one SELECT'],
  [[''], 'none', 'one SELECT'],
  [['/* nothing */ ; '], 'none', 'one SELECT'],
  [['SELECT 1', '--csv', '--json'], '--csv and --json', 'one of the two'],
  [['SELECT 1', '--to', '2026-03-10'], 'SQL, and --to', 'one of the two'],
  [['SELECT 1', '--from', '2026-03-10'], 'SQL, and --from', 'one of the two'],
  [
    ['--named', 'calls-per-day', '--from', '2026-03-10', '--to', '2026-03-09'],
    'from 2026-03-10 to 2026-03-09',
    '--from no later than --to',
  ],
  [['--named', 'calls-per-dya'], 'calls-per-dya', 'calls-per-day'],
  [['SELECT 1', '--named', 'calls-per-day'], 'SQL, and --named calls-per-day', 'one of the two'],
  [['SELECT 1', '--data', '/no/such/folder'], '/no/such/folder', 'the data folder of a start'],
])('%j is refused with what was wanted', async (args, came, wanted) => {
  const failure = await failing(...args);
  expect(failure.came).toContain(came);
  expect(failure.wanted).toContain(wanted);
});

test('without a question all named ones are listed', async () => {
  const { out } = await ask();
  expect(out).toContain('missed-never-called-back');
  expect(JSON.parse((await ask('--json')).out).queries.length).toBeGreaterThanOrEqual(12);
});

test('bytes that are no UTF-8 in one line keep no other from being read', async () => {
  const odd = new ArchiveFolder();
  const line = (id: string, text: Buffer) =>
    Buffer.concat([
      Buffer.from(`{"id":"${id}","date":"2026-03-10","department_name":"`),
      text,
      Buffer.from('"}\n'),
    ]);
  odd.write(
    'raw/account=main/dt=2026-03-10/00000001-0001-69b00000-00aa.ndjson.gz',
    gzipSync(Buffer.concat([line('a', Buffer.from([0xff, 0xfe])), line('b', Buffer.from('बिक्री'))])),
  );
  const { out } = await ask('SELECT key, department FROM calls ORDER BY 1', '--json', '--data', odd.path);
  expect(JSON.parse(out).rows).toEqual([
    { key: 'a', department: '\ufffd\ufffd' },
    { key: 'b', department: 'बिक्री' },
  ]);
});

test('a query only reads', async () => {
  const file = join(folder.path, 'written.csv');
  for (const sql of [
    `COPY (SELECT 1) TO '${file}'`,
    'DROP VIEW calls',
    'CREATE TABLE t (a INT)',
    'CALL pragma_version()',
  ])
    expect((await failing(sql)).message).toBe('a query only reads');
  expect(existsSync(file)).toBe(false);
  for (const sql of [
    'DESCRIBE calls',
    'SHOW TABLES',
    'EXPLAIN SELECT 1',
    'WITH a AS (SELECT 1) FROM a',
    'VALUES (1)',
  ])
    expect((await ask(sql)).exit).toBe(EXIT.ok);
});
