import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CallEvent } from '../../shared/contract/call-event.ts';
import { CallEntry, callOf, entryOf } from '../../shared/contract/index-table.ts';
import type { IndexedCall } from '../../shared/contract/indexed-call.ts';
import { MINUTE, SECOND } from '../../shared/core/time.ts';
import { HOSTILE_BODIES } from '../support/hostile-bodies.ts';
import { AT, problemsAtLast, FIRST_TICK, HostileSecond } from './support/hostile-second.ts';

let second: HostileSecond;
beforeAll(async () => {
  second = await HostileSecond.start();
});
afterAll(() => second[Symbol.asyncDispose]());

test('the table has its rows, each under a name of its own', () => {
  expect(HOSTILE_BODIES.length).toBeGreaterThanOrEqual(350);
  expect(new Set(HOSTILE_BODIES.map(({ name }) => name)).size).toBe(HOSTILE_BODIES.length);
});

describe('a body that comes once', () => {
  test.each(
    HOSTILE_BODIES.filter(({ verdict }) => verdict !== 'accepted').map((body) => [body.name, body] as const),
  )('is read again: %s', async (_, body) => {
    using account = second.account();
    second.turnHostileOnce(body);
    for (let tick = 0; tick < 4; tick++) await account.tick(FIRST_TICK + tick * MINUTE);
    expect(account.putAside()).toEqual([]);
    expect(await problemsAtLast(account)).toEqual([]);
    expect(second.hits).toBe(2);
  });
});

/** Minutes between two ticks: what is tried for half an hour needs few of them. It is given up before it is due again. */
const BETWEEN = 4;
const MOST_MINUTES = 70;

describe('a body that stays', () => {
  test.each(
    HOSTILE_BODIES.filter(({ verdict }) => ['transient', 'incurable', 'unsettled'].includes(verdict)).map(
      (body) => [body.name, body] as const,
    ),
  )('holds up nothing but its second, and is put aside: %s', async (_, body) => {
    using account = second.account();
    second.turnHostile(body);
    const isCovered = async () => (await account.state()).exceptions.length === 3;
    for (let minute = 0; minute < MOST_MINUTES; minute += BETWEEN) {
      await account.tick(FIRST_TICK + minute * MINUTE);
      if (await isCovered()) break;
    }
    expect(new Set(account.reports.map(({ outcome }) => outcome))).toEqual(new Set(['done']));
    const { exceptions } = await account.state();
    expect(new Set(exceptions.map(({ at }) => (at - AT) / SECOND))).toEqual(new Set([-1, 0, 1]));
    expect(account.counted('Exceptions')).toBe(3);
    expect(account.counted('Quarantined')).toBe(3);
    const kept = account.putAside();
    expect(kept).toHaveLength(3);
    for (const { note, bytes } of kept) {
      expect(note.reason).toBe(body.verdict === 'unsettled' ? 'window-unsettled' : 'answer-unreadable');
      if (body.verdict === 'transient') expect(bytes).toHaveLength(0);
      if (body.verdict === 'incurable') expect(bytes.equals(Buffer.from(body.body))).toBe(true);
      if (body.verdict !== 'unsettled') expect(note.from.code).toBe(body.code);
    }
    expect(account.reports.at(-1)?.owed.gap ?? 0).toBe(0);
    second.heal();
    expect(await problemsAtLast(account)).toEqual([]);
  });
});

/** Names that every store, shell and log line takes as they are. */
const SAFE_OBJECT =
  /^(raw|sent|claims|quarantine|slices|late\/[0-9T-]+)\/account=main\/([A-Za-z0-9=_-]+\/)*[A-Za-z0-9=_-]+(\.[a-z]+)*$/;
const SAFE_KEY = /^[A-Za-z0-9_.:@|+=~-]{1,128}$/;

describe('a body that is a page', () => {
  test.each(
    HOSTILE_BODIES.filter(({ verdict }) => verdict === 'accepted').map((body) => [body.name, body] as const),
  )('is archived as it came, indexed under a safe name, and published once: %s', async (_, body) => {
    using account = second.account();
    second.turnHostile(body);
    for (let tick = 0; tick < 3; tick++) await account.tick(FIRST_TICK + tick * MINUTE);
    expect(account.failures).toEqual([]);
    expect(account.reports.map(({ outcome, exceptions }) => [outcome, exceptions])).toEqual(
      Array.from({ length: 3 }, () => ['done', 0]),
    );
    expect(account.putAside()).toEqual([]);
    expect([...account.objects.objects.keys()].filter((key) => !SAFE_OBJECT.test(key))).toEqual([]);

    const archived = account.archived();
    const calls = [...account.index.calls.values()];
    const { records = [] } = body;
    for (const { raw, key, dt } of records) {
      const lines = archived.filter((line) => line.raw === raw);
      expect(lines.map((line) => line.dt)).toEqual([dt]);
      const [call, ...others] = calls.filter(({ object, line }) => account.lineAt(object, line) === raw);
      if (!call) throw new Error('archived, and not indexed');
      expect(others).toEqual([]);
      expect(call.dt).toBe(dt);
      if (typeof key === 'string') expect(call.key).toBe(key);
      else expect(call.key).toMatch(key);
      expect(call.key).toMatch(SAFE_KEY);
      expectStorable(call);
    }
    // The live call is beside them.
    expect(calls).toHaveLength(records.length + 1);
    expect(account.bus.events.map(({ detail }) => detail.id).sort()).toEqual(
      calls.map(({ key }) => key).sort(),
    );
    for (const event of account.bus.events) CallEvent.parse(JSON.parse(JSON.stringify(event)));
    second.heal();
    expect(await problemsAtLast(account)).toEqual([]);
  });
});

/** The table takes it, gives back the same, and pays for one kilobyte. */
const expectStorable = (call: IndexedCall) => {
  const stored = JSON.stringify(entryOf(call));
  expect(Buffer.byteLength(stored)).toBeLessThanOrEqual(1024);
  expect(callOf(CallEntry.parse(JSON.parse(stored)))).toEqual(call);
  const texts = Object.values(entryOf(call)).filter((value) => typeof value === 'string');
  expect(texts.filter((text) => text === '' || !text.isWellFormed())).toEqual([]);
};
