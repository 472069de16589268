import { describe, expect, test } from 'vitest';
import { callDate } from '../../shared/core/call-date.ts';
import { changedFields, summarise } from '../../shared/core/call-summary.ts';
import officialPage from '../fixtures/official-page.json' with { type: 'json' };

test("the vendor's sample record", () => {
  const [record] = officialPage.results;
  expect(summarise(record ?? {})).toEqual({
    callId: '1715235734.129662',
    uuid: '48e0d4fbe3ad9',
    startAt: 1715235734000,
    endAt: 1715235782000,
    direction: 'inbound',
    status: 'answered',
    service: 'Dialer',
    customer: '+919650134255',
    did: '+918069651170',
    agents: ['05047530422'],
    campaign: 'test parag dialer',
    disposition: 'Undisposed',
    hangupCause: 'Normal clearing',
    durationSeconds: 48,
    answeredSeconds: 31,
    hasRecording: true,
  });
});

test('nothing is enough', () => {
  expect(summarise({})).toEqual({ hasRecording: false });
  expect(summarise([])).toEqual({ hasRecording: false });
});

describe('any field may be of any shape', () => {
  const shapes = [
    null,
    '',
    'N.A.',
    [],
    {},
    0,
    -1,
    '7',
    'x',
    true,
    [[]],
    { a: { b: null } },
    Number.POSITIVE_INFINITY,
  ];
  const names = Object.keys(officialPage.results[0] ?? {}).concat('destination', 'from_number');
  test.each(names)('%s', (name) => {
    for (const shape of shapes)
      expect(() => summarise({ ...officialPage.results[0], [name]: shape })).not.toThrow();
  });
});

test('texts that stand for nothing are absent, and ids are texts', () => {
  const summary = summarise({
    call_id: 1715235734.5,
    uuid: 'N.A.',
    service: '',
    direction: null,
    status: ' ',
  });
  expect(summary).toEqual({ callId: '1715235734.5', hasRecording: false });
});

test('numbers may be written as texts; what is no length of time is absent', () => {
  expect(summarise({ call_duration: '48', answered_seconds: '31' })).toMatchObject({
    durationSeconds: 48,
    answeredSeconds: 31,
  });
  expect(summarise({ call_duration: 'N.A.', total_call_duration: 7 }).durationSeconds).toBe(7);
  expect(summarise({ call_duration: -1, answered_seconds: 'x' })).toEqual({ hasRecording: false });
});

test('status is what the record says; else what answered_seconds says', () => {
  expect(summarise({ status: 'Missed', answered_seconds: 9, call_duration: 40 }).status).toBe('missed');
  expect(summarise({ answered_seconds: 9 }).status).toBe('answered');
  expect(summarise({ answered_seconds: '0', call_duration: 40 }).status).toBe('missed');
  expect(summarise({ call_duration: 40 }).status).toBeUndefined();
});

describe('the customer', () => {
  const number = '910000012345';
  test.each([
    ['is client_number', { client_number: number }],
    ['may be written as a number', { client_number: Number(number) }],
    ['is in destination on click-to-call', { direction: 'outbound', destination: number }],
    ['or in a key that begins so', { direction: 'outbound', client_number: '', destination_number: number }],
    [
      'on an inbound call never, there it is who called',
      { direction: 'inbound', destination: '910000099999', from_number: number },
    ],
    ['is no extension', { client_number: 'Extension-00000000007', destination: number }],
  ])('%s', (_, record) => {
    expect(summarise(record).customer).toBe('+910000012345');
  });

  test('stays as it came where it is no number, and is absent where it is an extension', () => {
    expect(summarise({ client_number: 'anonymous' }).customer).toBe('anonymous');
    expect(summarise({ client_number: 'Extension-00000000007' }).customer).toBeUndefined();
    expect(summarise({ did_number: 'Extension-00000000007' }).did).toBeUndefined();
  });
});

describe('agents', () => {
  const agent = (id: unknown, dialst = 'Answered', type = 'Agent') => ({
    type,
    id,
    dialst,
    name: 'Agent 07',
  });
  test('are all who answered, in order and once; who was only dialled is none', () => {
    const call_flow = [
      { type: 'init' },
      agent('1', 'Dialed'),
      agent('2', 'Dialed'),
      agent('2'),
      agent('3'),
      agent('2'),
      agent('4', 'Answered', 'Agent-Hangup'),
      agent('5', 'Answered', 'Customer'),
      agent(6),
      agent(null),
      null,
    ];
    expect(summarise({ call_flow }).agents).toEqual(['2', '3', '6']);
  });
  test('may stand in an object, as PHP writes a list with holes', () => {
    expect(summarise({ call_flow: { 0: agent('1'), 2: agent('2') } }).agents).toEqual(['1', '2']);
  });
  test('agent_name and agent_number make none', () => {
    expect(
      summarise({ agent_name: 'Agent 07', agent_number: 'Extension-00000000007' }).agents,
    ).toBeUndefined();
  });
});

test('the summary stays thin, and well formed', () => {
  const summary = summarise({ service: `${'x'.repeat(47)}\u{1f600}`, campaign: 1, call_id: 'y'.repeat(500) });
  expect(summary.service?.isWellFormed()).toBe(true);
  expect(summary.service?.length).toBe(48);
  expect(summary.callId?.length).toBe(64);
});

test('a recording is told, never its URL', () => {
  const summary = summarise({ recording_url: 'https://recordings.invalid/?token=abc' });
  expect(summary).toEqual({ hasRecording: true });
});

describe('the start', () => {
  const flow = { call_flow: [{ type: 'init', time: 1715235734.4 }] };
  test.each([
    ['no date', { time: '11:52:14', ...flow }],
    ['no time', { date: '2024-05-09', ...flow }],
    ['no real date', { date: '2024-02-30', time: '11:52:14', ...flow }],
    ['zeroes', { date: '0000-00-00', time: '00:00:00', ...flow }],
  ])('is unreadable with %s, whatever call_flow says', (_, record) => {
    expect(summarise(record).startAt).toBeUndefined();
  });
});

test('the partition is the date that the record says, and needs no time of day', () => {
  expect(callDate({ date: '2024-05-09', time: '23:59:59' })).toBe('2024-05-09');
  expect(callDate({ date: '2024-05-09', time: null })).toBe('2024-05-09');
});

test.each([
  [{}],
  [{ date: null }],
  [{ date: 'N.A.' }],
  [{ date: '0000-00-00' }],
  [{ date: '2024-02-30' }],
  [{ date: { year: 2024 } }],
  [{ date: '../../2024' }],
  [{ date: '2024-05-09\n' }],
  [{ end_stamp: '2024-05-09 11:53:02', call_flow: [{ time: 1715235734 }] }],
  [[]],
])('the partition of %j is unknown', (record) => {
  expect(callDate(record)).toBe('unknown');
});

test('changed fields are named; a change elsewhere is raw', () => {
  const before = { status: 'missed', agents: ['1', '2'], answeredSeconds: 0 };
  expect(changedFields(before, { ...before, status: 'answered', did: '+910000090007' })).toEqual([
    'did',
    'status',
  ]);
  expect(changedFields(before, { ...before, agents: ['2', '1'] })).toEqual(['agents']);
  expect(changedFields(before, { status: 'missed', agents: ['1', '2'] })).toEqual(['answeredSeconds']);
  expect(changedFields(before, { ...before, agents: ['1', '2'] })).toEqual(['raw']);
});
