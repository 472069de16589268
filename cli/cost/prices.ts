/** Regions whose list prices are known here. */
export const REGIONS = ['us-east-1', 'ap-south-1'] as const;
export type Region = (typeof REGIONS)[number];

/** When the prices below were last looked at. */
export const PRICES_OF = '2026-11-26';

/**
 * Where they come from. Nothing here can ask AWS's Price List API, and no price page was at hand, so they were
 * compared with public files that quote one or the other: the API for ap-south-1, read on 2026-09-17 and
 * 2026-09-22, and articles of 2026 for us-east-1. A price for which none was found is `unchecked`: it is the list
 * price as commonly known, and in ap-south-1 often that of us-east-1.
 */
export const PRICES_FROM = 'AWS public list prices, on demand, US dollars without tax';

interface Price {
  readonly service: string;
  /** What one unit is. */
  readonly unit: string;
  /** Units that `usd` buys. */
  readonly per: number;
  readonly usd: Readonly<Record<Region, number>>;
  /** Regions whose price was not compared with a source. */
  readonly unchecked?: readonly Region[];
  /** Units a month that every AWS account has free for ever, in all its regions together. */
  readonly free?: number;
}

const MILLION = 1_000_000;
const same = (usd: number): Price['usd'] => ({ 'us-east-1': usd, 'ap-south-1': usd });

/** Every price that an estimate may use. Tiers above the first are left out: nothing here reaches them. */
export const PRICES = {
  lambdaSeconds: {
    service: 'Lambda',
    unit: 'GB-second, arm64',
    per: 1,
    usd: same(0.000_013_333_4),
    free: 400_000,
  },
  lambdaRequests: {
    service: 'Lambda',
    unit: 'invocation',
    per: MILLION,
    usd: same(0.2),
    unchecked: REGIONS,
    free: MILLION,
  },
  tableWrites: {
    service: 'DynamoDB',
    unit: 'write request unit',
    per: MILLION,
    usd: { 'us-east-1': 0.625, 'ap-south-1': 0.71 },
  },
  tableReads: {
    service: 'DynamoDB',
    unit: 'read request unit',
    per: MILLION,
    usd: { 'us-east-1': 0.125, 'ap-south-1': 0.1425 },
  },
  tableStorage: {
    service: 'DynamoDB',
    unit: 'GB-month',
    per: 1,
    usd: { 'us-east-1': 0.25, 'ap-south-1': 0.285 },
    free: 25,
  },
  tableBackup: {
    service: 'DynamoDB',
    unit: 'GB-month of point-in-time recovery',
    per: 1,
    usd: { 'us-east-1': 0.2, 'ap-south-1': 0.228 },
    unchecked: REGIONS,
  },
  bucketStorage: {
    service: 'S3',
    unit: 'GB-month, standard',
    per: 1,
    usd: { 'us-east-1': 0.023, 'ap-south-1': 0.025 },
  },
  bucketWrites: { service: 'S3', unit: 'PUT or LIST', per: 1_000, usd: same(0.005) },
  bucketReads: { service: 'S3', unit: 'GET', per: 1_000, usd: same(0.000_4) },
  queueRequests: {
    service: 'SQS',
    unit: 'request of at most 64 KB',
    per: MILLION,
    usd: same(0.4),
    unchecked: REGIONS,
    free: MILLION,
  },
  events: {
    service: 'EventBridge',
    unit: 'custom event of at most 64 KB',
    per: MILLION,
    usd: same(1),
    unchecked: ['ap-south-1'],
  },
  eventArchiving: {
    service: 'EventBridge',
    unit: 'GB put into a bus archive',
    per: 1,
    usd: same(0.1),
    unchecked: REGIONS,
  },
  eventArchive: {
    service: 'EventBridge',
    unit: 'GB-month of a bus archive',
    per: 1,
    usd: same(0.023),
    unchecked: REGIONS,
  },
  schedules: {
    service: 'EventBridge',
    unit: 'invocation by the Scheduler',
    per: MILLION,
    usd: same(1),
    unchecked: REGIONS,
    free: 14 * MILLION,
  },
  secrets: { service: 'Secrets Manager', unit: 'secret-month', per: 1, usd: same(0.4), unchecked: REGIONS },
  secretRequests: {
    service: 'Secrets Manager',
    unit: 'request',
    per: 10_000,
    usd: same(0.05),
    unchecked: REGIONS,
  },
  keys: { service: 'KMS', unit: 'key-month', per: 1, usd: same(1) },
  keyRequests: { service: 'KMS', unit: 'request', per: 10_000, usd: same(0.03), free: 20_000 },
  metrics: {
    service: 'CloudWatch',
    unit: 'custom metric-month',
    per: 1,
    usd: same(0.3),
    unchecked: ['ap-south-1'],
    free: 10,
  },
  alarms: { service: 'CloudWatch', unit: 'alarmed metric-month', per: 1, usd: same(0.1), free: 10 },
  compositeAlarms: {
    service: 'CloudWatch',
    unit: 'composite alarm-month',
    per: 1,
    usd: same(0.5),
    unchecked: REGIONS,
  },
  dashboards: {
    service: 'CloudWatch',
    unit: 'dashboard-month',
    per: 1,
    usd: same(3),
    unchecked: ['ap-south-1'],
    free: 3,
  },
  logsIn: {
    service: 'CloudWatch Logs',
    unit: 'GB taken in',
    per: 1,
    usd: { 'us-east-1': 0.5, 'ap-south-1': 0.67 },
    free: 5,
  },
  logsKept: {
    service: 'CloudWatch Logs',
    unit: 'GB-month, compressed',
    per: 1,
    usd: same(0.03),
    unchecked: REGIONS,
  },
  logsMasked: {
    service: 'CloudWatch Logs',
    unit: 'GB looked through for personal data',
    per: 1,
    usd: same(0.12),
    unchecked: REGIONS,
  },
  mails: {
    service: 'SNS',
    unit: 'e-mail',
    per: 100_000,
    usd: same(2),
    unchecked: REGIONS,
    free: 1_000,
  },
  queries: { service: 'Athena', unit: 'TB scanned', per: 1, usd: same(5), unchecked: REGIONS },
} as const satisfies Readonly<Record<string, Price>>;

export type PriceName = keyof typeof PRICES;

export const priceOf = (name: PriceName): Price => PRICES[name];

/** The prices that no source was found for, in words, of some regions. */
export const uncheckedPrices = (regions: readonly Region[]): string[] =>
  Object.values<Price>(PRICES).flatMap(({ service, unit, unchecked = [] }) =>
    unchecked.filter((region) => regions.includes(region)).map((region) => `${service} ${unit}, ${region}`),
  );
