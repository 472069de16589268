import fc from 'fast-check';
import { expect, test } from 'vitest';
import officialPage from '../fixtures/official-page.json' with { type: 'json' };
import { toE164 } from '../../shared/core/phone.ts';
import { ArchiveFolder } from '../support/archive-folder.ts';

const [official] = officialPage.results;
if (!official) throw new Error('the official page has a record');
const { call_flow: flow, dialer_call_details: dialer } = official;
type Fields = Record<string, unknown>;

/** The official record with some members changed; undefined takes one away. */
const changed = (members: Fields): Fields =>
  JSON.parse(JSON.stringify({ ...official, ...members })) as Fields;
const timed = (spell: (time: number) => unknown) => flow.map((step) => ({ ...step, time: spell(step.time) }));
const [, , , dialled, answered] = flow;
const second = { ...answered, id: '777', name: 'Second Agent', time: 1715235760 };

/** Every shape that the source is known to send, and what a person reads out of it. */
const SHAPES: Record<string, [record: Fields | string, expected: Fields]> = {
  'numbers as strings': [
    changed({
      call_duration: '48',
      answered_seconds: '31.7',
      dialer_call_details: { ...dialer, call_wait_time: ' 18 ' },
    }),
    { duration_seconds: 48, answered_seconds: 31, wait_seconds: 18 },
  ],
  'numbers that are none': [
    changed({
      call_duration: '-3',
      answered_seconds: 'NaN',
      dialer_call_details: { ...dialer, agent_talk_time: 99999999999, call_wait_time: '1h' },
    }),
    { duration_seconds: null, answered_seconds: null, talk_seconds: null, wait_seconds: 17 },
  ],
  'call_duration gone, total_call_duration there': [
    changed({ call_duration: undefined, total_call_duration: '50' }),
    { duration_seconds: 50 },
  ],
  'an empty object as a list': [
    changed({ circle: [], dialer_call_details: [], contact_details: [], notes: [] }),
    {
      circle: null,
      operator: null,
      campaign: null,
      disposition: null,
      queue: 'AHMM',
      talk_seconds: 31,
      wait_seconds: 17,
    },
  ],
  'circle of nulls': [
    changed({ circle: { operator: null, circle: 'N.A.' } }),
    { circle: null, operator: null },
  ],
  'circle null': [changed({ circle: null }), { circle: null, operator: null }],
  'N.A. and blanks': [
    changed({
      department_name: 'N.A.',
      service: '',
      reason: '  ',
      recording_url: 'N.A.',
      hangup_cause: null,
    }),
    { department: null, service: null, reason: null, has_recording: false, hangup_cause: null },
  ],
  'no recording': [changed({ recording_url: null }), { has_recording: false }],
  'containers where texts should be': [
    changed({
      status: ['answered'],
      direction: {},
      department_name: { name: 'x' },
      call_id: [1],
      date: official.date,
    }),
    { status: 'answered', direction: null, department: null, call_id: null },
  ],
  'status gone: answered_seconds tells': [
    changed({ status: undefined, answered_seconds: 0 }),
    { status: 'missed' },
  ],
  'status in capitals': [
    changed({ status: 'Answered', direction: 'INBOUND' }),
    { status: 'answered', direction: 'inbound' },
  ],
  'missed, with a duration and a recording': [
    changed({ status: 'missed', answered_seconds: 0, call_flow: flow.filter((step) => step !== answered) }),
    {
      status: 'missed',
      duration_seconds: 48,
      answered_at: null,
      agent_id: null,
      agent_name: null,
      agents_answered: 0,
      has_recording: true,
    },
  ],
  'flow times as integers': [
    changed({ call_flow: timed(Math.floor) }),
    { answered_at: '2024-05-09 06:22:31' },
  ],
  'flow times as strings': [
    changed({ call_flow: timed(String) }),
    { answered_at: '2024-05-09 06:22:31.901' },
  ],
  'flow times in words': [
    changed({ call_flow: timed(() => 'soon') }),
    { answered_at: null, agent_id: '05047530422' },
  ],
  'a flow with holes, as PHP writes it': [
    changed({ call_flow: { 0: flow[0], 3: dialled, 4: answered } }),
    { agent_id: '05047530422', answered_at: '2024-05-09 06:22:31.901' },
  ],
  'no flow': [changed({ call_flow: null }), { agent_id: null, agents_answered: 0, answered_at: null }],
  'a transfer: the last who answered, and how many': [
    changed({ agent_name: 'Second Agent', call_flow: [...flow.slice(0, 5), second, ...flow.slice(5)] }),
    {
      agent_id: '777',
      agent_name: 'Second Agent',
      agents_answered: 2,
      answered_at: '2024-05-09 06:22:31.901',
    },
  ],
  'the same agent twice is one': [
    changed({ call_flow: [...flow, { ...answered, time: 1715235790 }] }),
    { agents_answered: 1 },
  ],
  'click to call: the customer in destination, no DID': [
    changed({
      direction: 'clicktocall',
      client_number: undefined,
      did_number: undefined,
      destination: '9650134255',
    }),
    { customer: '+919650134255', customer_original: '9650134255', did: null, did_original: null },
  ],
  'the customer in a key that begins with destination': [
    changed({ direction: 'outbound', client_number: '', destination_number: '+919650134255' }),
    { customer: '+919650134255' },
  ],
  'inbound: the customer in from_number': [
    changed({ client_number: null, from_number: '09650134255', caller_id_num: null }),
    { customer: '+919650134255', customer_original: '09650134255' },
  ],
  'an extension is no customer': [
    changed({ client_number: 'Extension-06047530219', caller_id_num: 'N.A.' }),
    { customer: null, customer_original: null },
  ],
  'a customer that is no number stays as it came': [
    changed({ client_number: 'anonymous', caller_id_num: null }),
    { customer: 'anonymous', customer_original: 'anonymous' },
  ],
  'a DID of eleven digits': [
    changed({ did_number: '1800 123 4567' }),
    { did: '+9118001234567', did_original: '1800 123 4567' },
  ],
  'a time that is none': [
    changed({ time: '25:00:00' }),
    { start_at: null, start_ist: null, wait_seconds: 18 },
  ],
  'midnight in India': [
    changed({ time: '00:00:00', end_stamp: '2024-05-10 00:00:01' }),
    { start_at: '2024-05-08 18:30:00', start_ist: '2024-05-09 00:00:00', end_at: '2024-05-09 18:30:01' },
  ],
  'a stamp with a T': [changed({ end_stamp: '2024-05-09T11:53:02' }), { end_ist: '2024-05-09 11:53:02' }],
  'a date that is none': [
    changed({ date: '2024-02-30' }),
    { dt: 'unknown', start_at: null, end_ist: '2024-05-09 11:53:02' },
  ],
  'an id that is a number': [changed({ id: 42 }), { key: '42', inserted_at: null }],
  'escaped slashes, new keys, and numbers that JavaScript can not hold': [
    JSON.stringify(changed({ department_name: 'A/B' }))
      .replaceAll('/', '\\/')
      .replace('{', '{"billing":12345678901234567890,"w":1e400,"sid":{"a b":[[]]},'),
    { department: 'A/B', has_recording: true },
  ],
  'half of a surrogate pair, a NUL and an emoji': [
    JSON.stringify(changed({})).replace('"Dialer"', '"\\ud800 \\u0000 \\ud83d\\ude00"'),
    { status: 'answered', disposition: 'Undisposed', agents_answered: 1 },
  ],
  'a member given twice: the first counts': [
    JSON.stringify(changed({})).replace('"status":"answered"', '"status":"missed","status":"answered"'),
    { status: 'missed' },
  ],
  'nothing but a date': [
    { date: '2024-05-09' },
    {
      dt: '2024-05-09',
      status: null,
      customer: null,
      queue: null,
      agents_answered: 0,
      has_recording: false,
      record: '{"date":"2024-05-09"}',
    },
  ],
};

test('every shape that the source is known to send gives the row that a person would write down', async () => {
  const folder = new ArchiveFolder();
  // One pack a shape: the stamp tells which row is whose.
  for (const [record] of Object.values(SHAPES)) folder.add([record]);
  const rows = await folder.ask('SELECT * FROM call_revisions');
  const byRequest = new Map(
    rows.map((row) => [Number.parseInt(String(row['revision']).slice(9, 13), 16), row]),
  );
  for (const [index, [name, [, expected]]] of Object.entries(SHAPES).entries())
    expect(byRequest.get(index + 1), name).toMatchObject(expected);
});

test('numbers read as they do in the index', async () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 16 });
  const texts = fc.sample(
    fc
      .tuple(
        fc.constantFrom('', '+', '00', '0', '91', '+91', '+91 (0)', '1800', '(', 'Extension-'),
        digits,
        fc.constantFrom('', '-', ' '),
      )
      .map(([start, number, sign]) => start + number.slice(0, 5) + sign + number.slice(5)),
    { numRuns: 400, seed: 20260310 },
  );
  const folder = new ArchiveFolder().add(
    texts.map((text, index) => ({ id: `n${index}`, date: '2026-03-10', did_number: text })),
  );
  const rows = await folder.ask('SELECT key, did FROM calls');
  const found = new Map(rows.map(({ key, did }) => [key, did]));
  for (const [index, text] of texts.entries()) {
    const kept = /^extension/i.test(text) ? null : text.trim();
    expect(found.get(`n${index}`), JSON.stringify(text)).toBe(toE164(text) ?? kept);
  }
});
