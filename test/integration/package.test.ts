import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** A project of somebody else, in which the packed package is installed; what it depends on is this project's. */
let home: string;
let files: string[];

const run = (command: string, args: readonly string[], cwd: string): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const write = (name: string, text: string) => writeFileSync(join(home, name), text);

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'packed-'));
  const modules = join(home, 'node_modules');
  mkdirSync(join(modules, 'smartflo-cdr'), { recursive: true });
  run('npm', ['pack', '--offline', '--silent', '--pack-destination', home], '.');
  const tarball = readdirSync(home).find((name) => name.endsWith('.tgz')) ?? '';
  run('tar', ['-xzf', tarball, '-C', join(modules, 'smartflo-cdr'), '--strip-components=1'], home);
  files = run('tar', ['-tzf', tarball], home).trim().split('\n');
  for (const name of readdirSync('node_modules'))
    if (!name.startsWith('.')) symlinkSync(resolve('node_modules', name), join(modules, name), 'dir');
  write('package.json', JSON.stringify({ type: 'module' }));
}, 120_000);
afterAll(() => rmSync(home, { recursive: true, force: true }));

test('the packed package holds what is exported, and no sources, tests or recordings', () => {
  const folders = new Set(files.map((file) => file.split('/')[1] ?? ''));
  expect([...folders].sort()).toEqual([
    'CHANGELOG.md',
    'README.md',
    'cli',
    'dist',
    'docs',
    'examples',
    'package.json',
  ]);
  expect(files.filter((file) => file.startsWith('package/cli/'))).toEqual(['package/cli/bin.cjs']);
  expect(files).toContain('package/docs/events/golden/created-missed.json');
});

test('plain Node imports both entries from node_modules, and they work', () => {
  write(
    'app.js',
    `import { App, Stack } from 'aws-cdk-lib';
     import { EventBus } from 'aws-cdk-lib/aws-events';
     import { readFileSync } from 'node:fs';
     import { CdrConsumer } from 'smartflo-cdr/constructs';
     import { createConsumerHandler, createMemoryRevisions } from 'smartflo-cdr/consumers';
     const stack = new Stack(new App({ analyticsReporting: false }), 'consumer');
     new CdrConsumer(stack, 'Calls', { bus: EventBus.fromEventBusName(stack, 'Bus', 'calls') });
     const golden = new URL(import.meta.resolve('smartflo-cdr/events/golden/created-missed.json'));
     const worked = [];
     const handler = createConsumerHandler({
       revisions: createMemoryRevisions(), now: Date.now, work: async ({ detail }) => worked.push(detail.id),
     });
     const body = readFileSync(golden, 'utf8');
     const once = await handler({ Records: [{ messageId: '1', body }] });
     const again = await handler({ Records: [{ messageId: '2', body }] });
     const failed = [...once.batchItemFailures, ...again.batchItemFailures];
     console.log(stack.node.children.length > 0, worked.length, failed.length);`,
  );
  expect(run(process.execPath, ['app.js'], home)).toBe('true 1 0\n');
});

test('a consumer in TypeScript is checked against the declarations, with no settings of ours', () => {
  write(
    'consumer.ts',
    `import { Stack } from 'aws-cdk-lib';
     import { EventBus } from 'aws-cdk-lib/aws-events';
     import { CdrConsumer } from 'smartflo-cdr/constructs';
     import { type CallEvent, createConsumerHandler, createMemoryRevisions } from 'smartflo-cdr/consumers';
     export const idOf = ({ detail }: CallEvent): string => detail.id;
     export const handler = createConsumerHandler({
       revisions: createMemoryRevisions(), now: Date.now, work: async (event) => idOf(event),
     });
     const stack = new Stack();
     const bus = EventBus.fromEventBusName(stack, 'Bus', 'calls');
     new CdrConsumer(stack, 'Calls', { bus, pattern: { statuses: ['missed'] } });
     // @ts-expect-error -- a pattern knows its own names
     new CdrConsumer(stack, 'Wrong', { bus, pattern: { status: ['missed'] } });`,
  );
  write(
    'tsconfig.json',
    JSON.stringify({
      compilerOptions: {
        strict: true,
        noEmit: true,
        module: 'nodenext',
        target: 'es2024',
        types: ['node'],
        skipLibCheck: true,
      },
      files: ['consumer.ts'],
    }),
  );
  expect(run(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '--project', '.'], home)).toBe(
    '',
  );
});

test('the commands say that they are run in a checkout', () => {
  expect(() => run(process.execPath, ['node_modules/smartflo-cdr/cli/bin.cjs', 'doctor'], home)).toThrow(
    /a checkout of the project, in which npm ci was run/,
  );
});
