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

/** Every figure that is counted. */
export const METRICS = {
  /** Now − the newest instant before which coverage has no gap. */
  Lag: { unit: 'Seconds', kept: 'metric of an account' },
  /** Records of finished days that are not where they should be, after every repair; 0: proven. By the prover. */
  Incomplete: { unit: 'Count', kept: 'metric of an account' },
  /** Whole days until the password or the token expires, where the source or the token tells; 0: it was refused. */
  CredentialDaysLeft: { unit: 'Count', kept: 'metric of an account' },
  /** Seconds covered with an exception: the source counts records that it does not show. */
  Exceptions: { unit: 'Count', kept: 'metric' },
  /** Things put aside that no retry cures. */
  Quarantined: { unit: 'Count', kept: 'metric' },
  /** Windows that a tick has read or counted, and found to be whole. */
  WindowsCovered: { unit: 'Count', kept: 'metric' },
  /** 1 for a tick that the source, or a service of ours, ended before its time; 0 for any other. */
  TicksRefused: { unit: 'Count', kept: 'metric' },
  /** Seconds of call time whose re-reads are due and not yet done. */
  SweepDebt: { unit: 'Seconds', kept: 'metric' },
  /** Requests of a tick, first backfill apart, ÷ requests that it was allowed. */
  BudgetUsed: { unit: 'Percent', kept: 'metric' },
  /** Records that an edit look has read again, and those of them that had changed. */
  RecordsReread: { unit: 'Count', kept: 'metric' },
  RecordsChanged: { unit: 'Count', kept: 'metric' },
  RecordsSent: { unit: 'Count', kept: 'metric' },
  /** Rows that the window asked for does not explain. */
  StrangeRows: { unit: 'Count', kept: 'log' },
  /** The source took no notice of the duration filter. */
  DurationFilterIgnored: { unit: 'Count', kept: 'log' },
  RequestsSent: { unit: 'Count', kept: 'log' },
  RecordsSeen: { unit: 'Count', kept: 'log' },
  /** Records of packs that the consumer has finished, new, changed or repeated. */
  RecordsIngested: { unit: 'Count', kept: 'log' },
  /** Finished days that are due as curated files, and are not. */
  DaysNotCurated: { unit: 'Count', kept: 'log' },
  EventsPublished: { unit: 'Count', kept: 'log' },
} as const satisfies Readonly<Record<string, { unit: Unit; kept: Kept }>>;
export type MetricName = keyof typeof METRICS;

/** The log line of an invocation in which its figures stand, by their names. */
export const COUNTED = 'counted';
/** The log line in which a tick tells how it ended. */
export const TICK_ENDED = 'tick ended';
