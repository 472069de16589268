import { type CfnResource, Validations } from 'aws-cdk-lib';

/** Rules that several packs of cdk-nag hold under names of their own. */
export const RULES = {
  accessLog: [
    'AwsSolutions-S1',
    'HIPAA.Security-S3BucketLoggingEnabled',
    'NIST.800.53.R5-S3BucketLoggingEnabled',
  ],
  replication: ['HIPAA.Security-S3BucketReplicationEnabled', 'NIST.800.53.R5-S3BucketReplicationEnabled'],
  secretRotation: [
    'AwsSolutions-SMG4',
    'HIPAA.Security-SecretsManagerRotationEnabled',
    'NIST.800.53.R5-SecretsManagerRotationEnabled',
  ],
  reservedConcurrency: ['HIPAA.Security-LambdaConcurrency', 'NIST.800.53.R5-LambdaConcurrency'],
  vpc: ['HIPAA.Security-LambdaInsideVPC', 'NIST.800.53.R5-LambdaInsideVPC'],
  redrive: ['Serverless-SQSRedrivePolicy'],
  mappingDestination: ['Serverless-LambdaEventSourceMappingDestination'],
} as const;

/**
 * Says that a rule of cdk-nag does not fit one resource, and why. The tests fail on a rule that is broken and not
 * acknowledged, and on one that is acknowledged and not broken; docs/security.md lists them all.
 */
export const acknowledge = (resource: CfnResource, rules: readonly string[], reason: string): void =>
  Validations.of(resource).acknowledge(...rules.map((id) => ({ id, reason })));
