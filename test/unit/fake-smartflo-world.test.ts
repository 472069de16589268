import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type KnobChanges, turnKnobs } from '../../local/fake-smartflo/knobs.ts';
import { OFFICIAL } from '../../local/fake-smartflo/official.ts';
import { SCENES } from '../../local/fake-smartflo/scenes.ts';
import type { CallSight } from '../../local/fake-smartflo/call-sight.ts';
import { World } from '../../local/fake-smartflo/world.ts';
import { DAY, HOUR, istStamp, MINUTE, SECOND } from '../../shared/core/time.ts';

const NOW = Date.parse('2026-03-10T18:00:00+05:30');

const makeWorld = (knobs: KnobChanges = {}, seed = 7) =>
  new World({ seed, knobs: turnKnobs(knobs), startedAt: NOW });

const drawn = (world: World, now = NOW): CallSight[] =>
  [...world.truth(now)].filter(({ id }) => id !== OFFICIAL.id);

const parse = (sight: CallSight) => JSON.parse(Buffer.from(sight.raw, 'latin1').toString('utf8'));

describe('the world', () => {
  it('is the same for the same seed, in any order of asking', () => {
    const [one, other] = [makeWorld(SCENES.hostile), makeWorld(SCENES.hostile)];
    const hours = [40, 3, 71, 12, 25].map((age) => ({ from: NOW - age * HOUR, to: NOW - (age - 1) * HOUR }));
    const read = (world: World, window: { from: number; to: number }) =>
      world.recordsVisible(NOW, window).map(({ raw }) => raw);
    const there = hours.map((hour) => read(one, hour));
    const back = hours
      .toReversed()
      .map((hour) => read(other, hour))
      .toReversed();
    expect(back).toEqual(there);
    expect(there.every((raws) => raws.length > 100)).toBe(true);
    expect(read(makeWorld(SCENES.hostile, 8), hours[0] as never)).not.toEqual(there[0]);
  });

  it('has the same calls whatever the beginning of its history', () => {
    const long = new World({ seed: 7, startedAt: NOW, historyFrom: NOW - 5 * DAY });
    const window = { from: NOW - 2 * DAY, to: NOW - 2 * DAY + HOUR };
    expect(long.recordsVisible(NOW, window).map(({ raw }) => raw)).toEqual(
      makeWorld()
        .recordsVisible(NOW, window)
        .map(({ raw }) => raw),
    );
  });

  it('ends where history ends', () => {
    const [historyFrom, historyTo] = [NOW - 3 * HOUR, NOW - 2 * HOUR];
    const world = new World({ seed: 7, startedAt: NOW, historyFrom, historyTo });
    const within = makeWorld().recordsVisible(NOW, { from: historyFrom, to: historyTo });
    expect(drawn(world).map(({ raw }) => raw)).toEqual(within.map(({ raw }) => raw));
  });

  it('does not depend on the zone of the machine', () => {
    const script = `
      const { World } = await import('./local/fake-smartflo/world.ts');
      const { turnKnobs } = await import('./local/fake-smartflo/knobs.ts');
      const { SCENES } = await import('./local/fake-smartflo/scenes.ts');
      const { createHash } = await import('node:crypto');
      const hash = createHash('sha256');
      const world = new World({ seed: 7, knobs: turnKnobs(SCENES.hostile), startedAt: ${NOW} });
      for (const { raw } of world.recordsVisible(${NOW}, { from: ${NOW - 3 * HOUR}, to: ${NOW} })) hash.update(raw);
      console.log(hash.digest('hex'), new Date(${NOW}).getHours());`;
    const run = (zone: string) =>
      spawnSync(process.execPath, ['--input-type=module', '-e', script], {
        env: { ...process.env, TZ: zone },
        encoding: 'utf8',
      }).stdout.split(' ');
    const [india, york] = [run('Asia/Kolkata'), run('America/New_York')];
    expect(india[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(york[0]).toBe(india[0]);
    expect(york[1]).not.toBe(india[1]);
  });

  it('shows the official sample byte for byte from its insert on', () => {
    const world = makeWorld(SCENES.hostile);
    const second = { from: OFFICIAL.startAt - 438, to: OFFICIAL.startAt - 438 + SECOND };
    expect(Buffer.byteLength(OFFICIAL.raw)).toBe(3917);
    expect(world.recordsVisible(NOW, second).map(({ raw }) => raw)).toEqual([OFFICIAL.raw]);
    expect(istStamp(OFFICIAL.startAt)).toBe('2024-05-09 11:52:14');
    const soon = new World({ seed: 7, startedAt: OFFICIAL.startAt });
    expect(soon.recordsVisible(OFFICIAL.insertAt - 1, second).filter(({ id }) => id === OFFICIAL.id)).toEqual(
      [],
    );
    expect(soon.recordsVisible(OFFICIAL.insertAt, second).map(({ id }) => id)).toContain(OFFICIAL.id);
  });

  it('inserts a record 2 to 3 s after hang-up, and the id says so', () => {
    const sights = drawn(makeWorld());
    expect(sights.length).toBeGreaterThan(20_000);
    expect(
      sights.every(({ endAt, insertAt }) => insertAt - endAt >= 2 * SECOND && insertAt - endAt <= 3 * SECOND),
    ).toBe(true);
    expect(
      sights.every(
        ({ id, insertAt }) => Number.parseInt(String(id).slice(0, 8), 16) === Math.floor(insertAt / SECOND),
      ),
    ).toBe(true);
    expect(sights.every(({ id }) => /^[0-9a-f]{24}$/.test(String(id)))).toBe(true);
    expect(new Set(sights.map(({ id }) => id)).size).toBe(sights.length);
  });

  it('has calls about as long as the model of smartflo-api.md', () => {
    const world = makeWorld({ calls: { callsPerMinute: 40 } });
    const lives = world
      .recordsVisible(NOW, { from: NOW - 2 * DAY, to: NOW - 3 * HOUR })
      .map(({ startAt, endAt }) => (endAt - startAt) / SECOND);
    const outlasting = (seconds: number) => lives.filter((life) => life > seconds).length / lives.length;
    expect(outlasting(95)).toBeCloseTo(0.34, 1.7);
    expect(outlasting(300)).toBeCloseTo(0.08, 2);
    expect(outlasting(900)).toBeCloseTo(0.018, 2.5);
    expect(outlasting(3600)).toBeCloseTo(0.0006, 3.3);
    expect(Math.max(...lives.slice(0, 50_000))).toBeLessThanOrEqual(7_200);
    expect(Math.min(...lives.slice(0, 50_000))).toBeGreaterThanOrEqual(5);
  });

  it('writes records of the shape and size of the sample', () => {
    const sights = makeWorld().recordsVisible(NOW, { from: NOW - 6 * HOUR, to: NOW });
    const keys = Object.keys(JSON.parse(OFFICIAL.raw));
    expect(keys.length).toBe(46);
    expect(sights.every((sight) => Object.keys(parse(sight)).join() === keys.join())).toBe(true);
    const mean = sights.reduce((sum, { raw }) => sum + raw.length, 0) / sights.length;
    expect(mean).toBeGreaterThan(3_700);
    expect(mean).toBeLessThan(3_900);
  });

  it('prints times in India, cut to the second', () => {
    const [sight] = makeWorld().recordsVisible(NOW, { from: NOW - HOUR, to: NOW });
    if (!sight) throw new Error('no call within an hour');
    const { date, time, end_stamp } = parse(sight);
    expect(`${date} ${time}`).toBe(istStamp(sight.startAt));
    expect(end_stamp).toBe(istStamp(sight.endAt));
  });

  it('keeps to the rate, with or without a day curve', () => {
    const perHour = (hour: string, knobs: KnobChanges) => {
      const from = Date.parse(`2026-03-09T${hour}:00:00+05:30`);
      return makeWorld({ ...knobs, calls: { callsPerMinute: 60, legShare: 0, ...knobs.calls } }).count(NOW, {
        from,
        to: from + HOUR,
      });
    };
    expect(Math.abs(perHour('11', {}) - 3_600)).toBeLessThan(240);
    expect(Math.abs(perHour('03', {}) - 3_600)).toBeLessThan(240);
    expect(perHour('11', { calls: { dayCurve: 1 } })).toBeGreaterThan(6_000);
    expect(perHour('03', { calls: { dayCurve: 1 } })).toBeLessThan(500);
  });

  it('inserts late what is late', () => {
    const sights = drawn(makeWorld({ calls: { lateShare: 0.2, lateTo: 2 * HOUR } }), NOW + DAY).filter(
      ({ startAt }) => startAt < NOW,
    );
    const delays = sights
      .map(({ endAt, insertAt }) => insertAt - endAt)
      .filter((delay) => delay > 3 * SECOND);
    expect(delays.length / sights.length).toBeCloseTo(0.2, 1.5);
    expect(delays.some((delay) => delay > 110 * MINUTE)).toBe(true);
    expect(delays.every((delay) => delay >= 30 * SECOND && delay <= 2 * HOUR)).toBe(true);
  });

  it('lets transferred calls share a call_id, and nothing else', () => {
    const sights = drawn(makeWorld({ calls: { legShare: 0.2 } }));
    const calls = Map.groupBy(sights, ({ callId }) => callId);
    const [legs] = [...calls.values()].filter(({ length }) => length === 2);
    expect([...calls.values()].filter(({ length }) => length === 2).length).toBeGreaterThan(1_000);
    const [first, second] = (legs ?? []).map(parse);
    expect(first.client_number).toBe(second.client_number);
    expect(first.uuid).not.toBe(second.uuid);
    expect(first.id).not.toBe(second.id);
  });

  it('removes what vanishes, and remembers it', () => {
    const world = makeWorld({ calls: { vanishShare: 0.1 } });
    const gone = [...world.vanished(NOW)];
    expect(gone.length / (gone.length + world.count(NOW))).toBeCloseTo(0.1, 1.5);
    const held = new Set(drawn(world).map(({ id }) => id));
    expect(gone.every(({ id, goneAt }) => goneAt <= NOW && !held.has(id))).toBe(true);
    const [one] = gone;
    if (!one) throw new Error('nothing vanished');
    const window = { from: one.startAt, to: one.startAt + 1 };
    expect(world.recordsVisible(one.goneAt - 1, window).map(({ id }) => id)).toContain(one.id);
    expect(world.recordsVisible(one.goneAt, window).map(({ id }) => id)).not.toContain(one.id);
  });

  it('holds planted calls, in history or out of it', () => {
    const startAt = Date.parse('2025-01-01T23:30:00+05:30');
    const planted = [
      { startAt, life: 2 * HOUR, editsAfter: [MINUTE, HOUR] },
      {
        startAt: NOW - HOUR,
        life: 30 * SECOND,
        answered: false,
        insertDelay: 10 * MINUTE,
        goneAfter: MINUTE,
      },
    ];
    const world = makeWorld({ calls: { callsPerMinute: 0, planted } });
    const [long, ...others] = drawn(world);
    expect(others).toEqual([]);
    expect(long).toMatchObject({ startAt, endAt: startAt + 2 * HOUR, revision: 2 });
    expect([...world.vanished(NOW)]).toMatchObject([
      { startAt: NOW - HOUR, goneAt: NOW - HOUR + 690 * SECOND },
    ]);
    const seen = (age: number) => world.sight(long?.ref ?? 0, (long?.insertAt ?? 0) + age).raw;
    expect(new Set([0, MINUTE - 1, MINUTE, HOUR - 1, HOUR].map(seen)).size).toBe(3);
  });
});

describe('records that change', () => {
  const edits = { share: 0.5, from: MINUTE, to: 6 * HOUR, revertShare: 0.4 };

  it('change at the hour that the sight tells, and only then', () => {
    const world = makeWorld({ edits });
    const sights = drawn(world).filter(({ startAt }) => startAt < NOW - 12 * HOUR);
    const edited = sights.filter(({ revision }) => revision > 0);
    expect(edited.length / sights.length).toBeCloseTo(0.5, 1);
    const sample = edited.slice(0, 300);
    expect(
      sample.every(
        ({ ref, raw, changedAt }) =>
          world.raw(ref, changedAt) === raw &&
          world.raw(ref, changedAt - 1) !== raw &&
          world.raw(ref, NOW + DAY) === raw,
      ),
    ).toBe(true);
  });

  it('can go back to their first content', () => {
    const world = makeWorld({ edits });
    const back = drawn(world).filter(
      ({ ref, raw, revision, insertAt }) => revision === 2 && world.raw(ref, insertAt) === raw,
    );
    expect(back.length).toBeGreaterThan(500);
  });

  it('get their recording later', () => {
    const world = makeWorld({ edits: { recordingLateShare: 1 } });
    const early = drawn(world).filter(({ startAt }) => startAt < NOW - 10 * HOUR);
    const url = (ref: number, at: number) =>
      JSON.parse(Buffer.from(world.raw(ref, at), 'latin1').toString()).recording_url;
    expect(early.slice(0, 200).every(({ ref, insertAt }) => url(ref, insertAt) === null)).toBe(true);
    expect(early.slice(0, 200).filter(({ ref }) => url(ref, NOW) !== null).length).toBeGreaterThan(120);
  });

  it('keep their id, unless the knob says otherwise', () => {
    const idsOf = (idSurvives: boolean) => {
      const world = makeWorld({ edits: { ...edits, idSurvives } });
      return drawn(world)
        .filter(({ revision }) => revision > 0)
        .map(({ ref, id, insertAt, changedAt }) => ({ id, first: world.sight(ref, insertAt).id, changedAt }));
    };
    expect(idsOf(true).every(({ id, first }) => id === first)).toBe(true);
    expect(
      idsOf(false).every(
        ({ id, first, changedAt }) =>
          id !== first && Number.parseInt(String(id).slice(0, 8), 16) === Math.floor(changedAt / SECOND),
      ),
    ).toBe(true);
  });
});

describe('identity and shapes', () => {
  it('leaves ids out, and never edits such a record', () => {
    const sights = drawn(makeWorld({ identity: { missingShare: 0.1 }, edits: { share: 1 } }));
    const nameless = sights.filter(({ id }) => id === undefined);
    expect(nameless.length / sights.length).toBeCloseTo(0.1, 1.5);
    expect(nameless.every(({ revision }) => revision === 0)).toBe(true);
    expect(new Set(nameless.slice(0, 100).map((sight) => parse(sight).id))).toEqual(
      new Set([undefined, null, '', 'N.A.']),
    );
  });

  it('repeats ids with other content in the same second', () => {
    const sights = drawn(makeWorld({ identity: { repeatedShare: 0.1 } }));
    const twins = [...Map.groupBy(sights, ({ id }) => id).values()].filter(({ length }) => length === 2);
    expect(twins.length).toBeGreaterThan(1_000);
    expect(
      twins.every(
        ([a, b]) => a && b && a.startAt === b.startAt && a.insertAt === b.insertAt && a.raw !== b.raw,
      ),
    ).toBe(true);
  });

  it('gives hostile ids that are still distinct and valid JSON', () => {
    const sights = drawn(makeWorld({ identity: { hostileShare: 0.2 } }));
    const hostile = sights.filter(({ id }) => !/^[0-9a-f]{24}$/.test(String(id)));
    expect(hostile.length / sights.length).toBeCloseTo(0.2, 1.5);
    expect(new Set(hostile.map(({ id }) => id)).size).toBe(hostile.length);
    const strings = hostile.slice(0, 200).filter((sight) => typeof parse(sight).id === 'string');
    expect(strings.every((sight) => parse(sight).id === sight.id)).toBe(true);
    const number = hostile.find((sight) => typeof parse(sight).id === 'number');
    expect(number?.raw.startsWith(`{"id":${number.id},`)).toBe(true);
  });

  it('drifts through every shape of smartflo-api.md', () => {
    const records = drawn(makeWorld({ drift: { share: 0.2, hostileDateShare: 0.05 } }))
      .slice(0, 4_000)
      .map((sight) => ({ sight, fields: parse(sight) }));
    const shapesOf = (key: string) =>
      new Set(
        records.map(({ fields }) =>
          Array.isArray(fields[key]) ? 'array' : fields[key] === null ? 'null' : typeof fields[key],
        ),
      );
    for (const [key, shapes] of Object.entries({
      circle: ['object', 'null', 'array', 'undefined'],
      notes: ['object', 'null', 'string', 'array', 'undefined'],
      agent_hangup_data: ['object', 'null', 'array'],
      missed_agents: ['object', 'array'],
      agent_ring_time: ['string', 'null'],
      charges: ['number', 'null', 'string'],
      call_duration: ['number', 'string'],
      accountid: ['string', 'undefined'],
      account_id: ['string', 'undefined'],
      dialer_call_details: ['object', 'array'],
      did_number: ['string', 'undefined'],
      date: ['string', 'undefined', 'object'],
      time: ['string', 'null'],
      lead_data: ['object', 'undefined'],
    })) {
      expect([key, [...shapesOf(key)]]).toEqual([key, expect.arrayContaining(shapes)]);
    }
    const some = (text: string) => records.some(({ sight }) => sight.raw.includes(text));
    for (const text of [
      'https:\\/\\/',
      '"charges":1e2',
      '"billing_ref":12345678901234567890',
      '"weight":1e400',
      '"N.A."',
      '"call_id":"h3.08-',
      '\\u090f',
    ]) {
      expect([text, some(text)]).toEqual([text, true]);
    }
    expect(records.some(({ sight }) => sight.raw.split('"hangup_cause":"Normal').length > 2)).toBe(true);
  });

  it('drifts not at all unless asked', () => {
    const plain = drawn(makeWorld()).slice(0, 500);
    expect(
      plain.every((sight) => sight.raw === Buffer.from(JSON.stringify(parse(sight))).toString('latin1')),
    ).toBe(true);
  });

  it('makes huge records', () => {
    const world = makeWorld({ drift: { hugeShare: 0.01, hugeBytes: 300_000 } });
    const huge = world
      .recordsVisible(NOW, { from: NOW - 5 * HOUR, to: NOW })
      .filter(({ raw }) => raw.length > 300_000);
    expect(huge.length).toBeGreaterThan(3);
  });
});
