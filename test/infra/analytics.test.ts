import { beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { type Column, SQL_TYPES } from '../../shared/contract/analytics/column.ts';
import { TABLES } from '../../shared/contract/analytics/columns.ts';
import { MASKED_RESULTS, RAW, RESULTS } from '../../shared/contract/bucket-layout.ts';
import { maskedQueries, namedQueries } from '../../shared/queries/catalog.ts';
import { isAllowed, permissionsOf } from '../support/permissions.ts';
import { MAXIMAL, stacksOf } from '../support/stacks.ts';
import { trinoGrammar } from '../support/trino-grammar.ts';

const stacks = stacksOf();
const inputs = (from = stacks) =>
  from.ofType('AWS::Glue::Table').map(({ Properties }) => Properties.TableInput);
const input = (name: string, from = stacks) => inputs(from).find(({ Name }) => Name === name);

const PrestoView = z.strictObject({
  originalSql: z.string(),
  catalog: z.literal('awsdatacatalog'),
  schema: z.literal('smartflo_analytics'),
  columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
});
/** What Athena would read out of the template. */
const viewOf = (name: string) => {
  const [, base64 = ''] =
    /^\/\* Presto View: ([A-Za-z0-9+/=]+) \*\/$/.exec(input(name).ViewOriginalText) ?? [];
  return PrestoView.parse(JSON.parse(Buffer.from(base64, 'base64').toString('utf8')));
};

let grammar: Awaited<ReturnType<typeof trinoGrammar>>;
beforeAll(async () => {
  grammar = await trinoGrammar();
});

test.each(Object.entries(TABLES))(
  'the view %s is SQL by Trino’s grammar, with the columns of the definition',
  (name, columns) => {
    const view = viewOf(name);
    expect(grammar.validate(`CREATE OR REPLACE VIEW ${name} AS ${view.originalSql}`)).toEqual([]);
    expect(view.columns.map((column) => column.name)).toEqual(Object.keys(columns));
    const table = input(name);
    expect(table.TableType).toBe('VIRTUAL_VIEW');
    expect(table.Parameters).toMatchObject({ presto_view: 'true' });
    expect(
      table.StorageDescriptor.Columns.map((column: { Name: string; Type: string }) => [
        column.Name,
        column.Type,
      ]),
    ).toEqual(
      Object.entries(columns).map(([column, { type }]: [string, Column]) => [column, SQL_TYPES[type].glue]),
    );
    // Trino refuses a view whose text gives another type than it says.
    for (const column of view.columns)
      if (!['account', 'dt'].includes(column.name))
        expect(view.originalSql).toContain(
          `CAST(${column.name} AS ${column.type.replace('(3)', '')}) AS ${column.name}`,
        );
  },
);

test('the grammar would tell: what only DuckDB understands is refused', () => {
  expect(grammar.validate('SELECT list_filter(a, lambda x: x > 1) FROM t')).not.toEqual([]);
  expect(grammar.validate('SELECT a FROM WHERE b')).not.toEqual([]);
});

test('every table that a view names is there', () => {
  const known = new Set(inputs().map(({ Name }) => Name));
  for (const name of Object.keys(TABLES)) {
    const { originalSql } = viewOf(name);
    const named = [...originalSql.matchAll(/(?<!DISTINCT )FROM ([a-z_]+)/g)].map(([, table]) => table);
    expect(named.length, name).toBeGreaterThan(0);
    for (const table of named) expect(known, `${name} asks ${table}`).toContain(table);
  }
});

test('the raw tables: a line is one column, partitions need no job, and today in India is among them', () => {
  const dated = input('raw_dated');
  expect(dated.StorageDescriptor.Columns.map(({ Name }: { Name: string }) => Name)).toEqual(['record']);
  expect(dated.PartitionKeys.map(({ Name }: { Name: string }) => Name)).toEqual(['account', 'dt']);
  expect(dated.Parameters).toMatchObject({
    'projection.enabled': 'true',
    'projection.account.type': 'enum',
    'projection.account.values': 'main',
    'projection.dt.type': 'date',
    'projection.dt.format': 'yyyy-MM-dd',
    'projection.dt.range': '2024-01-01,NOW+1DAYS',
    'projection.dt.interval': '1',
    'projection.dt.interval.unit': 'DAYS',
  });
  expect(JSON.stringify(dated.Parameters['storage.location.template'])).toContain(
    `/${RAW}account=\${account}/dt=\${dt}/`,
  );
  expect(input('raw_undated').Parameters).toMatchObject({
    'projection.dt.type': 'enum',
    'projection.dt.values': 'unknown',
  });
  for (const name of ['raw_dated', 'raw_undated'])
    expect(viewOf('calls_raw').originalSql).toContain(
      `SELECT account, dt, "$path" AS path, record FROM ${name}`,
    );
});

test('a retired account keeps its history, and the first day is what is configured', () => {
  const { 'projection.account.values': accounts, 'projection.dt.range': range } = input(
    'raw_dated',
    stacksOf(MAXIMAL),
  ).Parameters;
  expect(accounts.split(',')).toHaveLength(21);
  expect(accounts).toMatch(/,closed$/);
  expect(range).toBe('2025-06-01,NOW+1DAYS');
});

test('who asks can change neither where answers go, nor their key, nor what a question may cost', () => {
  const groups = stacks.ofType('AWS::Athena::WorkGroup');
  const [bucket] = stacks.ofType('AWS::S3::Bucket');
  expect(groups).toHaveLength(2);
  for (const [at, results] of [RESULTS, MASKED_RESULTS].entries()) {
    const configuration = groups[at]?.Properties.WorkGroupConfiguration;
    expect(configuration).toMatchObject({
      EnforceWorkGroupConfiguration: true,
      BytesScannedCutoffPerQuery: 20e9,
      RequesterPaysEnabled: false,
      EngineVersion: { SelectedEngineVersion: 'Athena engine version 3' },
      ResultConfiguration: { EncryptionConfiguration: { EncryptionOption: 'SSE_KMS' } },
    });
    expect(JSON.stringify(configuration.ResultConfiguration.OutputLocation)).toContain(`/${results}"`);
    expect(bucket?.Properties.LifecycleConfiguration.Rules).toContainEqual(
      expect.objectContaining({ Prefix: results, ExpirationInDays: 7 }),
    );
  }
});

test('all named queries are in the workgroup, as Trino takes them', () => {
  const deployed = stacks.ofType('AWS::Athena::NamedQuery').map(({ Properties }) => Properties);
  const named = (queries: readonly { readonly name: string }[]) => queries.map(({ name }) => name);
  expect(named(maskedQueries()).length).toBeGreaterThanOrEqual(12);
  expect(new Set(named(deployed.map(({ Name: name }) => ({ name }))))).toEqual(
    new Set(named(namedQueries())),
  );
  expect(deployed).toHaveLength(namedQueries().length + maskedQueries().length);
  for (const { Name, QueryString, Database } of deployed) {
    expect(Database).toBe('smartflo_analytics');
    expect(QueryString, Name).not.toMatch(/:from|:to\b/);
    expect(grammar.validate(QueryString), Name).toEqual([]);
  }
});

/** On what who has one of the policies for people may do something. */
const allowedTo = async (policy: string) => {
  const { people, targets } = await permissionsOf(stacks.outdir);
  const person = people.find(({ name }) => name === policy);
  if (!person) throw new Error(`no policy ${policy}`);
  return async (action: string, context: Readonly<Record<string, string>> = {}) => {
    const answers = await Promise.all(
      targets.map(async (target) => {
        const asked = { ...target, context: { ...target.context, ...context } };
        return (await isAllowed(person, action, asked)) ? [target.name] : [];
      }),
    );
    return answers.flat();
  };
};

test('an analyst may read the raw calls and ask, and do nothing else to the archive', async () => {
  const allowed = await allowedTo('AnalystPolicy');
  expect(await allowed('s3:GetObject')).toEqual([
    'ArchiveBucket/raw/',
    'ArchiveBucket/days/',
    'ArchiveBucket/curated/',
    'ArchiveBucket/curated/files/',
    'ArchiveBucket/curated/lists/',
    'ArchiveBucket/curated/sights/',
    'ArchiveBucket/curated/pieces/',
    'ArchiveBucket/masked/',
    'ArchiveBucket/masked/files/',
    'ArchiveBucket/masked/lists/',
    'ArchiveBucket/results/',
  ]);
  expect(await allowed('s3:PutObject')).toEqual(['ArchiveBucket/results/']);
  expect(await allowed('s3:DeleteObject')).toEqual([]);
  expect(await allowed('athena:StartQueryExecution')).toEqual(['QueriesGroup']);
  expect(await allowed('athena:UpdateWorkGroup')).toEqual([]);
  expect(await allowed('secretsmanager:GetSecretValue')).toEqual([]);
  expect(await allowed('dynamodb:GetItem')).toEqual([]);
  expect(await allowed('kms:Decrypt')).toEqual(['EncryptionKey via s3']);
});

test('who may see no number, name or recording can open the masked files and answers, and nothing else', async () => {
  const allowed = await allowedTo('MaskedAnalystPolicy');
  expect(await allowed('s3:GetObject')).toEqual([
    'ArchiveBucket/masked/',
    'ArchiveBucket/masked/files/',
    'ArchiveBucket/masked/lists/',
    'ArchiveBucket/masked-results/',
  ]);
  expect(await allowed('s3:PutObject')).toEqual(['ArchiveBucket/masked-results/']);
  // Names of raw objects are none of theirs either.
  expect(await allowed('s3:ListBucket')).toEqual([]);
  expect(await allowed('s3:ListBucket', { 's3:prefix': 'raw/' })).toEqual([]);
  expect(await allowed('s3:ListBucket', { 's3:prefix': 'aliases/' })).toEqual([]);
  expect(await allowed('s3:ListBucket', { 's3:prefix': 'masked/lists/account=main/' })).toEqual([
    'ArchiveBucket',
  ]);
  expect(await allowed('athena:StartQueryExecution')).toEqual(['MaskedQueriesGroup']);
  expect(await allowed('athena:GetQueryResults')).toEqual(['MaskedQueriesGroup']);
  expect(await allowed('athena:UpdateWorkGroup')).toEqual([]);
  expect(await allowed('dynamodb:GetItem')).toEqual([]);
  expect(await allowed('secretsmanager:GetSecretValue')).toEqual([]);
});

test('the masked files hold no column that the definition marks as personal', () => {
  const held = input('masked_files').StorageDescriptor.Columns.map(({ Name }: { Name: string }) => Name);
  const personal = Object.entries(TABLES.calls).flatMap(([name, column]: [string, Column]) =>
    column.personal && name !== 'customer' ? [name] : [],
  );
  expect(personal).toEqual(['customer_original', 'agent_name', 'record']);
  for (const name of personal) expect(held.filter((one: string) => one.startsWith(name))).toEqual([]);
});
