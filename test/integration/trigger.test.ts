import { describe, expect, test } from 'vitest';
import { cli } from '../support/cli.ts';
import { atEveryWidth } from '../support/widths.ts';

const WHOLE_PATH = 240_000;

describe('trigger', () => {
  test('lists its cases, at every width', async () => {
    for (const { exit, stdout } of await atEveryWidth(['trigger'])) {
      expect(exit).toBe(0);
      for (const name of ['missed', 'late', 'changed', 'rate-limit', 'dead-token'])
        expect(stdout).toContain(name);
    }
    const { exit, stdout } = await cli(['trigger', 'nothing', '--json']);
    expect({ exit, document: JSON.parse(stdout) }).toMatchObject({ exit: 2, document: { code: 'usage' } });
  });

  const created = { 'detail-type': 'CallCreated' };
  test.concurrent.each([
    ['missed', { events: [{ ...created, detail: { summary: { status: 'missed' } } }] }],
    ['late', { events: [created] }],
    ['changed', { events: [created, { 'detail-type': 'CallChanged', detail: { origin: 'edit' } }] }],
    ['rate-limit', { events: [created], rateLimited: 1 }],
    ['dead-token', { events: [], requests: 1, refused: 'token-rejected' }],
  ])(
    '%s goes through the whole path',
    async (name, wanted) => {
      const { exit, stdout } = await cli(['trigger', name, '--json']);
      expect({ exit, document: JSON.parse(stdout) }).toMatchObject({
        exit: 0,
        document: { schema: 'trigger/1', name, asWanted: true, ...wanted },
      });
    },
    WHOLE_PATH,
  );
});
