import { RemovalPolicy } from 'aws-cdk-lib';
import { Billing, type CfnGlobalTable, type TablePropsV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import type { EncryptionKey } from './encryption-key.ts';

/** A table paid by request, encrypted, recoverable to any second of 35 days, and kept where that is wanted. */
export const protectedTable = (
  scope: Construct,
  id: string,
  {
    keep,
    key,
    ...shape
  }: Pick<TablePropsV2, 'partitionKey' | 'sortKey' | 'globalSecondaryIndexes'> & {
    readonly keep: boolean;
    readonly key: EncryptionKey;
  },
): TableV2 => {
  const table = new TableV2(scope, id, {
    ...shape,
    billing: Billing.onDemand(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    removalPolicy: keep ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    deletionProtection: keep,
  });
  // The construct takes a key only where the template names its region, and ours goes to any.
  const resource = table.node.defaultChild as CfnGlobalTable;
  resource.addPropertyOverride('SSESpecification', { SSEEnabled: true, SSEType: 'KMS' });
  resource.addPropertyOverride('Replicas.0.SSESpecification', { KMSMasterKeyId: key.key.keyArn });
  return table;
};
