import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { asyncApiPage, EVENTS } from '../../docs/pages/asyncapi.ts';

const Schema = z.object({
  properties: z.object({ 'detail-type': z.object({ const: z.string() }) }),
});

test.each(Object.entries(EVENTS))('%s has a schema of that name, and an example of it', (name, event) => {
  const schema = Schema.parse(JSON.parse(readFileSync(`docs/events/${event.schema}`, 'utf8')));
  expect(schema.properties['detail-type'].const).toBe(name);
  if (!('golden' in event)) return;
  expect(JSON.parse(readFileSync(`docs/events/golden/${event.golden}`, 'utf8'))).toMatchObject({
    'detail-type': name,
  });
});

test('every reference of the AsyncAPI document leads somewhere', () => {
  const document: unknown = JSON.parse(asyncApiPage());
  const references = [...asyncApiPage().matchAll(/"\$ref": "([^"]+)"/g)].map(
    ([, reference = '']) => reference,
  );
  expect(references).toHaveLength(3 * Object.keys(EVENTS).length + 1);
  for (const reference of references) {
    const found = reference.startsWith('#/')
      ? reference
          .slice(2)
          .split('/')
          .reduce<unknown>((holder, name) => z.record(z.string(), z.unknown()).parse(holder)[name], document)
      : existsSync(`docs/events/${reference}`);
    expect(found, reference).toBeTruthy();
  }
});
