import { expect, test } from 'vitest';
import officialPage from '../fixtures/official-page.json' with { type: 'json' };
import { TABLES } from '../../shared/contract/analytics/columns.ts';
import { compileVolatilePaths, readContent } from '../../shared/core/content-hash.ts';
import { recordKey } from '../../shared/core/record-key.ts';
import { openArchiveDatabase } from '../../local/archive-database.ts';
import { TODAY_IN_INDIA } from '../../shared/queries/catalog.ts';
import { istDate, SECOND } from '../../shared/core/time.ts';
import { ArchiveFolder } from '../support/archive-folder.ts';
import { trinoGrammar } from '../support/trino-grammar.ts';

const [official] = officialPage.results;
if (!official) throw new Error('the official page has a record');
const { dialer_call_details: dialer } = official;

test("the vendor's own sample gives the row that a person reads out of it", async () => {
  const folder = new ArchiveFolder().add([official], { at: '2024-05-09 11:54:00' });
  const [row, ...others] = await folder.ask('SELECT * FROM calls');
  expect(others).toEqual([]);
  const { record, ...columns } = row ?? {};
  expect(JSON.parse(String(record))).toEqual(official);
  expect(columns).toEqual({
    account: 'main',
    dt: '2024-05-09',
    key: '663c6bc92b66f80b611f8f40',
    call_id: '1715235734.129662',
    uuid: '48e0d4fbe3ad9',
    direction: 'inbound',
    status: 'answered',
    service: 'Dialer',
    start_at: '2024-05-09 06:22:14',
    start_ist: '2024-05-09 11:52:14',
    end_at: '2024-05-09 06:23:02',
    end_ist: '2024-05-09 11:53:02',
    answered_at: '2024-05-09 06:22:31.901',
    answered_ist: '2024-05-09 11:52:31.901',
    duration_seconds: 48,
    answered_seconds: 31,
    wait_seconds: 18,
    talk_seconds: 30,
    hold_seconds: null,
    customer: '+919650134255',
    customer_original: '919650134255',
    did: '+918069651170',
    did_original: '+918069651170',
    agent_id: '05047530422',
    agent_name: 'Parag Yadav',
    agents_answered: 1,
    department: null,
    queue: 'AHMM',
    campaign: 'test parag dialer',
    disposition: 'Undisposed',
    sub_disposition: null,
    sla: 'Call answered outside SLA',
    hangup_cause: 'Normal clearing',
    reason: 'disconnected_by_caller',
    circle: 'Delhi',
    operator: 'Airtel India',
    has_recording: true,
    // The ObjectId's first four bytes are 3 s after hang-up.
    inserted_at: '2024-05-09 06:23:05',
    first_seen_at: '2024-05-09 06:24:00',
    revised_at: '2024-05-09 06:24:00',
    revision: '00000001-0001-663c6c00',
    revisions: 1,
  });
  expect(await folder.ask('SELECT * EXCLUDE (start_ist, customer) FROM agent_legs')).toEqual([
    {
      account: 'main',
      dt: '2024-05-09',
      key: '663c6bc92b66f80b611f8f40',
      call_id: '1715235734.129662',
      agent_id: '05047530422',
      agent_name: 'Parag Yadav',
      answered: true,
      dialled_at: '2024-05-09 06:22:27.393',
      answered_at: '2024-05-09 06:22:31.901',
      ended_at: '2024-05-09 06:23:02.812',
      ring_seconds: 4,
      talk_seconds: 30,
    },
  ]);
  const flow = await folder.ask('SELECT type, dial_status, step_ist FROM call_events ORDER BY position');
  expect(flow.map(({ type, dial_status }) => `${String(type)} ${String(dial_status)}`)).toEqual([
    'init null',
    'Inbound Queue Answered',
    'Customer Answered',
    'Agent Dialed',
    'Agent Answered',
    'Agent-Hangup null',
    'Hangup null',
  ]);
  expect(flow[3]?.['step_ist']).toBe('2024-05-09 11:52:27.393');
});

test('every view has the columns of the definition, in its order', async () => {
  const folder = new ArchiveFolder().add([official]);
  for (const [name, columns] of Object.entries(TABLES)) {
    const described = await folder.ask(`SELECT column_name FROM (DESCRIBE ${name})`);
    expect(described.map((row) => row['column_name'])).toEqual(Object.keys(columns));
  }
});

test('a folder without calls, or none at all, gives empty tables', async () => {
  expect(await new ArchiveFolder().ask('SELECT count(*) AS calls FROM calls')).toEqual([{ calls: '0' }]);
});

test('the newest revision counts, once; a new token alone is no revision; every change is told', async () => {
  const sold = { ...official, dialer_call_details: { ...dialer, disposition_name: 'Sale' } };
  const signedAgain = { ...sold, recording_url: sold.recording_url.replace(/token=.*/, 'token=fresh') };
  const folder = new ArchiveFolder()
    .add([official], { at: '2024-05-09 11:54:00' })
    .add([sold], { at: '2024-05-09 13:00:00' })
    .add([signedAgain], { at: '2024-05-09 14:00:00' })
    .add([official], { at: '2024-05-10 13:00:00' })
    .add([{ ...official, notes: 'called back', status: 'missed' }], { at: '2024-05-12 03:00:00' })
    .add([{ ...official, notes: 'and again', status: 'missed' }], { at: '2024-05-12 03:00:00' });
  expect(
    await folder.ask('SELECT status, revisions, revised_at, first_seen_at, revision FROM calls'),
  ).toEqual([
    {
      status: 'missed',
      revisions: 5,
      revised_at: '2024-05-11 21:30:00',
      first_seen_at: '2024-05-09 06:24:00',
      revision: '00000001-0006-663fe358',
    },
  ]);
  expect(
    await folder.ask(
      'SELECT revision_number, is_newest, changed, disposition, status FROM call_revisions ORDER BY 1',
    ),
  ).toEqual([
    { revision_number: 1, is_newest: false, changed: null, disposition: 'Undisposed', status: 'answered' },
    { revision_number: 2, is_newest: false, changed: 'disposition', disposition: 'Sale', status: 'answered' },
    {
      revision_number: 3,
      is_newest: false,
      changed: 'disposition',
      disposition: 'Undisposed',
      status: 'answered',
    },
    { revision_number: 4, is_newest: false, changed: 'status', disposition: 'Undisposed', status: 'missed' },
    { revision_number: 5, is_newest: true, changed: 'record', disposition: 'Undisposed', status: 'missed' },
  ]);
});

test('two accounts may have the same id; a record may come in several packs', async () => {
  const folder = new ArchiveFolder()
    .add([official, { ...official, id: 'other' }])
    .add([official], { account: 'second' })
    .add([official]);
  expect(await folder.ask('SELECT account, count(*) AS calls FROM calls GROUP BY 1 ORDER BY 1')).toEqual([
    { account: 'main', calls: '2' },
    { account: 'second', calls: '1' },
  ]);
});

test('the key is that of the index, but for the digest of a content', async () => {
  const ids = [
    'plain',
    7,
    '7',
    'a/b',
    '../../x',
    'x y',
    '.',
    '\u0001',
    'é',
    '',
    'N.A.',
    null,
    undefined,
    true,
    [],
    {},
    'z'.repeat(129),
    '12345678901234567890',
  ];
  const records = ids.map((id, index) => ({ ...official, id, uuid: String(index) }));
  const folder = new ArchiveFolder()
    .add(records)
    .add([{ ...official, id: 'given twice', uuid: 'c' }], { keyedBy: 'content' });
  const rows = await folder.ask(
    'SELECT key, uuid FROM call_revisions WHERE revision_number = 1 OR is_newest',
  );
  const keys = new Map(rows.map(({ uuid, key }) => [uuid, String(key)]));
  const volatile = compileVolatilePaths(['recording_url?token']);
  for (const [index, record] of records.entries()) {
    const expected = recordKey(readContent(JSON.stringify(record), volatile), { trustIds: true });
    const found = keys.get(String(index));
    if (/^~(?!id)/.test(expected)) expect(found, JSON.stringify(record.id)).toMatch(/^~[0-9a-f]{32}$/);
    else expect(found, JSON.stringify(record.id)).toBe(expected);
  }
  expect(keys.get('c')).toMatch(/^~[0-9a-f]{32}$/);
});

test.each([
  ["date_format(start_ist, '%Y-%m-%d %H:%i:%s')", '2024-05-09 11:52:14'],
  ["date_format(start_ist, '%W %e %M, %c, %T')", 'Thursday 9 May, 5, 11:52:14'],
  ['day_of_week(start_ist)', '4'],
  ['hour(start_ist)', '11'],
  ["date_diff('second', start_at, end_at)", '48'],
  ["date_trunc('hour', start_ist)", '2024-05-09 11:00:00'],
  ["start_ist + INTERVAL '1' DAY", '2024-05-10 11:52:14'],
  ['CAST(start_ist AS DATE)', '2024-05-09'],
  ['5 / 2', 2],
  ["json_format(json_extract(record, '$.circle.circle'))", '"Delhi"'],
  ["json_extract_scalar(record, '$.dialer_call_details.campaign_name')", 'test parag dialer'],
  ["array_join(ARRAY['a', 'b'], '+')", 'a+b'],
  ["if(status = 'answered', 'yes', 'no')", 'yes'],
])('a word of Athena gives on a laptop what it gives there: %s', async (sql, expected) => {
  const folder = new ArchiveFolder().add([official]);
  expect(await folder.ask(`SELECT ${sql} AS it FROM calls`)).toEqual([{ it: expected }]);
  expect((await trinoGrammar()).validate(`SELECT ${sql} AS it FROM calls`)).toEqual([]);
});

test('and so do its aggregates', async () => {
  const folder = new ArchiveFolder().add([official, { ...official, id: 'b', status: 'missed' }]);
  const sql =
    "SELECT count_if(status = 'missed') AS missed, approx_distinct(customer) AS customers, approx_percentile(talk_seconds, 0.5) AS talk, max_by(key, start_at) IS NOT NULL AS newest FROM calls";
  expect(await folder.ask(sql)).toEqual([{ missed: '1', customers: '1', talk: 30, newest: true }]);
});

test('today is the day in UTC on both engines, and India’s where it is asked for', async () => {
  const { today, india, instant } =
    (
      await new ArchiveFolder().ask(
        `SELECT current_date AS today, ${TODAY_IN_INDIA} AS india, CAST(to_unixtime(current_timestamp) AS BIGINT) AS instant`,
      )
    )[0] ?? {};
  const now = Number(instant) * SECOND;
  expect(today).toBe(new Date(now).toISOString().slice(0, 10));
  expect(india).toBe(istDate(now));
});

test('today in India is one day’s files, and SQL by Trino’s grammar', async () => {
  const today = istDate(Date.now());
  const folder = new ArchiveFolder().add([{ ...official, date: today }]).add([official]);
  const database = await openArchiveDatabase(folder.path);
  const sql = `SELECT count(*) AS calls FROM calls WHERE dt = ${TODAY_IN_INDIA}`;
  const rows = (await database.connection.runAndReadAll(sql)).getRowObjectsJson();
  const read = database.lastRead();
  database.close();
  expect((await trinoGrammar()).validate(sql)).toEqual([]);
  expect(rows).toEqual([{ calls: '1' }]);
  expect(read?.files).toBe(1);
});
