import type { DayEvent } from '../../shared/contract/day-proof.ts';
import type { EpochMs, Ms } from '../../shared/core/time.ts';
import type { Bus } from '../../shared/ports/bus.ts';
import type { CallIndex, DayIndex } from '../../shared/ports/call-index.ts';
import type { Ledger, Orders, Proofs } from '../../shared/ports/ledger.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import type { Queue, QueueDepth } from '../../shared/ports/queue.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';

export interface ProverPorts {
  readonly objects: ObjectStore;
  readonly proofs: Proofs;
  readonly orders: Orders;
  readonly ledger: Pick<Ledger, 'load'>;
  readonly index: Pick<CallIndex, 'load'>;
  readonly dayIndex: DayIndex;
  readonly queue: Queue & QueueDepth;
  readonly bus: Bus<DayEvent>;
  readonly telemetry: Telemetry;
  /** The wall clock: when a proof ended. */
  now(): EpochMs;
}

/** The time that is left of an invocation. */
export type TimeLeft = () => Ms;

/** The invocation ends soon: what is done is kept, and the next one goes on. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}
