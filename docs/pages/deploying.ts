import * as z from 'zod';
import { bareApp } from '../../infra/stacks/bare-app.ts';
import { MADE_HERE } from '../../local/provision.ts';
import { readTemplates } from '../../local/template.ts';
import { MAXIMAL } from '../../test/support/stacks.ts';
import { OFFLINE } from './offline-deployment.ts';

const Output = z.object({ Description: z.string().optional(), Export: z.unknown().optional() });
const Outputs = z.object({ Outputs: z.record(z.string(), Output).default({}) });
const KeyPolicy = z.object({
  KeyPolicy: z.looseObject({ Statement: z.array(z.looseObject({ Action: z.unknown() })) }),
});

/** What a deployment prints at its end, stack by stack, the values left out. */
const outputLines = ({ app }: ReturnType<typeof bareApp>): string[] =>
  app.synth().stacks.flatMap(({ stackName, template }) =>
    Object.entries(Outputs.parse(template).Outputs)
      .filter(([, { Export }]) => Export === undefined)
      .map(([name, { Description = '' }]) => `| \`${stackName}.${name}\` | ${Description} |`),
  );

/** A line for each type of resource that any configuration makes. */
const offlineRows = (apps: readonly ReturnType<typeof bareApp>[]): string[] => {
  const resources = apps.flatMap(({ app }) =>
    app
      .synth()
      .stacks.flatMap(({ template }) =>
        Object.values(
          z.object({ Resources: z.record(z.string(), z.object({ Type: z.string() })) }).parse(template)
            .Resources,
        ),
      ),
  );
  return [...new Set(resources.map(({ Type }) => Type))].sort().map((type) => {
    const known = OFFLINE[type];
    if (!known)
      throw new Error(`docs/pages/offline-deployment.ts says nothing of ${type}: add what was tried of it`);
    return `| ${type} | ${MADE_HERE.has(type) ? 'yes' : 'no'} | ${known.join(' | ')} |`;
  });
};

/** The key's own policy without the line of the account's administrators, as a key to reuse needs it. */
const keyPolicy = async ({ app }: ReturnType<typeof bareApp>): Promise<string> => {
  const { resources, resolve } = await readTemplates(app.synth().directory, () => ({
    ref: '',
    attributes: { Arn: 'BUS_ARN' },
  }));
  const [key] = resources.filter(({ Type }) => Type === 'AWS::KMS::Key');
  if (!key) throw new Error('the data stack makes no key');
  const { KeyPolicy: policy } = KeyPolicy.parse(resolve(key.Properties, key.stack));
  const statements = policy.Statement.filter(({ Action }) => Action !== 'kms:*');
  return JSON.stringify(statements, null, 1)
    .replaceAll('000000000000', 'ACCOUNT')
    .replaceAll('us-east-1', 'REGION')
    .replaceAll(/\[\s+([^[\]{}]*?)\s+\]/g, (_, inner: string) => `[${inner.replaceAll(/\s+/g, ' ')}]`);
};

/** docs/deploying.md. */
export const deployingPage = async (): Promise<string> => {
  const built = bareApp();
  return `# Deploying

From nothing to the first call in DynamoDB's and Athena's consoles, and back to nothing. What a line prints stands
below it. AWS was never asked while this was written: what the AWS and CDK commands print is as they document it,
and [the last table](#what-a-deployment-without-aws-has-shown) says what nobody has tried there.

You need Node 20 or newer, the AWS CLI 2, and credentials of an administrator for one account and region
(\`aws sts get-caller-identity\` shows whose). What it costs before a single call: docs/cost.md.

## 1. Get it, and look

\`\`\`
npm ci
npm run synth
\`\`\`

The second ends with \`Successfully synthesized to .../cdk.out\`: templates and bundles, made without network or account.

## 2. Prepare the account, once for each account and region

\`\`\`
npx cdk bootstrap
\`\`\`

> \`✅  Environment aws://ACCOUNT/REGION bootstrapped.\`

It makes the bucket and the roles that every CDK project deploys with; where they are there already, nothing.

## 3. Deploy

No edit is needed: without one there is one account, named \`main\`. docs/configuring.md has the rest.

\`\`\`
npx cdk deploy --all
\`\`\`

It shows the permissions that it will grant and asks \`Do you wish to deploy these changes? (y/n)\`, once a stack. Each stack
then ends with \`✅  smartflo-...\` and its outputs:

| Output | What it is |
| --- | --- |
${outputLines(built).join('\n')}

With \`alarmEmail\` set, AWS sends a mail *AWS Notification - Subscription Confirmation*; follow its link, or nothing comes.

## 4. Put in the credential

Write \`{"token": "..."}\` or \`{"email": "...", "password": "..."}\` into \`credential.json\`, then run what the output
\`FillSecret...\` says:

\`\`\`
aws secretsmanager put-secret-value --secret-string file://credential.json --secret-id SECRET
rm credential.json
\`\`\`

> \`{ "ARN": "arn:aws:secretsmanager:...", "Name": "...", "VersionId": "...", "VersionStages": ["AWSCURRENT"] }\`

Until then every tick ends with \`auth\`, harmlessly, and the alarms \`SourceRefuses\` and \`Lag\` are raised.

## 5. See it work

Within a minute, by the output \`Watch\`:

\`\`\`
aws logs tail --follow LOG_GROUP
\`\`\`

> \`{"level":"INFO","message":"tick ended","account":"main","outcome":"done",...}\`

**DynamoDB.** In the console: *DynamoDB, Explore items*, the table of output \`IndexTable\`. Or:

\`\`\`
aws dynamodb scan --table-name INDEX_TABLE --max-items 1
\`\`\`

> one entry: \`pk\`, \`sk\`, \`start\`, \`status\`, \`agent\`, ... A call of the last three days, as the first fetch begins there.

**Athena.** In the console: *Athena, Query editor*, workgroup \`smartflo-analytics\` (top right), database
\`smartflo_analytics\`; the saved queries are ready. Or what the output \`Ask\` says:

\`\`\`
aws athena start-query-execution --work-group smartflo-analytics --query-string "SELECT dt, count(*) FROM smartflo_analytics.calls GROUP BY 1 ORDER BY 1"
aws athena get-query-results --query-execution-id ID --output text
\`\`\`

> \`{ "QueryExecutionId": "ID" }\`, and a line a day. Who is no administrator needs the policy of output \`AnalystPolicy\`.

**Dashboard.** Open the address of output \`DashboardAddress\`: the first row tells whether anything is wrong at all.

**From here**, with the same credentials: \`npx smartflo-cdr status --stack smartflo\`.

## 6. Remove it

\`\`\`
npx cdk destroy smartflo-analytics smartflo-pipeline
\`\`\`

> \`Are you sure you want to delete: smartflo-analytics, smartflo-pipeline (y/n)\`, then \`✅  smartflo-...: destroyed\`

Functions, queues, schedules, alarms, dashboard, tables of Athena and logs are gone. What holds calls **stays** and goes on
to cost its storage: bucket, both DynamoDB tables, secrets, bus, key. It is protected. To remove that too, for ever:

\`\`\`
npx cdk deploy smartflo-data -c smartflo='{"keep": false}'
aws s3api list-object-versions --bucket BUCKET --max-items 1000 --output json --query '{Objects: [Versions, DeleteMarkers][].{Key:Key,VersionId:VersionId}}' > versions.json
aws s3api delete-objects --bucket BUCKET --delete file://versions.json
npx cdk destroy smartflo-data
\`\`\`

The second and third empty the bucket, 1,000 versions at a time: repeat them, or press *Empty* in the S3 console. The last
asks for the other two stacks as well, which are gone. Put your
own block of cdk.json into the first, with \`"keep": false\` in it. The key can be had back for 30 days; then nothing
is left but what \`cdk bootstrap\` made.

## Variations

**Who reads the bucket.** CloudTrail's data events tell, at $0.10 for 100,000:

\`\`\`
aws cloudtrail put-event-selectors --trail-name TRAIL --advanced-event-selectors '[{"Name":"calls","FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]},{"Field":"resources.type","Equals":["AWS::S3::Object"]},{"Field":"resources.ARN","StartsWith":["arn:aws:s3:::BUCKET/"]}]}]'
\`\`\`

**A key of yours** (\`kmsKeyArn\`) must let these services use it, beside your administrators:

\`\`\`json
${await keyPolicy(built)}
\`\`\`

Before the first deployment there is no bus: write \`StringLike\` for \`StringEquals\`, and for \`BUS_ARN\`
\`arn:aws:events:REGION:ACCOUNT:event-bus/smartflo-calls-*\`.

## Deploying from GitHub

\`.github/workflows\` holds \`check\` (on every push; no AWS), \`diff\` (on a pull request) and \`deploy\` (by hand, approved in the
environment *production*). No key is stored: GitHub's identity is exchanged for a role. Once:

\`\`\`
aws iam create-open-id-connect-provider --url https://token.actions.githubusercontent.com --client-id-list sts.amazonaws.com
aws iam create-role --role-name smartflo-deploy --assume-role-policy-document file://trust.json
aws iam put-role-policy --role-name smartflo-deploy --policy-name cdk --policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::ACCOUNT:role/cdk-*"}]}'
\`\`\`

with this trust.json, so that only that environment of your fork can take it on:

\`\`\`json
{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Principal": { "Federated": "arn:aws:iam::ACCOUNT:oidc-provider/token.actions.githubusercontent.com" },
    "Action": "sts:AssumeRoleWithWebIdentity",
    "Condition": { "StringEquals": {
      "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
      "token.actions.githubusercontent.com:sub": "repo:OWNER/REPO:environment:production"
    } }
  }]
}
\`\`\`

Then, in the repository's settings: environment *production* with a reviewer; variables \`AWS_REGION\` and \`AWS_DEPLOY_ROLE\`
(the role's ARN). For \`diff\`, a second role with \`repo:OWNER/REPO:pull_request\` as subject and
\`cdk-*-lookup-role-*\` alone as resource, in \`AWS_DIFF_ROLE\`.

What ships is listed by \`npm run --silent sbom\` (CycloneDX). \`npm audit\` needs the registry's advisories: not run here,
run by \`check\` in your fork.

## What a deployment without AWS has shown

The synthesised templates are deployed onto an embedded AWS by \`npm start\` and by the tests: what the table says *yes* to is
made there, and used by the bundled functions. The rest is judged by its words alone, or by a model of the service. **Not
run** on AWS is all of it; the last column is what to look at there first.

| Type | Made here | Tried without AWS | Only AWS can tell |
| --- | --- | --- | --- |
${offlineRows([built, bareApp({ ...MAXIMAL, kmsKeyArn: undefined, eventBusName: undefined })]).join('\n')}

Not run at all: \`cdk bootstrap\`, \`cdk deploy\`, \`cdk destroy\`, a change of a deployed stack, the workflows, \`npm audit\`.

---

This page is made by \`npm run docs\`, its tables from the stacks; a test fails when it is stale.
`;
};
