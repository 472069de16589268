/** What one tick of one account asks of AWS, on average over a day. */
export interface TickUse {
  readonly objectGets: number;
  readonly objectPuts: number;
  readonly ledgerGets: number;
  readonly ledgerPuts: number;
  /** DynamoDB takes one for each kilobyte begun. */
  readonly ledgerUnits: number;
  readonly messages: number;
}

/**
 * Counted with the real poller in virtual time, every look of the first day due, 2 % of records late, pages of
 * 100 (`node bench/tick-usage.ts`, November 2026). Between two of them it is taken to be a line; beyond the last, to go
 * on as between the last two.
 */
export const MEASURED_TICKS: readonly (TickUse & { readonly callsPerMinute: number })[] = [
  tick(0, 0.28, 0.02, 2, 2, 0),
  tick(2.3, 3.25, 0.98, 2.92, 5.83, 1.47),
  tick(14, 3.34, 1.23, 3, 6, 2.5),
  tick(20, 3.35, 1.32, 3, 6, 3.29),
  tick(70, 3.38, 1.65, 3, 6, 5.47),
  tick(200, 3.49, 2.01, 3, 6, 10.53),
];

function tick(
  callsPerMinute: number,
  objectGets: number,
  objectPuts: number,
  ledgerPuts: number,
  ledgerUnits: number,
  messages: number,
) {
  return { callsPerMinute, objectGets, objectPuts, ledgerGets: 1, ledgerPuts, ledgerUnits, messages };
}

/** A tick at any density. */
export const tickUse = (callsPerMinute: number): TickUse => {
  const after = MEASURED_TICKS.findIndex((measured) => measured.callsPerMinute > callsPerMinute);
  const at = after === -1 ? MEASURED_TICKS.length - 1 : Math.max(1, after);
  const [low, high] = [MEASURED_TICKS[at - 1], MEASURED_TICKS[at]];
  if (!low || !high) throw new RangeError('nothing was measured');
  const share = (callsPerMinute - low.callsPerMinute) / (high.callsPerMinute - low.callsPerMinute);
  const between = (name: keyof TickUse) => low[name] + share * (high[name] - low[name]);
  return {
    objectGets: between('objectGets'),
    objectPuts: between('objectPuts'),
    ledgerGets: between('ledgerGets'),
    ledgerPuts: between('ledgerPuts'),
    ledgerUnits: between('ledgerUnits'),
    messages: between('messages'),
  };
};

// Measured, each by what is named.

/** Records sent for every call: what was late, or edited, comes again (the same measurement: 1.03 to 1.06). */
export const RECORDS_PER_CALL = 1.03;
/** Bytes at rest a record, at packs as small as 20 calls a minute make them (npm run bench -- --only live). */
export const ARCHIVE_BYTES = 460;
/** An index entry, and the same in every secondary index, which carries the whole of it (test/unit/billed-sizes.test.ts). */
export const ENTRY_BYTES = 600;
/** One event on the bus, with what EventBridge adds to it (test/unit/billed-sizes.test.ts). */
export const EVENT_BYTES = 1_100;
/** Bytes at rest of a record in a file of a finished day (npm run bench -- --only stages). */
export const CURATED_BYTES = 229;
/** The same of the masked file beside it. */
export const MASKED_BYTES = 39;

// Read from the code, or from AWS's documentation where it says so.

/** DynamoDB adds to what it stores of every entry (its documentation). */
export const ENTRY_OVERHEAD = 100;
/** How often the files of a day are made: when it is old enough, and again after the last look at it. */
export const GENERATIONS = 2;
/** Each object of the archive is read twice for that. */
export const CURATION_PASSES = 2;
/** Metrics that are sent only where there are calls (test/infra/alarms.test.ts holds which are sent at all). */
export const CALL_METRICS: ReadonlySet<string> = new Set(['ExcessChanges']);
/** A process reads a secret every ten minutes (shared/adapters/authorised-source.ts). */
export const SECRET_READS_PER_HOUR = 6;
/** Documents of the ledger that a tick reads beside the account's state: its orders, its session. */
export const OTHER_DOCUMENTS = 2;
/** Days that the prover looks at in every run, and the lists of each: slices of two dates, archive, results. */
export const PROVEN_DAYS = 10;
export const DAY_LISTS = 4;
/** Names that a list holds at most (S3's documentation). */
export const LIST_NAMES = 1_000;
/** How often a day is proven: at each age at which it is read again. Each time its archive is read back. */
export const PROOFS = 3;
/** What is read of a finished day at these ages leaves a slice an hour. */
export const SLICES_PER_DAY = 24 * PROOFS;
/** Lists of a run of the compactor: what came late, and the accounts; beside them one of the days of each. */
export const COMPACTOR_LISTS = 2;

// Assumed: nobody has measured it on AWS, or over a month.

/** Seconds until the source answers. */
export const SOURCE_LATENCY = 0.4;
/** Seconds of a tick that go into the ledger, lists and queue. */
export const TICK_OVERHEAD = 0.3;
/** Seconds of an invocation of the consumer, and in addition for a record in it. */
export const BATCH_SECONDS = 0.25;
export const RECORD_SECONDS = 0.003;
/** Seconds of a run of the compactor that finds nothing to do, and in addition for a record that it makes a row of. */
export const IDLE_CURATION_SECONDS = 2;
export const CURATION_SECONDS = 0.0003;
/** Of a run that has nothing to prove, and of one record's proof, which is made `PROOFS` times. */
export const IDLE_PROOF_SECONDS = 3;
export const PROOF_SECONDS = 0.0003;
/** Of its life, the part in which a credential's days are told: the last 14 of 90. */
export const CREDENTIAL_TOLD = 14 / 90;
/** Bytes of logs: Lambda's own three lines, one line of ours and the metrics. */
export const TICK_LOG_BYTES = 2_500;
export const BATCH_LOG_BYTES = 2_000;
/** How small CloudWatch makes them. */
export const LOG_COMPRESSION = 0.15;
