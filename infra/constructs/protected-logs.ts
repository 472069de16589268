import { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  CustomDataIdentifier,
  DataIdentifier,
  DataProtectionPolicy,
  LogGroup,
  type RetentionDays,
} from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/**
 * What no log line may show, beside AWS's own identifiers: numbers of Indian mobiles, and credentials. CloudWatch
 * takes at most ten, each of 200 characters and without brackets, quotes or colons; it knows no Indian number.
 */
export const FORBIDDEN_IN_LOGS: Readonly<Record<string, string>> = {
  IndianMobile: '\\b[6-9]\\d{9}\\b',
  IndianMobileWithCode: '\\b91[ -]?[6-9]\\d{4}[ -]?\\d{5}\\b',
  IndianMobileWithTrunkZero: '\\b0[6-9]\\d{9}\\b',
  IndianMobileInTwoParts: '\\b[6-9]\\d{4}[ -]\\d{5}\\b',
  JsonWebToken: 'eyJ[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*',
  BearerToken: '[Bb]earer [A-Za-z0-9_.=/+-]+',
  TokenInAddress: 'token=[A-Za-z0-9_.=/+-]+',
};

/** A log group that masks what should never have been written to it, encrypted, for a while. */
export const protectedLogs = (
  scope: Construct,
  id: string,
  { days, key }: { days: RetentionDays; key: IKey },
): LogGroup =>
  new LogGroup(scope, id, {
    retention: days,
    encryptionKey: key,
    dataProtectionPolicy: new DataProtectionPolicy({
      name: 'numbers-and-credentials',
      description: 'Masks phone numbers, addresses and credentials.',
      identifiers: [
        DataIdentifier.EMAILADDRESS,
        ...Object.entries(FORBIDDEN_IN_LOGS).map(([name, regex]) => new CustomDataIdentifier(name, regex)),
      ],
    }),
    removalPolicy: RemovalPolicy.DESTROY, // what is left behind would block nothing but cost something
  });
