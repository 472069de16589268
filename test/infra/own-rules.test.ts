import { expect, test } from 'vitest';
import { OWN_RULES, type OwnRule, type Resources } from '../support/own-rules.ts';
import { MAXIMAL, type Resource, stacksOf } from '../support/stacks.ts';

const TEMPLATES = { default: stacksOf(), maximal: stacksOf({ ...MAXIMAL, kmsKeyArn: undefined }) };

const judged = ({ of }: OwnRule, all: Resources): Resource[] =>
  [...all.values()].filter(({ Type }) => of.includes(Type));
const offenders = (rule: OwnRule, all: Resources): string[] =>
  [...all].flatMap(([id, resource]) =>
    rule.of.includes(resource.Type) && !rule.keeps(resource, all) ? [id] : [],
  );

/** What planted faults point at. */
const PROPS: Readonly<Record<string, Resource>> = {
  Slow: { Type: 'Planted', Properties: { VisibilityTimeout: 1 } },
  Short: { Type: 'Planted', Properties: { MessageRetentionPeriod: 60 } },
};

test('there are at least 25', () => {
  expect(OWN_RULES.length).toBeGreaterThanOrEqual(25);
});

test.each(OWN_RULES.map((rule) => [rule.name, rule] as const))('%s', (_, rule) => {
  for (const [configuration, stacks] of Object.entries(TEMPLATES)) {
    const all = new Map(stacks.resources);
    expect(judged(rule, all).length, configuration).toBeGreaterThan(0);
    expect(offenders(rule, all), configuration).toEqual([]);
  }
});

test.each(OWN_RULES.map((rule) => [rule.name, rule] as const))('it would be seen if not: %s', (_, rule) => {
  const all: Map<string, Resource> = new Map(
    structuredClone([...TEMPLATES.default.resources, ...Object.entries(PROPS)]),
  );
  for (const [id, resource] of all) {
    if (!rule.of.includes(resource.Type)) continue;
    rule.breaks(resource, all);
    expect(offenders(rule, all)).toContain(id);
    return;
  }
  throw new Error('nothing was broken');
});
