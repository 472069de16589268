import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { stacksOf } from '../support/stacks.ts';

/** Pages that take a reader from nothing to the first call, and back to nothing. */
const PAGES = { 'README.md': '## Deploy', 'docs/deploying.md': '# Deploying' } as const;

const { app, outputs, ofType } = stacksOf();
const stacks = app.synth().stacks.map(({ stackName }) => stackName);
const names = outputs.flatMap((output) => Object.entries(output));
const named = (name: string) => JSON.stringify(names.find(([key]) => key === name)?.[1].Value);

const partOf = (page: keyof typeof PAGES): string => {
  const text = readFileSync(page, 'utf8');
  const from = text.slice(text.indexOf(PAGES[page]));
  // Of the README this one section; what the other page says of GitHub is held by its workflows.
  return from.slice(0, from.indexOf(page === 'README.md' ? '\n## Cost' : '\n## Variations'));
};
const commandsOf = (text: string): string[] =>
  [...text.matchAll(/```\n(.*?)```/gs)].flatMap(([, block = '']) => block.trim().split('\n'));

test.each(Object.keys(PAGES) as (keyof typeof PAGES)[])('%s names only what the templates have', (page) => {
  const text = partOf(page);
  const commands = commandsOf(text);
  expect(commands.length).toBeGreaterThan(10);
  for (const command of commands.filter((line) => line.startsWith('npx cdk '))) {
    const given = command.split(' -c ')[0]?.split(' ').slice(3) ?? [];
    for (const stack of given.filter((word) => !word.startsWith('--'))) expect(stacks).toContain(stack);
  }
  // An output is named as one, in backticks; of those of an account the first letters do.
  const told = [...text.matchAll(/outputs?\s+`([A-Za-z]+)(\.\.\.)?`/g)].map(([, name = '']) => name);
  expect(told.length).toBeGreaterThan(2);
  for (const name of told)
    expect(
      names.some(([key]) => key.startsWith(name)),
      name,
    ).toBe(true);
  expect(named('FillSecretmain')).toContain(
    'aws secretsmanager put-secret-value --secret-string file://credential.json --secret-id ',
  );
  expect(named('Watch')).toContain('aws logs tail --follow ');
  expect(named('Ask')).toContain('SELECT dt, count(*) FROM smartflo_analytics.calls GROUP BY 1 ORDER BY 1');
  expect(named('DashboardAddress')).toContain('#dashboards/dashboard/');
  expect(ofType('AWS::Athena::WorkGroup')[0]?.Properties.Name).toEqual({ Ref: 'AWS::StackName' });
  expect(stacks).toContain(/--work-group (\S+)/.exec(text)?.[1]);
  expect(ofType('AWS::Glue::Database')[0]?.Properties.DatabaseInput.Name).toBe('smartflo_analytics');
});

test('both pages give the same commands, but for their placeholders', () => {
  const plain = (page: keyof typeof PAGES) =>
    commandsOf(partOf(page))
      .filter((line) => line !== 'npm run synth')
      .map((line) =>
        line.replaceAll(/\b(ARCHIVE_?)?BUCKET\b/g, 'BUCKET').replaceAll(/INDEX_?TABLE/g, 'TABLE'),
      );
  expect(plain('README.md')).toEqual(plain('docs/deploying.md'));
});

test('what stays after its removal is what both pages say stays, and the last commands take it away', () => {
  const kept = (block?: unknown) =>
    stacksOf(block)
      .resources.filter(([, { DeletionPolicy }]) => DeletionPolicy === 'Retain')
      .map(([, { Type }]) => Type.split('::')[2] ?? '');
  expect([...new Set(kept())].sort()).toEqual(['Bucket', 'EventBus', 'GlobalTable', 'Key', 'Secret']);
  expect(kept({ keep: false })).toEqual([]);
  expect(stacksOf({ keep: false }).protectedFromDeletion).toBe(false);
  for (const page of Object.keys(PAGES) as (keyof typeof PAGES)[])
    expect(partOf(page)).toMatch(/bucket, both (DynamoDB )?tables, secrets, bus, key/);
});
