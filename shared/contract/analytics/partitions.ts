import type { Columns } from './column.ts';

/** Both are partitions: a filter on them decides what is read and paid for. */
export const PARTITIONS = {
  account: {
    type: 'text',
    says: 'The Smartflo account, as named in the configuration.',
    source: 'partition',
    null: 'never',
  },
  dt: {
    type: 'text',
    says: 'The IST date on which the call started, `YYYY-MM-DD`; `unknown` where the record has no real date. Filter on it: it decides what a query costs.',
    source: 'partition, from `date`',
    null: 'never',
  },
} as const satisfies Columns;
