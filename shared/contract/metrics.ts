/** All custom metrics stand in this namespace of CloudWatch. */
export const METRIC_NAMESPACE = 'SmartfloCdr';

/**
 * Every custom metric. CloudWatch takes $0.30 a month for each name and set of dimensions, so only what must be
 * known of one account has the dimension `account`: whether it lags, whether it is complete, whether its
 * credential lives. What a service counts by itself (messages, errors, age, dead letters) is not counted again.
 */
export const METRICS = {
  /** Now − the newest instant before which coverage has no gap. */
  Lag: { unit: 'Seconds', perAccount: true },
  /** Seconds covered with an exception: the source counts records that it does not show. */
  Exceptions: { unit: 'Count', perAccount: true },
  /** Things put aside that no retry cures. */
  Quarantined: { unit: 'Count', perAccount: true },
  /** Whole days until the password or the token expires, where the source or the token tells; 0: it was refused. */
  CredentialDaysLeft: { unit: 'Count', perAccount: true },
  /** Seconds of call time whose re-reads are due and not yet done. */
  SweepDebt: { unit: 'Seconds', perAccount: false },
  /** Requests needed ÷ requests allowed. */
  BudgetUsed: { unit: 'Percent', perAccount: false },
  /** Rows that the window asked for does not explain. */
  StrangeRows: { unit: 'Count', perAccount: false },
  /** The source took no notice of the duration filter. */
  DurationFilterIgnored: { unit: 'Count', perAccount: false },
  RequestsSent: { unit: 'Count', perAccount: false },
  RecordsSeen: { unit: 'Count', perAccount: false },
  RecordsSent: { unit: 'Count', perAccount: false },
  /** Records of packs that the consumer has finished, new, changed or repeated. */
  RecordsIngested: { unit: 'Count', perAccount: false },
  /** Finished days that are due as curated files, and are not: `calls` reads them from the raw archive. */
  DaysNotCurated: { unit: 'Count', perAccount: false },
  EventsPublished: { unit: 'Count', perAccount: false },
} as const satisfies Readonly<Record<string, { unit: 'Seconds' | 'Count' | 'Percent'; perAccount: boolean }>>;
export type MetricName = keyof typeof METRICS;
