/**
 * All that a log line may hold beside its message: names of accounts, instants, codes, counts, and ids of messages and
 * objects. What is not in this list is not written, so that neither a number nor a name, a token, an address or a
 * text of the source can get into a log by the way of a spread.
 */
export const LOG_FACTS = [
  'account',
  'budgetUsed',
  'bytes',
  'code',
  'covered',
  'daysLeft',
  'dt',
  'files',
  'filterOn',
  'incomplete',
  'latency',
  'line',
  'lists',
  'messageId',
  'missingToday',
  'object',
  'outcome',
  'pieces',
  'rawFrom',
  'reason',
  'receives',
  'records',
  'requests',
  'second',
  'sent',
  'sweepDebt',
] as const;
export type LogFact = (typeof LOG_FACTS)[number];
