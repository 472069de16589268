import {
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { ObjectStore, StoredObject } from '../ports/object-store.ts';

/** S3 answers 409 while another conditional write of the same key is under way, and asks to try again. */
const TRIES = 5;

type Condition = { IfNoneMatch: '*' } | { IfMatch: string };

const statusOf = (error: unknown): number | undefined =>
  error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;

/** The bucket of the archive. Versions are ETags. */
export const createS3ObjectStore = (client: S3Client, bucket: string): ObjectStore => {
  /** The new ETag; undefined where the condition does not hold. A missing object fails `IfMatch` with 404. */
  const put = async (key: string, body: Uint8Array, condition: Condition): Promise<string | undefined> => {
    for (let tries = 1; ; tries++) {
      try {
        const command = new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ...condition });
        const { ETag } = await client.send(command);
        return ETag ?? '';
      } catch (error) {
        const status = statusOf(error);
        if (status === 412 || (status === 404 && 'IfMatch' in condition && error instanceof NoSuchKey))
          return undefined;
        if (status !== 409 || tries >= TRIES) throw error;
      }
    }
  };

  const read = async (key: string): Promise<StoredObject | undefined> => {
    try {
      const { Body, ETag } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return { body: (await Body?.transformToByteArray()) ?? new Uint8Array(), version: ETag ?? '' };
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  };

  return {
    read,
    async create(key, body) {
      return (await put(key, body, { IfNoneMatch: '*' })) === undefined ? 'exists' : 'created';
    },
    async replace(key, body, expected) {
      const version = await put(
        key,
        body,
        expected === undefined ? { IfNoneMatch: '*' } : { IfMatch: expected },
      );
      if (version !== undefined) return { version };
      // The SDK repeats a put whose reply was lost, and the repeat fails its condition against our own first try.
      const present = await read(key);
      return present !== undefined && Buffer.compare(present.body, body) === 0
        ? { version: present.version }
        : 'conflict';
    },
    async *list(prefix) {
      let after: string | undefined;
      do {
        const page = await client.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: after }),
        );
        for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key;
        after = page.NextContinuationToken;
      } while (after !== undefined);
    },
  };
};
