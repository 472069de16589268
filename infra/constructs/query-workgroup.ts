import { Aws, Stack } from 'aws-cdk-lib';
import { CfnNamedQuery, CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { Construct } from 'constructs';
import { forDays, LAST_SEVEN_DAYS, type NamedQuery } from '../../shared/queries/catalog.ts';
import type { Archive } from './archive.ts';
import type { EncryptionKey } from './encryption-key.ts';
import type { Grantee } from './exact-role.ts';

export interface QueryWorkgroupProps {
  readonly archive: Archive;
  readonly key: EncryptionKey;
  readonly database: string;
  readonly scanLimitGb: number;
  /** Added to the stack's name, which is the name of the first. */
  readonly suffix: string;
  readonly says: string;
  /** Prefix of the bucket under which the answers lie. */
  readonly results: string;
  readonly queries: readonly NamedQuery[];
  /** Prefixes whose keys who asks may list; undefined: all. */
  readonly lists: readonly string[] | undefined;
}

/** Athena takes no smaller limit; of the bytes in a GB it counts 10^9. */
const GB = 1e9;

/** Where questions are asked: who asks can change neither where the answers go, nor their key, nor what one may cost. */
export class QueryWorkgroup extends Construct {
  readonly name: string;
  readonly arn: string;
  readonly #props: QueryWorkgroupProps;

  constructor(scope: Construct, id: string, props: QueryWorkgroupProps) {
    super(scope, id);
    this.#props = props;
    const group = new CfnWorkGroup(this, 'Group', {
      name: `${Aws.STACK_NAME}${props.suffix}`,
      description: props.says,
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        requesterPaysEnabled: false,
        bytesScannedCutoffPerQuery: props.scanLimitGb * GB,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: `s3://${props.archive.bucket.bucketName}/${props.results}`,
          encryptionConfiguration: { encryptionOption: 'SSE_KMS', kmsKey: props.key.key.keyArn },
        },
      },
    });
    this.name = group.ref;
    this.arn = Stack.of(this).formatArn({
      service: 'athena',
      resource: 'workgroup',
      resourceName: `${Aws.STACK_NAME}${props.suffix}`,
    });
    for (const query of props.queries) {
      const named = new CfnNamedQuery(this, query.name, {
        name: query.name,
        description: query.title,
        database: props.database,
        workGroup: this.name,
        queryString: forDays(query, LAST_SEVEN_DAYS),
      });
      named.addResourceDependency(group);
    }
  }

  /** To ask here, and to read one's answers; what a question reads is granted apart. */
  grantAsk(to: Grantee): void {
    const { archive, key, results, lists } = this.#props;
    to.allow(
      [
        'athena:BatchGetNamedQuery',
        'athena:BatchGetQueryExecution',
        'athena:GetNamedQuery',
        'athena:GetQueryExecution',
        'athena:GetQueryResults',
        'athena:GetQueryRuntimeStatistics',
        'athena:GetWorkGroup',
        'athena:ListNamedQueries',
        'athena:ListQueryExecutions',
        'athena:StartQueryExecution',
        'athena:StopQueryExecution',
      ],
      [this.arn],
    );
    to.allow(
      ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
      [archive.bucket.arnForObjects(`${results}*`)],
    );
    to.allow(['s3:GetBucketLocation'], [archive.bucket.bucketArn]);
    to.allow(
      ['s3:ListBucket'],
      [archive.bucket.bucketArn],
      lists && { StringLike: { 's3:prefix': lists.map((prefix) => `${prefix}*`) } },
    );
    key.grantWrite(to, 's3');
  }
}
