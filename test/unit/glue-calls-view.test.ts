import { GlueClient } from '@aws-sdk/client-glue';
import { expect, test } from 'vitest';
import { createGlueClient } from '../../shared/adapters/aws-clients.ts';
import { createGlueCallsView } from '../../shared/adapters/glue-calls-view.ts';

interface Asked {
  readonly DatabaseName: string;
  readonly Name?: string;
  readonly TableInput?: { readonly Name: string; readonly ViewOriginalText: string };
}

/** A Glue that holds one view. */
const glueWith = (text: string) => {
  const client = new GlueClient({
    region: 'ap-south-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  });
  const asked: Asked[] = [];
  let held = text;
  client.middlewareStack.add(
    () => async (call) => {
      const input = call.input as Asked;
      asked.push(input);
      held = input.TableInput?.ViewOriginalText ?? held;
      const output = { $metadata: {}, Table: { Name: 'calls', ViewOriginalText: held } };
      return { output, response: {} };
    },
    { step: 'initialize', priority: 'high' },
  );
  const sql = () => {
    const base64 = /^\/\* Presto View: (\S+) \*\/$/.exec(held)?.[1] ?? '';
    return String(JSON.parse(Buffer.from(base64, 'base64').toString()).originalSql);
  };
  return { client, asked, sql };
};

test('the view changes over in one write, both of its halves with one date, and only where it is another', async () => {
  const glue = glueWith('as deployed');
  const view = createGlueCallsView(glue.client, 'calls_of_ours');
  expect(await view.readRawFrom('2026-03-11')).toBe('moved');
  expect(glue.sql().match(/dt >= '2026-03-11'/g)).toHaveLength(1);
  expect(glue.sql().match(/dt < '2026-03-11'/g)).toHaveLength(1);
  expect(glue.sql()).toContain('calls_curated');
  expect(
    glue.asked.map(({ DatabaseName, Name, TableInput }) => [DatabaseName, Name ?? TableInput?.Name]),
  ).toEqual([
    ['calls_of_ours', 'calls'],
    ['calls_of_ours', 'calls'],
  ]);
  expect(await view.readRawFrom('2026-03-11')).toBe('as-it-was');
  expect(glue.asked).toHaveLength(3);
  expect(await view.readRawFrom('2026-03-12')).toBe('moved');
  expect(glue.sql()).not.toContain('2026-03-11');
});

test('a machine that stands in for AWS has no views that Athena asks', () => {
  expect(createGlueClient({ AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' })).toBeUndefined();
  expect(createGlueClient({})).toBeInstanceOf(GlueClient);
});
