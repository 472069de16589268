import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { AlarmWatch } from '../support/alarm-watch.ts';
import { bare, template } from '../support/deployed-alarms.ts';
import { stacksOf } from '../support/stacks.ts';

test('each alarm says who is hurt, what a missing value means and where to read on', () => {
  for (const { id, description } of new AlarmWatch(template).alarms)
    expect(description, id).toMatch(
      /^[A-Z].{30,}\. No value means (trouble|nothing|as before): .{20,}\. What to do: docs\/operating\.md#[a-z-]+$/,
    );
});

/** As GitHub makes an anchor of a heading. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');

test('the runbook has a section for every alarm, with meaning, place to look, cure and end, and for none else', () => {
  const page = readFileSync('docs/operating.md', 'utf8');
  const sections = new Map(
    page
      .split(/^## /m)
      .slice(1)
      .map((section): [string, string] => [anchor(section.split('\n')[0] ?? ''), section]),
  );
  const descriptions = template.resources.flatMap(([, { Type, Properties }]) =>
    Type.startsWith('AWS::CloudWatch::') && Properties.AlarmDescription ? [Properties.AlarmDescription] : [],
  );
  const named = new Set(descriptions.map((text: string) => /#([a-z-]+)$/.exec(text)?.[1] ?? text));
  const parts = ['**Meaning.**', '**Look here.**', '**Do this.**', '**Done when.**'];
  const ofAlarms = [...sections].filter(([, section]) => parts.some((part) => section.includes(part)));
  expect(ofAlarms.map(([name]) => name).sort()).toEqual([...named].sort());
  for (const [name, section] of ofAlarms)
    expect(
      parts.filter((part) => !section.includes(part)),
      name,
    ).toEqual([]);
  const links = [...page.matchAll(/\]\(#([a-z-]+)\)/g)].map(([, link = '']) => link);
  expect(links.filter((link) => !sections.has(link))).toEqual([]);
});

test('whoever is named hears of every cause and of Behind; nobody else may publish', () => {
  const { ofType } = stacksOf({ alarmEmail: 'on-call@example.com' });
  const [topic, ...others] = ofType('AWS::SNS::Topic');
  expect([others, topic?.Properties.KmsMasterKeyId === undefined]).toEqual([[], false]);
  expect(ofType('AWS::SNS::Subscription').map(({ Properties }) => Properties.Endpoint)).toEqual([
    'on-call@example.com',
  ]);
  const [policy] = ofType('AWS::SNS::TopicPolicy');
  const allowed = policy?.Properties.PolicyDocument.Statement.filter(
    ({ Effect }: { Effect: string }) => Effect === 'Allow',
  );
  expect(allowed).toEqual([
    expect.objectContaining({
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    }),
  ]);
  const actions = [...ofType('AWS::CloudWatch::Alarm'), ...ofType('AWS::CloudWatch::CompositeAlarm')].flatMap(
    ({ Properties }) => Properties.AlarmActions ?? [],
  );
  // One topic; from another stack it is imported.
  for (const action of actions) expect(JSON.stringify(action)).toMatch(/ToldTopic[0-9A-F]+/);
  expect(actions.length).toBeGreaterThan(10);
  expect(stacksOf().ofType('AWS::SNS::Subscription')).toEqual([]);
});

test('composites stay within the limits of CloudWatch with fifty accounts', () => {
  const accounts = Array.from({ length: 50 }, (_, index) => ({ name: `account-${index}` }));
  const many = stacksOf({ accounts });
  for (const { children } of new AlarmWatch(many).composites)
    expect(children.length).toBeLessThanOrEqual(100);
  for (const { Properties } of many.ofType('AWS::CloudWatch::CompositeAlarm')) {
    const text = JSON.stringify(Properties.AlarmRule).replaceAll(
      /\{"Fn::GetAtt":[^}]*\}/g,
      `arn:aws:cloudwatch:ap-south-1:111122223333:alarm:${'x'.repeat(64)}`,
    );
    expect(text.length).toBeLessThan(10_240);
  }
});

test('every alarm is raised by its fault in a test: none is added without', () => {
  const told = ['alarms', 'credential-alarms']
    .map((name) => readFileSync(`test/infra/${name}.test.ts`, 'utf8'))
    .join('');
  const ids = new AlarmWatch(template).alarms.map(({ id }) => bare(id));
  expect(ids.length).toBeGreaterThan(15);
  expect(ids.filter((id) => !told.includes(`'${id}'`))).toEqual([]);
});
