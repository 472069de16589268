import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import {
  ALIASES,
  CLAIMS,
  CURATED,
  DAYS,
  LATE,
  MASKED,
  MASKED_RESULTS,
  PROOFS,
  QUARANTINE,
  RAW,
  RESULTS,
  SENT,
  SLICES,
} from '../../shared/contract/bucket-layout.ts';
import { acknowledge, RULES } from './acknowledge.ts';
import type { EncryptionKey } from './encryption-key.ts';
import type { NodeFunction } from './node-function.ts';

/** The sent list serves the last edit look, at 8 days; a claim must outlive its message in queue and dead letters. */
const SENT_LIFE = Duration.days(9);
const CLAIM_LIFE = Duration.days(30);
/** A day can be proven again from what the source showed for so long. */
const SLICE_LIFE = Duration.days(90);
const PROOF_LIFE = Duration.days(7);
/** Answers hold numbers and names as well: who needs one longer asks again. */
const RESULT_LIFE = Duration.days(7);
/** A mark is seen to within the hour, unless the compactor stands still. */
const MARK_LIFE = Duration.days(30);
/** The lists of curated files that were replaced, to find out what a question was answered from. */
const OLD_LIST_LIFE = Duration.days(30);

/** The bucket: raw records for ever, and beside them what the pipeline needs for a while. */
export class Archive extends Construct {
  readonly bucket: Bucket;
  readonly #key: EncryptionKey;

  constructor(scope: Construct, id: string, { keep, key }: { keep: boolean; key: EncryptionKey }) {
    super(scope, id);
    this.#key = key;
    this.bucket = new Bucket(this, 'Bucket', {
      versioned: true,
      enforceSSL: true,
      encryption: BucketEncryption.KMS,
      encryptionKey: key.key,
      bucketKeyEnabled: true, // or every object would be a request to KMS, and its price
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      removalPolicy: keep ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      // No rule may ever reach raw/: the archive is the truth.
      lifecycleRules: [
        expire(SENT, SENT_LIFE),
        expire(CLAIMS, CLAIM_LIFE),
        expire(SLICES, SLICE_LIFE),
        expire(PROOFS, PROOF_LIFE),
        expire(RESULTS, RESULT_LIFE),
        expire(MASKED_RESULTS, RESULT_LIFE),
        expire(LATE, MARK_LIFE),
        { prefix: CURATED, noncurrentVersionExpiration: OLD_LIST_LIFE },
        { prefix: MASKED, noncurrentVersionExpiration: OLD_LIST_LIFE },
      ],
    });
    const resource = this.bucket.node.defaultChild as CfnBucket;
    acknowledge(
      resource,
      RULES.accessLog,
      "S3 can't encrypt its access logs with the key, and a record's id is in every object's name. CloudTrail's data events tell each access and who made it; docs/deploying.md turns them on.",
    );
    acknowledge(
      resource,
      RULES.replication,
      'A second bucket doubles the bill. Versions keep what is overwritten or deleted, and docs/operating.md says how to move to another region.',
    );
  }

  /** The consumer: adds to the archive and the quarantine, reads what was too large for a message. */
  grantAppend(fn: NodeFunction<{ BUCKET: string }>): void {
    this.#grant(fn, { write: [RAW, LATE, QUARANTINE], read: [CLAIMS] });
  }

  /** The poller: keeps its sent lists, and puts aside what is too large for a message or can't be trusted. */
  grantPoll(fn: NodeFunction<{ BUCKET: string }>): void {
    this.#grant(fn, { write: [SENT, CLAIMS, QUARANTINE, SLICES], read: [SENT] });
  }

  /** The prover: reads what was delivered and what the source showed, and writes what came of it. */
  grantProve(fn: NodeFunction<{ BUCKET: string }>): void {
    this.#grant(fn, { write: [PROOFS, DAYS], read: [RAW, SLICES, QUARANTINE, PROOFS, DAYS] });
  }

  /** The compactor: makes files of the archive, and finds by their marks what came late. */
  grantCurate(fn: NodeFunction<{ BUCKET: string }>): void {
    this.#grant(fn, { write: [CURATED, MASKED, ALIASES], read: [RAW, CURATED, MASKED, ALIASES] });
  }

  #grant(fn: NodeFunction<{ BUCKET: string }>, prefixes: { write: string[]; read: string[] }): void {
    const under = (prefix: string) => this.bucket.arnForObjects(`${prefix}*`);
    fn.give('BUCKET', this.bucket.bucketName);
    fn.allow(['s3:PutObject'], prefixes.write.map(under));
    fn.allow(['s3:GetObject'], prefixes.read.map(under));
    // Without it S3 says 403, not 404, to a key that is not there.
    fn.allow(['s3:ListBucket'], [this.bucket.bucketArn]);
    this.#key.grantWrite(fn, 's3');
  }
}

const expire = (prefix: string, after: Duration) => ({
  prefix,
  expiration: after,
  noncurrentVersionExpiration: Duration.days(1),
});
