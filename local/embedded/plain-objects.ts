import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
// fauxqs exports only `buildApp`, which takes the stores but does not hand out their classes.
import { PersistenceManager } from '../../node_modules/fauxqs/dist/persistence.js';
import type { S3Store } from '../../node_modules/fauxqs/dist/s3/s3Store.js';
import type { S3Object } from '../../node_modules/fauxqs/dist/s3/s3Types.js';
import type { Ms } from '../../shared/core/time.ts';

/** A key that can be a path on every system as it stands: no escape, no colon, no empty part. */
const PLAIN_KEY = /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[^\p{Cc}<>:"|?*\\/]+(?:\/[^\p{Cc}<>:"|?*\\/]+)*$/u;

/**
 * Between the time that a file is given and the time that it is read to have, a binary fraction of seconds lies. Written
 * by anybody else within the same millisecond, it differs by more.
 */
const TIME_ERROR: Ms = 0.01;

/**
 * What the embedded S3 and SQS remember over a restart. Objects lie under `root` by their own keys, so that
 * a person can open them; what else S3 knows of them (etag, type, checksum), and all of SQS, is fauxqs's
 * own SQLite file under `state`.
 *
 * A file is renamed into place before its row is written. A kill between the two leaves a newer file with an
 * older row: `loadS3` sees it by size and time, and reads the file again.
 */
export class PlainObjects extends PersistenceManager {
  readonly #root: string;
  #bucket: string | undefined;

  constructor(root: string, state: string) {
    super(state);
    this.#root = root;
    // A write then survives the end of the process, not a power cut, as dynalite's do; waiting for the disk
    // at every message and object took two to four times as long.
    const database: unknown = Reflect.get(this, 'db');
    if (database instanceof DatabaseSync) database.exec('PRAGMA synchronous = NORMAL');
  }

  override insertBucket(...[name, createdAt, type]: Parameters<PersistenceManager['insertBucket']>): void {
    this.#claim(name);
    super.insertBucket(name, createdAt, type);
  }

  override upsertObject(bucket: string, object: S3Object): void {
    const path = this.#pathOf(object.key);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.new`, object.body);
    utimesSync(`${path}.new`, object.lastModified, object.lastModified);
    renameSync(`${path}.new`, path);
    super.upsertObject(bucket, { ...object, body: Buffer.alloc(0) });
  }

  override readBody(_bucket: string, key: string): Buffer {
    return readFileSync(this.#pathOf(key));
  }

  override deleteObject(bucket: string, key: string): void {
    rmSync(this.#pathOf(key), { force: true });
    super.deleteObject(bucket, key);
  }

  /** A file that was removed by hand is an object that is not there; one that was changed is a new object. */
  override loadS3(store: S3Store): void {
    super.loadS3(store);
    for (const { name } of store.listBuckets()) {
      this.#claim(name);
      for (const object of store.listObjects(name, { maxKeys: Number.POSITIVE_INFINITY }).objects) {
        const path = this.#pathOf(object.key);
        if (!existsSync(path)) {
          store.deleteObject(name, object.key);
          super.deleteObject(name, object.key);
          continue;
        }
        const { size, mtimeMs } = statSync(path);
        const isOurs = Math.abs(mtimeMs - object.lastModified.getTime()) < TIME_ERROR;
        if (size === object.contentLength && isOurs) continue;
        const body = readFileSync(path);
        const { key, contentType, metadata } = object;
        const etag = `"${createHash('md5').update(body).digest('hex')}"`;
        const found = {
          key,
          contentType,
          metadata,
          body,
          etag,
          contentLength: size,
          lastModified: new Date(mtimeMs),
        };
        this.upsertObject(name, found);
        store.restoreObject(name, { ...found, body: Buffer.alloc(0) });
      }
    }
  }

  /** fauxqs would set the receive count to NULL, which its own schema refuses. It was received, so: once. */
  override updateMessageReady(messageId: string): void {
    super.updateMessageInflight(messageId, '', 0, 1, undefined);
  }

  /** The keys of one bucket are the paths; a second one would mix with it. */
  #claim(bucket: string): void {
    if (this.#bucket !== undefined && this.#bucket !== bucket)
      throw new Error(`one data folder holds one bucket: it has ${this.#bucket}, so ${bucket} needs another`);
    this.#bucket = bucket;
  }

  #pathOf(key: string): string {
    if (!PLAIN_KEY.test(key)) throw new Error('this key can not be a file path on every system');
    return join(this.#root, ...key.split('/'));
  }
}
