import { CfnResource, Validations } from 'aws-cdk-lib';
import {
  AwsSolutionsChecks,
  HIPAASecurityChecks,
  type NagPack,
  NIST80053R5Checks,
  ServerlessChecks,
} from 'cdk-nag';
import { expect, test } from 'vitest';
import { MAXIMAL, stacksOf } from '../support/stacks.ts';

const PACKS: readonly (new () => NagPack)[] = [
  AwsSolutionsChecks,
  ServerlessChecks,
  HIPAASecurityChecks,
  NIST80053R5Checks,
];
const CONFIGURATIONS = { 'the default': undefined, 'the maximal': MAXIMAL };

/** Everything that a pack finds, acknowledged or not, as `path rule`. */
const found = (block: unknown, severity: 'error' | 'warning') =>
  PACKS.flatMap((Pack) => {
    const pack = new Pack();
    Reflect.set(pack, 'isAcknowledged', () => false);
    return pack
      .validateScope(stacksOf(block).app)
      .violations.filter((violation) => violation.severity === severity)
      .flatMap(({ ruleName, violatingResources }) =>
        violatingResources.map(({ constructPath }) => `${constructPath} ${ruleName}`),
      );
  });

/** Everything that is acknowledged: on which construct, which rule, and why. */
const acknowledged = (block: unknown) =>
  stacksOf(block)
    .app.node.findAll()
    .flatMap((construct) =>
      construct.node.metadata
        .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
        .flatMap(({ data }) => Object.entries<string>(data))
        .map(([id, reason]) => ({ construct, rule: id.replace(/^Annotation::/, ''), reason })),
    );

test.each(Object.entries(CONFIGURATIONS))(
  'AwsSolutions, Serverless, HIPAA and NIST 800-53 r5 find no error in %s configuration that is not acknowledged, and none is acknowledged for nothing',
  (_, block) => {
    const wanted = acknowledged(block).map(({ construct, rule }) => `${construct.node.path} ${rule}`);
    expect(wanted.length).toBeGreaterThan(10);
    expect(found(block, 'error').sort()).toEqual(wanted.sort());
  },
);

test('at most 15 rules are acknowledged, each on one resource, with a reason', () => {
  const all = acknowledged(undefined);
  const rules = new Set(all.map(({ rule }) => rule.replace(/\[.*/, '')));
  expect(rules.size, [...rules].sort().join(', ')).toBeLessThanOrEqual(15);
  for (const { construct, reason } of all) {
    expect(construct, construct.node.path).toSatisfy(CfnResource.isCfnResource);
    expect(reason).toMatch(/^[A-Z].{30,}\.$/);
  }
});

test('what is only warned of is tracing, which would need a permission on everything', () => {
  const warnings = new Set(found(undefined, 'warning').map((line) => line.split(' ')[1]));
  expect([...warnings]).toEqual(['Serverless-LambdaTracing']);
});
