import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import {
  type CallEvent,
  CallEvent as Event,
  createConsumerHandler,
  createMemoryRevisions,
} from 'smartflo-cdr/consumers';
import { describe, expect, test } from 'vitest';
import { type Callback, keepCallbacks } from '../../examples/missed-calls/callbacks.ts';
import { createCrm } from '../../examples/missed-calls/crm.ts';
import { sqsEvent } from '../support/consume.ts';

const FOLDER = 'docs/events/golden';
const golden = new Map(
  readdirSync(FOLDER).map((file) => [file.replace('.json', ''), readFileSync(`${FOLDER}/${file}`, 'utf8')]),
);
const text = (name: string): string => golden.get(name) ?? '';
const NOW = Date.parse('2026-03-10T10:00:00Z');

describe('golden events', () => {
  const ajv = new Ajv2020();
  addFormats.default(ajv);
  const valid = {
    CallCreated: ajv.compile(JSON.parse(readFileSync('docs/events/call-created.schema.json', 'utf8'))),
    CallChanged: ajv.compile(JSON.parse(readFileSync('docs/events/call-changed.schema.json', 'utf8'))),
  };

  test.each([...golden])(
    '%s is of its schema, and shows no number and no address of a recording',
    (name, body) => {
      const event: CallEvent = Event.parse(JSON.parse(body));
      expect(valid[event['detail-type']](JSON.parse(body)), name).toBe(true);
      expect(body).not.toMatch(/91\d{10}|https?:/);
    },
  );

  test('between them they have both kinds, every way a call comes to be told but replay, and one call thrice', () => {
    const events = [...golden.values()].map((body) => Event.parse(JSON.parse(body)));
    const count = (of: (event: CallEvent) => string) =>
      [...Map.groupBy(events, of)].map(([value, { length }]) => [value, length]);
    expect(Object.fromEntries(count((event) => event['detail-type']))).toEqual({
      CallChanged: 3,
      CallCreated: 6,
    });
    expect(new Set(events.map(({ detail }) => detail.origin))).toEqual(
      new Set(['live', 'late', 'edit', 'backfill']),
    );
    expect(Math.max(...count(({ detail }) => detail.id).map(([, times]) => Number(times)))).toBe(3);
  });
});

describe('the example: missed calls become callbacks', () => {
  const desk = () => {
    const callbacks = new Map<string, Callback>();
    let isDown = false;
    const told: string[] = [];
    const handler = createConsumerHandler({
      revisions: createMemoryRevisions(),
      work: async (event) => {
        if (isDown) throw new Error('down');
        await keepCallbacks(event, {
          put: async (callback) => void callbacks.set(callback.key, callback),
          remove: async (key) => void callbacks.delete(key),
        });
      },
      now: () => NOW,
      tell: (outcome, { id = '' }) => void told.push(`${outcome} ${id.slice(-2)}`),
    });
    const deliver = async (...bodies: string[]) => {
      const batch = sqsEvent(bodies.map((body, place) => ({ messageId: String(place), body })));
      const { batchItemFailures } = await handler(batch);
      return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    };
    return { callbacks, told, deliver, breakDown: (down: boolean) => void (isDown = down) };
  };

  test('a missed call is put on the list; answered after all, it leaves it', async () => {
    const { callbacks, deliver } = desk();
    expect(await deliver(text('created-answered'), text('created-missed'))).toEqual([]);
    expect([...callbacks.values()]).toEqual([
      {
        key: 'main/69af000000000000000000b2',
        customer: '+********0018',
        missedAt: '2026-03-10T12:05:00.000+05:30',
        did: '+********0099',
      },
    ]);
    await deliver(text('changed-to-answered'));
    expect(callbacks.size).toBe(0);
  });

  test('events that come late, crosswise or twice change nothing', async () => {
    const { callbacks, deliver, told } = desk();
    await deliver(text('changed-to-answered'));
    await deliver(text('created-missed'), text('changed-to-answered'));
    expect(callbacks.size).toBe(0);
    expect(told).toEqual(['applied b2', 'stale b2', 'stale b2']);
  });

  test('what fails goes back alone, and is done when it comes again', async () => {
    const { callbacks, deliver, breakDown, told } = desk();
    breakDown(true);
    expect(await deliver(text('created-missed'))).toEqual(['0']);
    breakDown(false);
    expect(await deliver(text('created-missed'), 'no event', '{"source":"aws.ec2"}')).toEqual(['1', '2']);
    expect(callbacks.size).toBe(1);
    expect(told).toEqual(['again b2', 'applied b2']);
  });

  test.each([...golden.keys()])('%s is understood', async (name) => {
    expect(await desk().deliver(text(name))).toEqual([]);
  });

  test('the CRM is asked so that a repetition is harmless, and a refusal has the event come again', async () => {
    const asked: string[] = [];
    let status = 200;
    const crm = createCrm('https://crm.example/', async (url, init) => {
      asked.push(`${init?.method} ${url instanceof URL ? url.href : ''}`);
      return new Response('', { status });
    });
    const callback = { key: 'main/1', customer: '***', missedAt: '', did: undefined };
    await crm.put(callback);
    status = 404;
    await crm.remove('main/1');
    await expect(crm.put(callback)).rejects.toThrow('the CRM answered 404');
    expect(asked).toEqual([
      'PUT https://crm.example/tasks/main%2F1',
      'DELETE https://crm.example/tasks/main%2F1',
      'PUT https://crm.example/tasks/main%2F1',
    ]);
  });
});
