import { Readable } from 'node:stream';
import {
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  NoSuchKey,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { MINUTE, type Ms } from '../core/time.ts';
import type { ObjectStore, StoredObject } from '../ports/object-store.ts';

/** S3 answers 409 while another conditional write of the same key is under way, and asks to try again. */
const TRIES = 5;

/** 128 MB take seconds; more than a minute is an outage. */
const STREAM_TIMEOUT: Ms = MINUTE;

type Condition = { IfNoneMatch: '*' } | { IfMatch: string };

const statusOf = (error: unknown): number | undefined =>
  error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;

/** The bucket of the archive. Versions are ETags. */
export const createS3ObjectStore = (client: S3Client, bucket: string): ObjectStore => {
  /** The new ETag; undefined where the condition does not hold. A missing object fails `IfMatch` with 404. */
  const put = async (
    key: string,
    content: () => Pick<PutObjectCommandInput, 'Body' | 'ContentLength'>,
    condition: Condition,
    timeout?: { requestTimeout: Ms },
  ): Promise<string | undefined> => {
    for (let tries = 1; ; tries++) {
      try {
        const command = new PutObjectCommand({ Bucket: bucket, Key: key, ...content(), ...condition });
        const { ETag } = await client.send(command, timeout);
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

  async function* pages(asked: Pick<ListObjectsV2CommandInput, 'Prefix' | 'StartAfter' | 'Delimiter'>) {
    let ContinuationToken: string | undefined;
    do {
      const page = await client.send(
        new ListObjectsV2Command({ Bucket: bucket, ...asked, ContinuationToken }),
      );
      yield page;
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
  }

  return {
    read,
    async create(key, body) {
      const etag = await put(key, () => ({ Body: body }), { IfNoneMatch: '*' });
      return etag === undefined ? 'exists' : 'created';
    },
    async createFrom(key, source) {
      const content = () => ({
        Body: Readable.from(source.open(), { objectMode: false }),
        ContentLength: source.bytes,
      });
      const etag = await put(key, content, { IfNoneMatch: '*' }, { requestTimeout: STREAM_TIMEOUT });
      return etag === undefined ? 'exists' : 'created';
    },
    async readRange(key, from, to) {
      try {
        const Range = `bytes=${from}-${to - 1}`;
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, Range }));
        return (await Body?.transformToByteArray()) ?? new Uint8Array();
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        if (statusOf(error) === 416) return new Uint8Array();
        throw error;
      }
    },
    async replace(key, body, expected) {
      const version = await put(
        key,
        () => ({ Body: body }),
        expected === undefined ? { IfNoneMatch: '*' } : { IfMatch: expected },
      );
      if (version !== undefined) return { version };
      // The SDK repeats a put whose reply was lost, and the repeat fails its condition against our own first try.
      const present = await read(key);
      return present !== undefined && Buffer.compare(present.body, body) === 0
        ? { version: present.version }
        : 'conflict';
    },
    async *list(prefix, after) {
      for await (const { Contents = [] } of pages({ Prefix: prefix, StartAfter: after }))
        for (const { Key } of Contents) if (Key !== undefined) yield Key;
    },
    async *folders(prefix) {
      for await (const { CommonPrefixes = [] } of pages({ Prefix: prefix, Delimiter: '/' }))
        for (const { Prefix } of CommonPrefixes) if (Prefix !== undefined) yield Prefix.slice(prefix.length);
    },
  };
};
