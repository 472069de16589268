import { describe, expect, it } from 'vitest';
import { FakeSmartflo } from '../../local/fake-smartflo/api.ts';
import type { KnobChanges } from '../../local/fake-smartflo/knobs.ts';
import { OFFICIAL } from '../../local/fake-smartflo/official.ts';
import type { CallSight } from '../../local/fake-smartflo/call-sight.ts';
import { HOUR, istStamp, MINUTE, SECOND } from '../../shared/core/time.ts';

const NOW = Date.parse('2026-03-10T12:00:00+05:30');
const HOUR_AGO = { from: NOW - 3 * HOUR, to: NOW - 2 * HOUR };

const startFake = (knobs: KnobChanges = {}, clock = { real: () => NOW }) =>
  new FakeSmartflo({ seed: 5, knobs: { calls: { callsPerMinute: 10 }, ...knobs }, clock, startedAt: NOW });

type Query = Record<string, string | number | undefined>;

interface Row {
  id: string;
  uuid: string;
  date: string;
  time: string;
  end_stamp: string;
  status: string;
  direction: string;
  service: string;
  department_name: string | null;
  agent_number: string | null;
  client_number: string;
  did_number: string;
  call_duration: number;
  broadcast_id: string | null;
  recording_url: string | null;
}

interface Page {
  count: number;
  limit: number;
  size: number;
  page: number;
  success: boolean;
  results: Row[];
}

const between = (from: number, to: number): Query => ({ from_date: istStamp(from), to_date: istStamp(to) });

const request = (query: Query) => {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) params.set(name, String(value));
  const headers = { authorization: 'Bearer fake-token' };
  return { method: 'GET', path: `/v1/call/records?${params.toString()}`, headers };
};

const ask = (fake: FakeSmartflo, query: Query) => {
  const { status, body } = fake.answer(request(query));
  const page: Partial<Page> = JSON.parse(Buffer.from(body, 'latin1').toString());
  return { count: 0, limit: 0, size: 0, page: 0, ...page, status, results: page.results ?? [] };
};

/** An hour's records, at most 1,000, by one request. */
const askHour = (fake: FakeSmartflo, query: Query = {}): Row[] =>
  ask(fake, { ...between(HOUR_AGO.from, HOUR_AGO.to - SECOND), limit: 1000, ...query }).results;

const held = (fake: FakeSmartflo): CallSight[] => fake.world.recordsVisible(NOW, HOUR_AGO);
const ids = (rows: readonly { id?: string | undefined }[]) => rows.map(({ id }) => id);
const sorted = (rows: readonly { id?: string | undefined }[]) =>
  ids(rows)
    .map(String)
    .toSorted((a, b) => (a < b ? -1 : 1));

describe('a plain listing', () => {
  it('gives the records of the window, newest first, in the envelope of the page', () => {
    const fake = startFake();
    const page = ask(fake, { ...between(HOUR_AGO.from, HOUR_AGO.to - SECOND), page: 2, limit: 100 });
    const truth = held(fake).toReversed();
    expect(truth.length).toBeGreaterThan(500);

    expect(page).toMatchObject({ status: 200, count: truth.length, limit: 100, size: 100, page: 2 });
    expect(ids(page.results)).toEqual(ids(truth.slice(100, 200)));
  });

  it('serves the very bytes of the world', () => {
    const fake = startFake({ drift: { share: 0.1 }, edits: { share: 0.3 } });
    const { body } = fake.answer(request({ ...between(HOUR_AGO.from, HOUR_AGO.to - SECOND), limit: 1000 }));
    const raws = held(fake)
      .toReversed()
      .map(({ raw }) => raw);
    expect(body.slice(body.indexOf('[') + 1, -2)).toBe(raws.join(','));
  });

  it('gives the official sample for its second', () => {
    const { body } = startFake().answer(request(between(OFFICIAL.startAt, OFFICIAL.startAt)));
    expect(body).toBe(`{"count":1,"limit":20,"size":1,"page":1,"results":[${OFFICIAL.raw}]}`);
  });

  it('cuts days at midnight in India', () => {
    const fake = startFake();
    const midnight = Date.parse('2026-03-10T00:00:00+05:30');
    const before = ask(fake, { ...between(midnight - MINUTE, midnight - SECOND), limit: 1000 }).results;
    const after = ask(fake, { ...between(midnight, midnight + MINUTE - SECOND), limit: 1000 }).results;
    const window = { from: midnight - MINUTE, to: midnight + MINUTE };
    expect(new Set(before.map(({ date }) => date))).toEqual(new Set(['2026-03-09']));
    expect(new Set(after.map(({ date }) => date))).toEqual(new Set(['2026-03-10']));
    expect(sorted([...before, ...after])).toEqual(sorted(fake.world.recordsVisible(NOW, window)));
  });

  it('lets records appear at their insert, also between the pages of a query', () => {
    let now = NOW;
    const fake = startFake({ calls: { callsPerMinute: 60 } }, { real: () => now });
    const query = { ...between(NOW - 10 * MINUTE, NOW + MINUTE), limit: 1000 };
    const counts = Array.from({ length: 30 }, () => {
      now += 700;
      const { count, results } = ask(fake, query);
      const there = fake.world.recordsVisible(now, { from: NOW - 10 * MINUTE, to: NOW + MINUTE });
      return [count, results.length, there.length];
    });
    expect(counts.every(([count, rows, there]) => count === there && rows === there)).toBe(true);
    expect(new Set(counts.map(String)).size).toBeGreaterThan(8);
  });

  it('ignores misnamed parameters and answers with the whole history', () => {
    const fake = startFake();
    const { count } = ask(fake, { fromDate: '2026-03-10 09:00:00', todate: '2026-03-10 10:00:00' });
    expect(count).toBe(fake.world.count(NOW));
  });
});

describe('filters', () => {
  const fake = startFake({ calls: { callsPerMinute: 10, broadcastShare: 0.1, understatedShare: 0.5 } });
  const all = askHour(fake);
  const check = (query: Query, keeps: (row: Row) => boolean) => {
    const kept = all.filter(keeps);
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThan(all.length);
    expect([query, ids(askHour(fake, query))]).toEqual([query, ids(kept)]);
  };

  it('keep what they name', () => {
    const [one] = all.filter(({ agent_number }) => agent_number !== null);
    if (!one) throw new Error('no answered call');
    const agentId = String(one.agent_number).replace('Extension-', '');
    check({ call_type: 'c' }, ({ status }) => status === 'answered');
    check({ call_type: 'm' }, ({ status }) => status === 'missed');
    check({ direction: 'inbound' }, ({ direction }) => direction === 'inbound');
    check({ callerid: one.client_number }, ({ client_number }) => client_number === one.client_number);
    check({ callerid: `+${one.client_number}` }, ({ client_number }) => client_number === one.client_number);
    check({ did_number: one.did_number }, ({ did_number }) => did_number === one.did_number);
    check({ 'agents[]': `agent|${agentId}` }, ({ agent_number }) => agent_number === one.agent_number);
    check({ department: 'sales' }, ({ department_name }) => department_name === 'sales');
    check({ services: 'Click to Call,broadcast' }, ({ service }) =>
      ['Click to Call', 'Broadcast'].includes(service),
    );
    check({ broadcast: 'false' }, ({ broadcast_id }) => broadcast_id === null);
    check({ broadcast: '3401' }, ({ broadcast_id }) => broadcast_id === '3401');
    check({ duration: 60, operator: '>=' }, ({ call_duration }) => call_duration >= 60);
    check({ duration: 60, operator: '<' }, ({ call_duration }) => call_duration < 60);
    check({ duration: 60, operator: '!=' }, ({ call_duration }) => call_duration !== 60);
    check(
      { duration: 100, operator: '>', call_type: 'c', direction: 'outbound' },
      ({ call_duration, direction }) => call_duration > 100 && direction === 'outbound',
    );
  });

  it('find the IVR, and where a call was directed', () => {
    const [inbound] = all.filter(
      ({ direction, agent_number }) => direction === 'inbound' && agent_number !== null,
    );
    const target = String(inbound?.agent_number).replace('Extension-', '');
    expect(ids(askHour(fake, { destination: target }))).toContain(inbound?.id);
    const ivr = askHour(fake, { ivr: 'welcome menu' });
    expect(ivr.length).toBeGreaterThan(10);
    expect(ivr.every((row) => JSON.stringify(row).includes('welcome menu'))).toBe(true);
    expect(ids(askHour(fake, { ivr: '5201' }))).toEqual(ids(ivr));
  });

  it('know the official sample', () => {
    const day = between(Date.parse('2024-05-09T00:00:00+05:30'), Date.parse('2024-05-09T23:59:59+05:30'));
    const found = (query: Query) => ask(fake, { ...day, ...query }).count;
    expect(
      found({ callerid: '919650134255', did_number: '+918069651170', agents: 'agent|05047530422' }),
    ).toBe(1);
    expect(found({ duration: 48, operator: '>=' })).toBe(1);
    expect(found({ duration: 48, operator: '>' })).toBe(0);
    expect(found({ call_type: 'm' })).toBe(0);
  });
});

describe('listing knobs', () => {
  it('cap the page, and say so or not', () => {
    const used = ask(startFake({ listing: { limitCap: 50 } }), {
      ...between(HOUR_AGO.from, HOUR_AGO.to),
      limit: 100,
    });
    expect([used.limit, used.size, used.results.length]).toEqual([50, 50, 50]);
    const silent = startFake({ listing: { limitCap: 50, limitEcho: 'asked' } });
    expect(ask(silent, { ...between(HOUR_AGO.from, HOUR_AGO.to), limit: 100 })).toMatchObject({
      limit: 100,
      size: 50,
    });
    expect(ask(silent, between(HOUR_AGO.from, HOUR_AGO.to)).size).toBe(20);
  });

  it('write numbers as strings', () => {
    const page = ask(startFake({ listing: { numbersAs: 'string' } }), between(HOUR_AGO.from, HOUR_AGO.to));
    expect([page.limit, page.size, page.page]).toEqual(['20', '20', '1']);
    expect(page.count).toMatch(/^\d+$/);
  });

  it('answer a page past the end in three ways', () => {
    const query = { ...between(HOUR_AGO.from, HOUR_AGO.to), limit: 100, page: 99 };
    expect(ask(startFake(), query)).toMatchObject({ status: 200, size: 0, page: 99 });
    expect(ask(startFake({ listing: { pastTheEnd: 'error' } }), query)).toMatchObject({
      status: 404,
      success: false,
    });
    const fake = startFake({ listing: { pastTheEnd: 'last-page' } });
    const last = Math.ceil(ask(fake, query).count / 100);
    expect(ids(ask(fake, query).results)).toEqual(ids(ask(fake, { ...query, page: last }).results));
    expect(ask(fake, query)).toMatchObject({ page: last });
  });

  it('build a wall on deep pages', () => {
    const query = { ...between(HOUR_AGO.from, HOUR_AGO.to), limit: 100 };
    const fake = startFake({ listing: { wallRows: 200 } });
    expect(ask(fake, { ...query, page: 2 })).toMatchObject({ status: 200, size: 100 });
    expect(ask(fake, { ...query, page: 3 }).status).toBe(500);
    fake.knobs.listing.atTheWall = 'empty';
    expect(ask(fake, { ...query, page: 3 })).toMatchObject({ status: 200, size: 0 });
  });

  it('sort by any time or the id, up or down', () => {
    const keys = {
      start: ({ date, time }: Row) => `${date} ${time}`,
      end: ({ end_stamp }: Row) => end_stamp,
      id: ({ id }: Row) => id,
      insert: ({ id }: Row) => id.slice(0, 8),
    };
    for (const sortBy of ['start', 'end', 'insert', 'id'] as const) {
      for (const order of ['asc', 'desc'] as const) {
        const rows = askHour(
          startFake({ calls: { callsPerMinute: 10, lateShare: 0.2 }, listing: { sortBy, order } }),
        );
        const seen = rows.map(keys[sortBy]);
        const wanted = order === 'asc' ? seen.toSorted() : seen.toSorted().toReversed();
        expect([sortBy, order, seen]).toEqual([sortBy, order, wanted]);
        expect(rows.length).toBe(held(startFake({ calls: { callsPerMinute: 10, lateShare: 0.2 } })).length);
      }
    }
  });

  it('shuffle ties for each request, and nothing but ties', () => {
    const fake = startFake({ calls: { callsPerMinute: 100 }, listing: { ties: 'shuffled' } });
    const [one, other] = [askHour(fake, { limit: 100 }), askHour(fake, { limit: 100 })];
    const times = (rows: Row[]) => rows.map(({ time }) => time);
    expect(times(one)).toEqual(times(other));
    expect(times(one)).toEqual(times(one).toSorted().toReversed());
    expect(ids(one)).not.toEqual(ids(other));
    fake.knobs.listing.ties = 'stable';
    expect(ids(askHour(fake, { limit: 100 }))).toEqual(ids(askHour(fake, { limit: 100 })));
  });

  it('take the bounds in or leave them out', () => {
    const call = { startAt: NOW - HOUR + 400, life: 30 * SECOND };
    const found = (listing: KnobChanges['listing'], from: number, to: number) =>
      ask(
        startFake({ calls: { callsPerMinute: 0, planted: [call] }, ...(listing && { listing }) }),
        between(from, to),
      ).count;
    const second = NOW - HOUR;
    expect(found({}, second, second)).toBe(1);
    expect(found({ fromInclusive: false }, second, second + SECOND)).toBe(0);
    expect(found({ fromInclusive: false }, second - SECOND, second)).toBe(1);
    expect(found({ toInclusive: false }, second - SECOND, second)).toBe(0);
    expect(found({ toInclusive: false }, second, second + SECOND)).toBe(1);
    expect(found({ subSecond: true }, second, second)).toBe(0);
    expect(found({ subSecond: true }, second, second + SECOND)).toBe(1);
    expect(found({ subSecond: true, fromInclusive: false }, second, second + SECOND)).toBe(1);
  });

  it('filter on start, end or insert', () => {
    const call = { startAt: NOW - 3 * HOUR, life: HOUR, insertDelay: HOUR };
    const found = (filterOn: 'start' | 'end' | 'insert') => {
      const fake = startFake({
        calls: { callsPerMinute: 0, planted: [call], lateTo: 2 * HOUR },
        listing: { filterOn },
      });
      return [3, 2, 1].map((age) => ask(fake, between(NOW - age * HOUR, NOW - age * HOUR)).count);
    };
    expect(found('start')).toEqual([1, 0, 0]);
    expect(found('end')).toEqual([0, 1, 0]);
    expect(found('insert')).toEqual([0, 0, 1]);
  });

  it('treat a span above the cap in three ways', () => {
    const query = between(NOW - 5 * HOUR, NOW - HOUR);
    const listing = { spanCap: 2 * HOUR };
    const fake = startFake({ listing });
    const newest = ask(fake, between(NOW - 3 * HOUR, NOW - HOUR)).count;
    expect(ask(fake, query)).toMatchObject({ status: 422, success: false });
    fake.knobs.listing.aboveSpanCap = 'truncated';
    expect(ask(fake, query)).toMatchObject({ status: 200, count: newest });
    fake.knobs.listing.aboveSpanCap = 'ignored';
    expect(ask(fake, query).count).toBe(fake.world.count(NOW));
  });

  it('fill in missing dates with the default range', () => {
    const fake = startFake({ listing: { defaultRange: HOUR } });
    expect(ask(fake, {}).count).toBe(fake.world.count(NOW, { from: NOW - HOUR, to: NOW }));
  });

  it('ignore parameters by name', () => {
    const fake = startFake({ listing: { ignoredParameters: new Set(['duration', 'from_date', 'limit']) } });
    const query = { ...between(HOUR_AGO.from, HOUR_AGO.to), duration: 5_000, operator: '>=', limit: 7 };
    const { count, limit } = ask(fake, query);
    expect(count).toBe(fake.world.count(NOW, { from: -Infinity, to: HOUR_AGO.to + SECOND }));
    expect(limit).toBe(20);
  });

  it('freeze the count while rows move', () => {
    let now = NOW;
    const fake = startFake(
      { calls: { callsPerMinute: 60 }, listing: { count: 'frozen' } },
      { real: () => now },
    );
    const query = { ...between(NOW - 10 * MINUTE, NOW), limit: 20 };
    const { count } = ask(fake, query);
    now += 30 * SECOND;
    expect(ask(fake, { ...query, page: 2 }).count).toBe(count);
    expect(ask(fake, query).count).toBeGreaterThan(count);
    fake.knobs.listing.count = 'moving';
    expect(ask(fake, { ...query, page: 2 }).count).toBeGreaterThan(count);
  });

  it('shift rows while paging, so that some repeat and some are skipped', () => {
    const readAll = (fake: FakeSmartflo) =>
      Array.from({ length: 40 }, (_, n) => askHour(fake, { limit: 20, page: n + 1 })).flat();
    const calm = readAll(startFake());
    const shifting = startFake({ listing: { shiftShare: 0.5 } });
    const seen = readAll(shifting);
    expect(new Set(ids(calm)).size).toBe(held(shifting).length);
    expect(new Set(ids(seen)).size).toBeLessThan(held(shifting).length);
    expect(new Set(ids(seen)).size).toBeLessThan(seen.length);
    expect(ids(askHour(shifting, { limit: 20 }))).toEqual(ids(calm.slice(0, 20)));
  });

  it('rotate the token of the recording from read to read', () => {
    const fake = startFake({ listing: { rotatingTokens: true } });
    const [one, other] = [askHour(fake), askHour(fake)];
    const urls = (rows: Row[]) => rows.map(({ recording_url }) => recording_url);
    const bare = (rows: Row[]) => urls(rows).map((url) => url?.replace(/token=\w+/, ''));
    expect(urls(one)).not.toEqual(urls(other));
    expect(bare(one)).toEqual(bare(other));
    fake.knobs.listing.rotatingTokens = false;
    expect(urls(askHour(fake))).toEqual(urls(askHour(fake)));
  });

  it('leave broadcast calls out unless asked', () => {
    const calls = { callsPerMinute: 10, broadcastShare: 0.2 };
    const all = askHour(startFake({ calls }));
    const fake = startFake({ calls, listing: { broadcastOnRequest: true } });
    expect(ids(askHour(fake, { broadcast: 'true' }))).toEqual(ids(all));
    expect(ids(askHour(fake))).toEqual(ids(all.filter(({ broadcast_id }) => broadcast_id === null)));
  });

  it('hide records, or count them without listing them', () => {
    const fake = startFake();
    const [victim] = held(fake);
    const all = askHour(fake);
    fake.knobs.listing.hidden = ({ id }) => id === victim?.id;
    const query = { ...between(HOUR_AGO.from, HOUR_AGO.to - SECOND), limit: 1000 };
    expect(ask(fake, query)).toMatchObject({ count: all.length - 1, size: all.length - 1 });
    fake.knobs.listing.unlisted = fake.knobs.listing.hidden;
    fake.knobs.listing.hidden = undefined;
    expect(ask(fake, query)).toMatchObject({ count: all.length, size: all.length - 1 });
    fake.knobs.listing.unlisted = undefined;
    expect(ids(ask(fake, query).results)).toEqual(ids(all));
  });

  it('end history at a depth', () => {
    const fake = startFake({ listing: { historyDepth: 5 * HOUR } });
    expect(ask(fake, {}).count).toBe(fake.world.count(NOW, { from: NOW - 5 * HOUR, to: NOW }));
  });

  it('put white space between tokens, and only there', () => {
    const plain = startFake({ drift: { share: 0.1 } }).answer(
      request(between(HOUR_AGO.from, HOUR_AGO.to)),
    ).body;
    const knobs = { drift: { share: 0.1 }, listing: { layout: 'pretty' } } as const;
    const { body } = startFake(knobs).answer(request(between(HOUR_AGO.from, HOUR_AGO.to)));
    expect(body).toContain('\r\n');
    expect(JSON.stringify(JSON.parse(body))).toBe(JSON.stringify(JSON.parse(plain)));
  });
});
