import { CfnResource, Stack } from 'aws-cdk-lib';
import { CfnDatabase } from 'aws-cdk-lib/aws-glue';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { CALLS_RAW } from '../../shared/contract/analytics/columns.ts';
import {
  accountsOf,
  athenaViews,
  CURATED_TABLE,
  glueTable,
  glueView,
  MASKED_TABLE,
  PROOF_TABLE,
  RAW_TABLES,
} from '../../shared/contract/analytics/glue.ts';
import { MASKED_STORED, STORED } from '../../shared/contract/analytics/stored-columns.ts';
import { CURATED_LISTS, DAYS, MASKED_LISTS, RAW } from '../../shared/contract/bucket-layout.ts';
import type { Config } from '../config.ts';
import type { NodeFunction } from './node-function.ts';

/** Where Athena finds the calls: the tables over the archive, and the views that an analyst asks. */
export class CallCatalog extends Construct {
  readonly database: string;
  /** Names of everything in it. */
  readonly tables: readonly string[];
  readonly #resource: CfnDatabase;

  constructor(scope: Construct, id: string, { bucket, config }: { bucket: IBucket; config: Config }) {
    super(scope, id);
    const stack = Stack.of(this);
    // People type it, and a hyphen would want quotes. As the stack's, it is new with every deployment.
    this.database = stack.stackName.toLowerCase().replaceAll('-', '_');
    this.#resource = new CfnDatabase(this, 'Database', {
      catalogId: stack.account,
      databaseInput: { name: this.database, description: 'Smartflo call records.' },
    });
    const { record } = CALLS_RAW;
    const accounts = accountsOf(config);
    const dt = { from: config.queriesFrom };
    const raw = {
      says: 'Lines of the archive as they came; calls_raw has them all.',
      columns: { record },
      format: 'lines',
      location: `s3://${bucket.bucketName}/${RAW}`,
      accounts,
    } as const;
    const made = [
      glueTable({ name: RAW_TABLES.dated, ...raw, dt }),
      glueTable({ name: RAW_TABLES.undated, ...raw, dt: 'unknown' }),
      glueTable({
        name: PROOF_TABLE,
        ...raw,
        says: 'What each proof of a day found; days has the newest.',
        location: `s3://${bucket.bucketName}/${DAYS}`,
        dt,
      }),
      glueTable({
        name: CURATED_TABLE,
        says: 'Finished days as columns; calls has them all.',
        columns: STORED,
        format: 'listedParquet',
        location: `s3://${bucket.bucketName}/${CURATED_LISTS}`,
        accounts,
        dt,
      }),
      glueTable({
        name: MASKED_TABLE,
        says: 'Finished days without what is personal; asked by calls_masked.',
        columns: MASKED_STORED,
        format: 'listedParquet',
        location: `s3://${bucket.bucketName}/${MASKED_LISTS}`,
        accounts,
        dt,
      }),
      // All raw, which is right on every day: the compactor moves `calls` to files.
      ...athenaViews(undefined).map((view) => glueView(view, this.database)),
    ];
    this.tables = made.map(({ Name }) => Name);
    let before: CfnResource = this.#resource;
    for (const input of made) {
      const table = new CfnResource(this, input.Name, {
        type: 'AWS::Glue::Table',
        properties: { CatalogId: stack.account, DatabaseName: this.database, TableInput: input },
      });
      // Each stands on those before it: nobody should meet one without them.
      table.addResourceDependency(before);
      before = table;
    }
  }

  /** The compactor: moves the view `calls` to files, day by day. */
  grantMove(fn: NodeFunction<{ GLUE_DATABASE: string }>): void {
    const stack = Stack.of(this);
    const arn = (resource: string, resourceName?: string) =>
      stack.formatArn({ service: 'glue', resource, ...(resourceName !== undefined && { resourceName }) });
    fn.give('GLUE_DATABASE', this.database);
    fn.allow(
      ['glue:GetTable', 'glue:UpdateTable'],
      [arn('catalog'), arn('database', this.database), arn('table', `${this.database}/calls`)],
    );
  }
}
