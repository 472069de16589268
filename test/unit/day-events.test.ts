import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { DAY_EVENT_SCHEMAS, dayEvent } from '../../shared/contract/day-proof.ts';
import { ProofWorld } from '../support/proof-world.ts';

const proofs = async () => {
  const world = new ProofWorld('2026-03-10', 200);
  world.deliver();
  world.show();
  const proven = (await world.prove()).manifest;
  world.now += 1_000;
  world.index.calls.delete('main#r000007');
  const differs = (await world.prove({ anew: true })).manifest;
  if (!proven || !differs) throw new Error('a proof gives a manifest');
  return [dayEvent(proven), dayEvent(differs)];
};

describe.each(Object.entries(DAY_EVENT_SCHEMAS))('docs/events/%s', (file, schema) => {
  const published = z.toJSONSchema(schema, { io: 'input' });

  test('is what the code says; after a change: npx vitest run test/unit/day-events.test.ts -u', async () => {
    await expect(`${JSON.stringify(published, undefined, 2)}\n`).toMatchFileSnapshot(
      `../../docs/events/${file}`,
    );
  });

  test('holds for what a proof publishes, and for no other', async () => {
    const ajv = new Ajv2020({ strict: true });
    addFormats.default(ajv);
    const isValid = ajv.compile(published);
    const [proven, differs] = await proofs();
    expect([proven, differs].map((event) => isValid(event))).toEqual(
      file === 'day-proven.schema.json' ? [true, false] : [false, true],
    );
  });
});
