import { Validations } from 'aws-cdk-lib';
import * as z from 'zod';
import { FORBIDDEN_IN_LOGS } from '../../infra/constructs/protected-logs.ts';
import { bareApp } from '../../infra/stacks/bare-app.ts';
import { readTemplates, type Templates } from '../../local/template.ts';
import { OWN_RULES } from '../../test/support/own-rules.ts';

/** Without the digest that the CDK appends to a logical id. */
const plain = (logicalId: string): string => logicalId.replace(/[0-9A-F]{8}$/, '');

const list = z.union([z.string(), z.array(z.string())]).transform((one) => [one].flat());
const Policy = z.object({
  Roles: z.tuple([z.string()]).optional(),
  PolicyDocument: z.object({
    Statement: z.array(
      z.object({
        Action: list,
        Resource: list,
        Condition: z
          .object({
            StringEquals: z.object({ 'kms:ViaService': z.string() }).partial(),
            StringLike: z.object({ 's3:prefix': z.array(z.string()) }).partial(),
          })
          .partial()
          .optional(),
      }),
    ),
  }),
});

/** A line for each thing that a role may do, from the templates' own policies. */
const permissionRows = ({ resources, resolve }: Templates): string[] =>
  resources
    .filter(({ Type }) => Type === 'AWS::IAM::ManagedPolicy')
    .flatMap(({ Properties, logicalId, stack }) => {
      const { Roles: [role] = [`${plain(logicalId)} (for people; attach it)`], PolicyDocument } =
        Policy.parse(resolve(Properties, stack));
      return PolicyDocument.Statement.map(({ Action, Resource, Condition }) => {
        const [via] = Condition?.StringEquals?.['kms:ViaService']?.split('.') ?? [];
        const things = Resource.map((one) => `\`${one.replace(/^arn:aws:(\w+):[^:]*:\d*:/, '$1 ')}\``).join(
          ', ',
        );
        const under = Condition?.StringLike?.['s3:prefix']?.map((one) => `\`${one}\``).join(', ');
        return `| ${role} | ${Action.map((one) => `\`${one}\``).join(', ')} | ${things}${via ? `, through ${via} only` : ''}${under ? `, keys under ${under} only` : ''} |`;
      });
    });

/** A line for each reason, with the rules and the resources that it is given for. */
const acknowledgedRows = ({ app }: ReturnType<typeof bareApp>): { rows: string[]; rules: number } => {
  const given = app.node.findAll().flatMap((construct) =>
    construct.node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries(z.record(z.string(), z.string()).parse(data)))
      .map(([id, reason]) => ({
        rule: id.replace(/^Annotation::/, '').replace(/\[.*/, ''),
        resource: construct.node.path.replace(/^smartflo-/, '').replace(/\/Resource$/, ''),
        reason,
      })),
  );
  const rows = [...Map.groupBy(given, ({ reason }) => reason)].map(([reason, alike]) => {
    const distinct = (key: 'rule' | 'resource') => [...new Set(alike.map((one) => one[key]))];
    return `| ${distinct('rule').join(', ')} | ${distinct('resource').join(', ')} | ${reason} |`;
  });
  return { rows, rules: new Set(given.map(({ rule }) => rule)).size };
};

/** docs/security.md. */
export const securityPage = async (): Promise<string> => {
  const built = bareApp();
  const { directory } = built.app.synth();
  const templates = await readTemplates(directory, ({ logicalId }) => {
    const name = plain(logicalId);
    return { ref: name, attributes: new Proxy({}, { get: () => name }) };
  });
  const { rows, rules } = acknowledgedRows(built);
  return `# Security

What a deployment protects, how, and what it leaves out. The tables are made from the stacks themselves.

## At rest and under way

- One customer-managed key, which AWS rotates every year, encrypts the bucket, both tables, every queue, the secrets,
  the logs and the bus's archive. A key of yours can take its place (\`kmsKeyArn\`, docs/configuring.md). What passes over
  the bus is encrypted by EventBridge with its own key: with one of yours it could not tell schemas.
- Bucket and queues refuse whoever comes without TLS. The bucket blocks all public access and keeps every version.
- Both tables can be restored to any second of the last 35 days, and can't be deleted while \`keep\` is true. Bucket,
  tables, key, bus and secrets stay when their stack is removed; docs/deploying.md says how they go.
- A secret is made empty. A person fills it with one command; nothing of ours writes there, and no credential is in
  cdk.json, a template, an environment or a log.
- Nothing stands in a VPC, nothing listens: there is no address from outside.

## Who may do what

A role for each function, one for the schedules of each, and a policy for people who ask with SQL. This is all that they may do; a test asks for every action of any
role on every resource, and for nineteen ruinous ones, and is denied all else. Nobody may delete from the bucket.

| Role | may | on |
| --- | --- | --- |
${permissionRows(templates).join('\n')}

## What no log shows

Functions log lines of JSON with the facts that shared/contract/log-facts.ts lists, which are counts, times, codes, ids
and names of accounts; what is not listed is not written. Should a number or a credential get
into one nevertheless, CloudWatch shows asterisks in its place, by AWS's own pattern of e-mail addresses and these:

| Name | Pattern |
| --- | --- |
${Object.entries(FORBIDDEN_IN_LOGS)
  .map(([name, regex]) => `| ${name} | \`${regex.replaceAll('|', '\\|')}\` |`)
  .join('\n')}

## Rules that do not fit

The packs AwsSolutions, Serverless, HIPAA Security and NIST 800-53 r5 of cdk-nag find no error but these ${rules}, each
acknowledged on single resources. A test fails on an error that is not acknowledged, and on one that is and does not occur.

| Rule | On | Why it does not fit |
| --- | --- | --- |
${rows.join('\n')}

They warn of one thing, which we leave: functions are not traced. X-Ray would need a permission on everything (\`*\`).

## Rules of our own

The packs do not see global tables, schedules and much else. So we ask of every template, in the default and in the
maximal configuration, and show each rule a fault that it must see:

${OWN_RULES.map(({ name }) => `- ${name}`).join('\n')}

---

This page is made from the stacks by \`npm run docs\`; a test fails when it is stale.
`;
};
