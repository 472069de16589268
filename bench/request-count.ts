import type { IncomingHttpHeaders } from 'node:http';

/** How AWS names its services in `x-amz-target`. */
const SERVICES: readonly (readonly [prefix: string, service: string])[] = [
  ['DynamoDB', 'DynamoDB'],
  ['AmazonSQS', 'SQS'],
  ['AWSEvents', 'EventBridge'],
  ['secretsmanager', 'SecretsManager'],
];

const S3_OPERATIONS: Readonly<Record<string, string>> = {
  GET: 'GetObject',
  PUT: 'PutObject',
  HEAD: 'HeadObject',
  DELETE: 'DeleteObject',
};

/** The service and operation that a request of the AWS SDK asks for, e.g. `DynamoDB PutItem`. */
export const operationOf = (method: string, url: string, headers: IncomingHttpHeaders): string => {
  const target = String(headers['x-amz-target'] ?? '');
  const [prefix = '', operation = ''] = target.split('.');
  const service = SERVICES.find(([known]) => prefix.startsWith(known))?.[1];
  if (service !== undefined) return `${service} ${operation}`;
  return `S3 ${url.includes('list-type=') ? 'ListObjectsV2' : (S3_OPERATIONS[method] ?? method)}`;
};

/** Requests by `service operation`. */
export type RequestCounts = Readonly<Record<string, number>>;

export class RequestCount {
  readonly #counts = new Map<string, number>();

  add(operation: string): void {
    this.#counts.set(operation, (this.#counts.get(operation) ?? 0) + 1);
  }

  /** What was counted since the last time, sorted by name. */
  take(): RequestCounts {
    const taken = Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
    this.#counts.clear();
    return taken;
  }
}

/** Counts for every 1,000 records, one decimal. */
export const perThousand = (counts: RequestCounts, records: number): RequestCounts =>
  Object.fromEntries(
    Object.entries(counts).map(([operation, count]) => [
      operation,
      Math.round((10_000 * count) / records) / 10,
    ]),
  );
