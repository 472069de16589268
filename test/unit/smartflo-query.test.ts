import { expect, test } from 'vitest';
import { writeQuery } from '../../shared/adapters/smartflo-http.ts';
import { CdrQuery } from '../../shared/contract/cdr-query.ts';

test('all sixteen parameters, as PHP reads them', () => {
  const query = CdrQuery.parse({
    from_date: '2026-03-10 11:00:00',
    to_date: '2026-03-10 11:01:59',
    page: 2,
    limit: 100,
    agents: ['agent|1', 'agent|2'],
    department: ['7', 'sales & care'],
    ivr: ['9'],
    call_type: 'm',
    callerid: '+91 5550',
    destination: '5551',
    direction: 'inbound',
    duration: 60,
    operator: '>=',
    services: ['dialer', 'click to call'],
    broadcast: 'true',
    did_number: '+915552',
  });
  expect(Object.keys(query)).toHaveLength(16);
  expect([...new URLSearchParams(writeQuery(query))]).toEqual([
    ['from_date', '2026-03-10 11:00:00'],
    ['to_date', '2026-03-10 11:01:59'],
    ['page', '2'],
    ['limit', '100'],
    ['agents[]', 'agent|1'],
    ['agents[]', 'agent|2'],
    ['department[]', '7'],
    ['department[]', 'sales & care'],
    ['ivr[]', '9'],
    ['call_type', 'm'],
    ['callerid', '+91 5550'],
    ['destination', '5551'],
    ['direction', 'inbound'],
    ['duration', '60'],
    ['operator', '>='],
    ['services', 'dialer,click to call'],
    ['broadcast', 'true'],
    ['did_number', '+915552'],
  ]);
});

test('a space is %20, and an empty array asks for nothing', () => {
  const query: CdrQuery = {
    from_date: '2026-03-10 11:00:00',
    to_date: '2026-03-10 11:01:59',
    page: 1,
    limit: 1,
    ivr: [],
  };
  expect(writeQuery(query)).toBe(
    'from_date=2026-03-10%2011%3A00%3A00&to_date=2026-03-10%2011%3A01%3A59&page=1&limit=1',
  );
});
