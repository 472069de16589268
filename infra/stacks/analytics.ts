import { CfnOutput, Stack } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Construct } from 'constructs';
import { MASKED_TABLE } from '../../shared/contract/analytics/glue.ts';
import { CURATED, DAYS, MASKED, MASKED_RESULTS, RAW, RESULTS } from '../../shared/contract/bucket-layout.ts';
import { maskedQueries, namedQueries } from '../../shared/queries/catalog.ts';
import type { Config } from '../config.ts';
import { AnalystPolicy } from '../constructs/analyst-policy.ts';
import { CallCatalog } from '../constructs/call-catalog.ts';
import { Compactor } from '../constructs/compactor.ts';
import type { Grantee } from '../constructs/exact-role.ts';
import { QueryWorkgroup } from '../constructs/query-workgroup.ts';
import type { DataStack } from './data.ts';
import type { PipelineStack } from './pipeline.ts';

/** What answers questions: tables and views over the archive, a place to ask, and who may. It holds no record. */
export class AnalyticsStack extends Stack {
  readonly #data: DataStack;
  readonly #catalog: CallCatalog;

  constructor(
    scope: Construct,
    id: string,
    { data, pipeline, config }: { data: DataStack; pipeline: PipelineStack; config: Config },
  ) {
    super(scope, id, { description: 'Smartflo call records: SQL over the archive.' });
    this.#data = data;
    const { archive, key } = data;
    this.#catalog = new CallCatalog(this, 'Catalog', { bucket: archive.bucket, config });
    const asking = { archive, key, database: this.#catalog.database, scanLimitGb: config.scanLimitGb };
    const workgroup = new QueryWorkgroup(this, 'Queries', {
      ...asking,
      suffix: '',
      says: 'Questions about Smartflo calls.',
      results: RESULTS,
      queries: namedQueries(),
      lists: undefined,
    });
    const maskedWorkgroup = new QueryWorkgroup(this, 'MaskedQueries', {
      ...asking,
      suffix: '-masked',
      says: 'Questions about Smartflo calls without numbers, names and recordings.',
      results: MASKED_RESULTS,
      queries: maskedQueries(),
      lists: [MASKED, MASKED_RESULTS],
    });

    const compactor = new Compactor(this, 'Compact', {
      key,
      logDays: config.logDays,
      undelivered: pipeline.undelivered,
      config,
    });
    archive.grantCurate(compactor.fn);
    this.#catalog.grantMove(compactor.fn);
    compactor.alarm.addAlarmAction(new SnsAction(pipeline.topic));

    const analyst = new AnalystPolicy(this, 'Analyst', {
      description:
        'May ask everything about Smartflo calls, numbers, names and recording addresses included.',
    });
    workgroup.grantAsk(analyst);
    this.#grantRead(analyst, this.#catalog.tables, [RAW, CURATED, DAYS, MASKED]);

    const maskedAnalyst = new AnalystPolicy(this, 'MaskedAnalyst', {
      description: 'May ask about Smartflo calls, and see no number, name or recording address of any.',
    });
    maskedWorkgroup.grantAsk(maskedAnalyst);
    this.#grantRead(maskedAnalyst, ['calls_masked', MASKED_TABLE], [MASKED]);

    new CfnOutput(this, 'Ask', {
      description:
        'Try this: calls a day. Athena in the console knows the same database, workgroup and named queries.',
      value: `aws athena start-query-execution --work-group ${workgroup.name} --query-string "SELECT dt, count(*) FROM ${this.#catalog.database}.calls GROUP BY 1 ORDER BY 1"`,
    });
    new CfnOutput(this, 'AnalystPolicy', {
      description: 'Attach it to those who may see everything of a call.',
      value: analyst.arn,
    });
    new CfnOutput(this, 'MaskedAnalystPolicy', {
      description:
        'Attach it to those who may see no number, name or recording: they ask calls_masked in the workgroup whose name ends in -masked.',
      value: maskedAnalyst.arn,
    });
  }

  #grantRead(to: Grantee, tables: readonly string[], folders: readonly string[]): void {
    const { archive } = this.#data;
    const glue = (resource: string, resourceName?: string) =>
      this.formatArn({ service: 'glue', resource, ...(resourceName !== undefined && { resourceName }) });
    to.allow(
      ['glue:GetDatabase', 'glue:GetTable', 'glue:GetTables'],
      [
        glue('catalog'),
        glue('database', this.#catalog.database),
        ...tables.map((table) => glue('table', `${this.#catalog.database}/${table}`)),
      ],
    );
    to.allow(
      ['s3:GetObject'],
      folders.map((folder) => archive.bucket.arnForObjects(`${folder}*`)),
    );
  }
}
