import { join } from 'node:path';
import { buildApp } from 'fauxqs';
// fauxqs exports only `buildApp`, which takes the stores but does not hand out their classes.
import { S3Store } from '../../node_modules/fauxqs/dist/s3/s3Store.js';
import { SnsStore } from '../../node_modules/fauxqs/dist/sns/snsStore.js';
import { SqsStore } from '../../node_modules/fauxqs/dist/sqs/sqsStore.js';
import { PlainObjects } from './plain-objects.ts';

/** The account of everything embedded, as fauxqs has it in its queue URLs and ARNs. */
export const LOCAL_ACCOUNT = '000000000000';

/** S3 lists keys by byte. fauxqs sorts them by locale but pages them by code unit, and so would skip some. */
class OrderedObjects extends S3Store {
  override listObjects(
    ...[bucket, options]: Parameters<S3Store['listObjects']>
  ): ReturnType<S3Store['listObjects']> {
    if (options?.delimiter) return super.listObjects(bucket, options);
    const after = options?.startAfter ?? options?.marker ?? '';
    const found = super
      .listObjects(bucket, { prefix: options?.prefix ?? '', maxKeys: Number.POSITIVE_INFINITY })
      .objects.filter(({ key }) => key > after)
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    const limit = options?.maxKeys ?? 1000;
    return { objects: found.slice(0, limit), commonPrefixes: [], isTruncated: found.length > limit };
  }
}

/** Queue URLs name the loopback address and the port of this run, those of an earlier run too. */
class LoopbackQueues extends SqsStore {
  origin = '';

  override createQueue(
    ...[name, , ...rest]: Parameters<SqsStore['createQueue']>
  ): ReturnType<SqsStore['createQueue']> {
    return super.createQueue(name, `${this.origin}/${LOCAL_ACCOUNT}/${name}`, ...rest);
  }
}

/**
 * S3 and SQS on 127.0.0.1, by fauxqs. With a folder, both come back after a restart.
 * @returns the endpoint of both.
 */
export const startObjectsAndQueues = async (
  dataDir?: string,
): Promise<{ endpoint: string; close(): Promise<void> }> => {
  const s3Store = new OrderedObjects();
  const sqsStore = new LoopbackQueues();
  const snsStore = new SnsStore();
  const app = buildApp({ logger: false, stores: { s3Store, sqsStore, snsStore } });

  // fauxqs ignores the conditions of a write (2.4.1). This hook, the handler and the store are synchronous,
  // so no other request comes between the check and the write.
  app.addHook('preHandler', (request, reply, done) => {
    const wantsNone = request.headers['if-none-match'];
    const wanted = request.headers['if-match'];
    if (request.method !== 'PUT' || (wantsNone === undefined && wanted === undefined)) return done();
    const [bucket = '', ...parts] = decodeURIComponent(new URL(request.url, 'http://s3').pathname)
      .slice(1)
      .split('/');
    const etag = etagOf(s3Store, bucket, parts.join('/'));
    if (wanted !== undefined && etag === undefined) return refuse(reply, 404, 'NoSuchKey');
    if (wantsNone === '*' ? etag === undefined : wanted === etag) return done();
    return refuse(reply, 412, 'PreconditionFailed');
  });

  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  sqsStore.origin = endpoint;
  const kept = dataDir === undefined ? undefined : new PlainObjects(dataDir, join(dataDir, '.state'));
  if (kept) {
    kept.loadSqsAndSns(sqsStore, snsStore);
    kept.loadS3(s3Store);
    s3Store.persistence = kept;
    sqsStore.persistence = kept;
    for (const queue of sqsStore.allQueues()) {
      queue.persistence = kept;
      // Whoever had received these is gone with the run before: they need not wait for their visibility timeout.
      for (const handle of queue.inflightMessages.keys()) queue.changeVisibility(handle, 0);
    }
  }
  return {
    endpoint,
    async close() {
      await app.close();
      kept?.close();
    },
  };
};

const etagOf = (store: S3Store, bucket: string, key: string): string | undefined => {
  try {
    return store.headObject(bucket, key).etag;
  } catch {
    return undefined;
  }
};

interface XmlReply {
  code(status: number): XmlReply;
  type(contentType: string): XmlReply;
  send(body: string): unknown;
}
const refuse = (reply: XmlReply, status: number, code: string): void => {
  reply
    .code(status)
    .type('application/xml')
    .send(
      `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
    );
};
