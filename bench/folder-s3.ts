import { hash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Answer, type Asked, type AwsServer, keyOf, NOT_THERE, startAwsServer } from './aws-server.ts';

/** Keys that S3 lists in one answer. */
const LISTED = 1_000;

const REFUSED: Answer = { status: 412, body: '' };

const etagOf = (body: Buffer): string => `"${hash('md5', body, 'hex')}"`;

/** What the SDK streams comes in chunks, each after a line with its length in hex. */
const bodyOf = ({ headers, body }: Asked): Buffer => {
  if (!String(headers['content-encoding']).includes('aws-chunked')) return body;
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = body.indexOf('\r\n', at);
    const length = Number.parseInt(body.toString('latin1', at, line), 16);
    if (!(length > 0)) return Buffer.concat(chunks);
    chunks.push(body.subarray(line + 2, line + 2 + length));
    at = line + 2 + length + 2;
  }
};

/**
 * A folder as a bucket, as much of S3 as the compactor asks: what lies in it, also from before, is there by its path. Nothing of
 * it is held, so that a day may be large.
 */
export const startFolderS3 = (root: string): Promise<AwsServer> => {
  const at = (key: string) => join(root, key);

  const list = (url: string): Answer => {
    const asked = new URL(url, 'http://s3').searchParams;
    const prefix = asked.get('prefix') ?? '';
    const after = asked.get('continuation-token') ?? asked.get('start-after') ?? '';
    const keys = globSync(`${prefix}**`, { cwd: root, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
    const delimited = asked.get('delimiter') !== null;
    const names = delimited
      ? keys
          .filter((key) => key.includes('/', prefix.length))
          .map((key) => key.slice(0, key.indexOf('/', prefix.length) + 1))
      : keys;
    const found = [...new Set(names)].filter((name) => name > after).sort();
    const shown = found.slice(0, LISTED);
    const [open, close] = delimited
      ? ['<CommonPrefixes><Prefix>', '</Prefix></CommonPrefixes>']
      : ['<Contents><Key>', '</Key></Contents>'];
    const more = found.length > LISTED;
    const next = more ? `<NextContinuationToken>${shown.at(-1)}</NextContinuationToken>` : '';
    return {
      status: 200,
      type: 'application/xml',
      body: `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><KeyCount>${shown.length}</KeyCount><IsTruncated>${more}</IsTruncated>${shown.map((name) => open + name + close).join('')}${next}</ListBucketResult>`,
    };
  };

  const put = (key: string, asked: Asked): Answer => {
    const present = existsSync(at(key)) ? readFileSync(at(key)) : undefined;
    if (asked.headers['if-none-match'] === '*' && present) return REFUSED;
    const expected = asked.headers['if-match'];
    if (expected !== undefined && (!present || etagOf(present) !== expected)) return REFUSED;
    const body = bodyOf(asked);
    mkdirSync(dirname(at(key)), { recursive: true });
    writeFileSync(at(key), body);
    return { status: 200, body: '', etag: etagOf(body) };
  };

  const get = (key: string, range: string | undefined): Answer => {
    if (!existsSync(at(key))) return NOT_THERE;
    const body = readFileSync(at(key));
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
    return from === undefined
      ? { status: 200, body, etag: etagOf(body) }
      : { status: 206, body: body.subarray(Number(from), Number(to) + 1) };
  };

  return startAwsServer((operation, asked) => {
    if (operation === 'S3 ListObjectsV2') return list(asked.url);
    const key = keyOf(asked.url);
    return asked.method === 'PUT' ? put(key, asked) : get(key, asked.headers.range);
  });
};
