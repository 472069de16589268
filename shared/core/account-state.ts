import type { Segment } from './coverage.ts';
import type { EpochMs } from './time.ts';

/** All that is known to be done for one account: the ledger's document. Instants are UTC epoch ms. */
export interface AccountState {
  /** Raised at every taking of the lease: the first part of every stamp. */
  readonly epoch: number;
  readonly leaseUntil: EpochMs;
  readonly coverage: readonly Segment[];
}
