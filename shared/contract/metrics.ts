/** All custom metrics stand in this namespace of CloudWatch. */
export const METRIC_NAMESPACE = 'SmartfloCdr';

/**
 * Where a figure is kept. CloudWatch takes $0.30 a month for each name and set of dimensions, so a metric is only
 * what an alarm needs, and it has the dimension `account` only where one account must be known: whether it lags,
 * whether it is complete, whether its credential lives. What is only looked at is a number in a log line, which
 * costs nearly nothing and can be summed. What a service counts by itself (messages, errors, age, dead letters)
 * is not counted again.
 */
export type Kept = 'metric of an account' | 'metric' | 'log';

export type Unit = 'Seconds' | 'Count' | 'Percent';

/**
 * Values that are sent to CloudWatch, bounds included. It takes money for every hour in which a metric comes, so one
 * that says nothing while all is well is sent only when it does not: its alarm takes no value for well. The figure
 * itself stands in a log line at all times.
 *
 * @see docs/adr/0011-paid-metrics.md
 */
export interface Sent {
  readonly from?: number;
  readonly to?: number;
}

/** Every figure that is counted. */
export const METRICS = {
  /** Now − the newest instant before which coverage has no gap. */
  Lag: { unit: 'Seconds', kept: 'metric of an account' },
  /** Records of finished days that are not where they should be, after every repair. By the prover, every hour. */
  Incomplete: { unit: 'Count', kept: 'metric of an account', sent: { from: 1 } },
  /** Whole days until the password or the token expires, where the source or the token tells; 0: it was refused. */
  CredentialDaysLeft: { unit: 'Count', kept: 'metric of an account', sent: { to: 14 } },
  /** Seconds covered with an exception: the source counts records that it does not show. */
  Exceptions: { unit: 'Count', kept: 'metric', sent: { from: 1 } },
  /** Things put aside that no retry cures. */
  Quarantined: { unit: 'Count', kept: 'metric', sent: { from: 1 } },
  /** Records that a tick has sent. One that covered no window gives no value, not even 0: it says nothing of calls. */
  RecordsSent: { unit: 'Count', kept: 'metric' },
  /** 1 for a tick that the source, or a service of ours, ended before its time. */
  TicksRefused: { unit: 'Count', kept: 'metric', sent: { from: 1 } },
  /** The same, and for a tick that asked nothing because its credential was refused: whatever a cause is told of. */
  TicksHindered: { unit: 'Count', kept: 'metric', sent: { from: 1 } },
  /** Seconds of call time whose re-reads are due and not yet done. Half a day of them is an ordinary outage. */
  SweepDebt: { unit: 'Seconds', kept: 'metric', sent: { from: 43_200 } },
  /** Requests of a tick, first backfill apart, ÷ requests that it was allowed. Above 80 edits are stretched. */
  BudgetUsed: { unit: 'Percent', kept: 'metric', sent: { from: 80 } },
  /**
   * Records that an edit look found changed, beyond a fifth of those that it read again; below 0 where fewer were. So
   * its sum over ticks and accounts is above 0 where over a fifth of all had changed, and one metric does for two.
   */
  ExcessChanges: { unit: 'Count', kept: 'metric' },
  /** Rows that the window asked for does not explain. */
  StrangeRows: { unit: 'Count', kept: 'log' },
  /** The source took no notice of the duration filter. */
  DurationFilterIgnored: { unit: 'Count', kept: 'log' },
  /** Records that an edit look has read again, and those of them that had changed. */
  RecordsReread: { unit: 'Count', kept: 'log' },
  RecordsChanged: { unit: 'Count', kept: 'log' },
  RequestsSent: { unit: 'Count', kept: 'log' },
  RecordsSeen: { unit: 'Count', kept: 'log' },
  /** Records of packs that the consumer has finished, new, changed or repeated. */
  RecordsIngested: { unit: 'Count', kept: 'log' },
  /** Finished days that are due as curated files, and are not. */
  DaysNotCurated: { unit: 'Count', kept: 'log' },
  EventsPublished: { unit: 'Count', kept: 'log' },
} as const satisfies Readonly<Record<string, { unit: Unit; kept: Kept; sent?: Sent }>>;
export type MetricName = keyof typeof METRICS;

/** What of a metric is sent: everything, unless it says otherwise. */
export const sentOf = (name: MetricName): Sent => {
  const metric: { readonly unit: Unit; readonly sent?: Sent } = METRICS[name];
  return metric.sent ?? {};
};

/** Whether a value of a metric goes to CloudWatch. */
export const isSent = (name: MetricName, value: number): boolean => {
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = sentOf(name);
  return from <= value && value <= to;
};

/** The log line of an invocation in which its figures stand, by their names. */
export const COUNTED = 'counted';
/** The log line in which the prover tells, every hour, what of an account's finished days is not where it should be. */
export const DAYS_LOOKED_AT = 'finished days were looked at';
/** The log line in which a tick tells how it ended. */
export const TICK_ENDED = 'tick ended';
