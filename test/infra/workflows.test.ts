import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as z from 'zod';

const FOLDER = '.github/workflows';
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync('package.json', 'utf8')));

test.each(readdirSync(FOLDER))(
  '%s: pinned actions, no stored key, few permissions, scripts that exist',
  (file) => {
    const text = readFileSync(`${FOLDER}/${file}`, 'utf8');
    const uses = [...text.matchAll(/uses: (\S+)(.*)/g)];
    expect(uses.length).toBeGreaterThan(0);
    for (const [, action = '', comment = ''] of uses) {
      expect(action).toMatch(/^[a-z-]+\/[a-z-]+@[0-9a-f]{40}$/);
      expect(comment).toMatch(/^ # v\d+\.\d+\.\d+$/);
    }
    expect(text).not.toMatch(/secrets\.|aws-access-key-id|aws-secret-access-key/);
    const permissions = /^permissions:\n((?: {2}.*\n)+)/m.exec(text)?.[1] ?? '';
    const asksAws = text.includes('configure-aws-credentials');
    expect(permissions).toBe(`  contents: read\n${asksAws ? '  id-token: write\n' : ''}`);
    expect(text).toContain('timeout-minutes:');
    for (const [, script = ''] of text.matchAll(/npm run (?:--silent )?([\w:]+)/g))
      expect(scripts).toHaveProperty(script);
  },
);

test('every action is pinned to one commit in all files', () => {
  const pins = readdirSync(FOLDER)
    .map((file) => readFileSync(`${FOLDER}/${file}`, 'utf8'))
    .flatMap((text) => [...text.matchAll(/uses: (\S+)@(\S+)/g)])
    .map(([, action = '', commit = '']) => `${action} ${commit}`);
  const distinct = [...new Set(pins)];
  expect(new Set(distinct.map((pin) => pin.split(' ')[0])).size).toBe(distinct.length);
});
