import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { CallEvent, callEvent, EVENT_SCHEMAS } from '../../shared/contract/call-event.ts';
import { summarise } from '../../shared/core/call-summary.ts';
import officialPage from '../fixtures/official-page.json' with { type: 'json' };
import { indexedCall } from '../support/indexed-call.ts';

const official = indexedCall({ summary: summarise(officialPage.results[0] ?? {}) });

test('an event carries the whole summary, instants in UTC and as India shows them', () => {
  expect(callEvent(official, 'late', 'full')).toEqual({
    source: 'smartflo-cdr',
    'detail-type': 'CallCreated',
    detail: {
      version: 1,
      dedupeKey: 'main/65f0a1b2c3d4e5f60718293a/00000001-0001-69af8c00',
      account: 'main',
      id: '65f0a1b2c3d4e5f60718293a',
      revision: '00000001-0001-69af8c00',
      origin: 'late',
      summary: {
        callId: '1715235734.129662',
        uuid: '48e0d4fbe3ad9',
        startAt: '2024-05-09T06:22:14.000Z',
        startAtIst: '2024-05-09T11:52:14.000+05:30',
        endAt: '2024-05-09T06:23:02.000Z',
        endAtIst: '2024-05-09T11:53:02.000+05:30',
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
      },
      changed: [],
      archive: { object: official.object, line: 0 },
    },
  });
});

test('numbers are masked unless the account asks for them, and no recording URL is ever there', () => {
  const text = JSON.stringify(callEvent(official, 'live', 'masked'));
  expect(text).toContain('"customer":"+********4255"');
  expect(text).toContain('"did":"+********1170"');
  expect(text).not.toMatch(/96501|80696|https?:|Parag|token/);
  const odd = indexedCall({ summary: { customer: 'Agent 07 at home', did: '+12345' } });
  expect(callEvent(odd, 'live', 'masked').detail.summary).toMatchObject({ customer: '***', did: '+*****' });
});

test('the revision is what made the content, not what was seen last; a change is named', () => {
  const event = callEvent(indexedCall({ changed: ['status'] }), 'edit', 'masked');
  expect(event['detail-type']).toBe('CallChanged');
  expect(event.detail.changed).toEqual(['status']);
  expect(event.detail.revision).toBe('00000001-0001-69af8c00');
});

describe.each(Object.entries(EVENT_SCHEMAS))('docs/events/%s', (file, schema) => {
  // With `input` further fields are allowed: a consumer must bear what a later version adds.
  const published = z.toJSONSchema(schema, { io: 'input' });

  test('is what the code says; after a change: npx vitest run test/unit/call-event.test.ts -u', async () => {
    await expect(`${JSON.stringify(published, undefined, 2)}\n`).toMatchFileSnapshot(
      `../../docs/events/${file}`,
    );
  });

  test('holds for the events that are published, and for no other', () => {
    const ajv = new Ajv2020({ strict: true });
    addFormats.default(ajv);
    const isValid = ajv.compile(published);
    const created = callEvent(official, 'live', 'masked');
    const changed = callEvent({ ...official, changed: ['status'] }, 'edit', 'full');
    const bare = callEvent(indexedCall({ summary: {} }), 'backfill', 'masked');
    expect([created, changed, bare].every((event) => CallEvent.safeParse(event).success)).toBe(true);
    expect([created, changed, bare].map((event) => isValid(event))).toEqual(
      file === 'call-created.schema.json' ? [true, false, true] : [false, true, false],
    );
    expect(isValid({ ...created, detail: { ...created.detail, summary: undefined } })).toBe(false);
    const { dedupeKey: _, ...keyless } = changed.detail;
    expect(isValid({ ...changed, detail: keyless })).toBe(false);
  });
});
