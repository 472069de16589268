import type { Config } from '../config.ts';
import { type Columns, SQL_TYPES } from './column.ts';
import { PARTITIONS } from './columns.ts';
import { ATHENA } from './dialect.ts';
import { type View, views } from './views.ts';

/** Athena's catalog, whose databases are Glue's. */
const CATALOG = 'awsdatacatalog';

/** A view's type as Trino checks it against what its text gives. */
const VIEW_TYPES: Readonly<Record<string, string>> = { timestamp: 'timestamp(3)' };

/** The columns of a Glue table or view, with what they say. Glue takes 255 characters of a comment. */
const glueColumns = (columns: Columns) =>
  Object.entries(columns).map(([name, { type, says }]) => ({
    Name: name,
    Type: SQL_TYPES[type].glue,
    Comment: says.length > 255 ? `${says.slice(0, 254)}…` : says,
  }));

/** What Athena keeps of a view. */
const prestoView = ({ sql, columns }: View, database: string): string =>
  JSON.stringify({
    originalSql: sql,
    catalog: CATALOG,
    schema: database,
    columns: Object.entries(columns).map(([name, { type }]) => {
      const { athena } = SQL_TYPES[type];
      return { name, type: VIEW_TYPES[athena] ?? athena };
    }),
  });

/** A view as Glue's API takes it, and as CloudFormation does. */
export const glueView = (view: View, database: string) => ({
  Name: view.name,
  TableType: 'VIRTUAL_VIEW',
  Description: 'A view; its columns are in docs/querying.md.',
  Parameters: { presto_view: 'true', comment: 'Presto View' },
  PartitionKeys: [],
  StorageDescriptor: { Columns: glueColumns(view.columns), Location: '', SerdeInfo: {} },
  ViewOriginalText: `/* Presto View: ${Buffer.from(prestoView(view, database)).toString('base64')} */`,
  ViewExpandedText: '/* Presto View */',
});

/** How lines of files become rows. */
const FORMATS = {
  /** One line a row, in one column: whatever the source sends, no row can fail to be read. */
  lines: {
    input: 'org.apache.hadoop.mapred.TextInputFormat',
    serde: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe',
    // No JSON text holds a control character, so nothing is ever split.
    parameters: { 'field.delim': '\u0001', 'serialization.last.column.takes.rest': 'true' },
  },
  /** Parquet files that a list in the partition's folder names. */
  listedParquet: {
    input: 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat',
    serde: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
    parameters: { 'serialization.format': '1' },
  },
} as const;

/** A table over files, in partitions that Athena works out by itself. */
export const glueTable = (table: {
  readonly name: string;
  readonly says: string;
  readonly columns: Columns;
  readonly format: keyof typeof FORMATS;
  /** `s3://…/`, above the partitions. */
  readonly location: string;
  readonly accounts: readonly string[];
  readonly dt: Dates;
}) => {
  const { input, serde, parameters } = FORMATS[table.format];
  return {
    Name: table.name,
    TableType: 'EXTERNAL_TABLE',
    Description: table.says,
    Parameters: { EXTERNAL: 'TRUE', ...partitionProjection(table) },
    PartitionKeys: glueColumns(PARTITIONS),
    StorageDescriptor: {
      Columns: glueColumns(table.columns),
      Location: table.location,
      InputFormat: input,
      OutputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
      SerdeInfo: { SerializationLibrary: serde, Parameters: parameters },
    },
  };
};

/** Accounts that have a partition: those that are polled, and those that were. */
export const accountsOf = ({ accounts, retiredAccounts }: Config): string[] => [
  ...new Set([...accounts.map(({ name }) => name), ...retiredAccounts]),
];

/** Every day from an IST date to tomorrow, or the one partition of those without a date. */
export type Dates = { readonly from: string } | 'unknown';

/**
 * The rule by which Athena finds partitions, so that none must ever be added. `NOW` is UTC: one day more, or India's
 * today would be missing until 05:30.
 */
const partitionProjection = ({
  location,
  accounts,
  dt,
}: {
  readonly location: string;
  readonly accounts: readonly string[];
  readonly dt: Dates;
}): Readonly<Record<string, string>> => ({
  'projection.enabled': 'true',
  'projection.account.type': 'enum',
  'projection.account.values': accounts.join(','),
  ...(dt === 'unknown'
    ? { 'projection.dt.type': 'enum', 'projection.dt.values': 'unknown' }
    : {
        'projection.dt.type': 'date',
        'projection.dt.format': 'yyyy-MM-dd',
        'projection.dt.range': `${dt.from},NOW+1DAYS`,
        'projection.dt.interval': '1',
        'projection.dt.interval.unit': 'DAYS',
      }),
  'storage.location.template': `${location}account=\${account}/dt=\${dt}/`,
});

/**
 * The raw archive is two tables: Athena can list dates, or words, but not both in one partition, and records without
 * a date lie under `dt=unknown`. The view `calls_raw` is both. See docs/adr/0008-analytics.md.
 */
export const RAW_TABLES = { dated: 'raw_dated', undated: 'raw_undated' } as const;

/** The proofs of days, as they lie in the archive. */
export const PROOF_TABLE = 'day_proofs';

/** Finished days as columns. */
export const CURATED_TABLE = 'calls_curated';

/** The same without what is personal. */
export const MASKED_TABLE = 'masked_files';

/**
 * The views as Athena has them.
 * @param rawFrom the first IST date that `calls` reads from the raw archive, and not from curated files; undefined
 *   where it reads all of it there
 */
export const athenaViews = (rawFrom: string | undefined): readonly View[] =>
  views(ATHENA, {
    raw: Object.values(RAW_TABLES).map(
      (name) => `(SELECT account, dt, "$path" AS path, record FROM ${name}) AS ${name}`,
    ),
    proofs: [`(SELECT account, dt, "$path" AS path, record FROM ${PROOF_TABLE}) AS ${PROOF_TABLE}`],
    curated: rawFrom === undefined ? undefined : { table: CURATED_TABLE, rawFrom },
    masked: MASKED_TABLE,
  });
