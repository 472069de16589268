import type { VolatilePaths } from '../../shared/core/content-hash.ts';
import type { Look, Policy } from '../../shared/core/policy.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import type { Asking } from './asking.ts';
import type { Evidence } from './evidence.ts';
import type { Outbox } from './outbox.ts';
import type { Quarantine } from './quarantine.ts';
import type { SentLists } from './sent-lists.ts';

/** Why a tick ended before everything that fitted was asked for. */
export interface Stop {
  readonly outcome: 'auth' | 'rate-limited' | 'source-down' | 'source-ignores-window' | 'failed';
  readonly reason: string;
}

export interface PollParts {
  readonly account: string;
  readonly policy: Policy;
  readonly volatile: VolatilePaths;
  /** Sent as the `broadcast` parameter where set. */
  readonly broadcast: string | undefined;
  readonly only: readonly Look[] | undefined;
  readonly asking: Asking;
  readonly lists: SentLists;
  readonly outbox: Outbox;
  readonly quarantine: Quarantine;
  readonly evidence: Evidence;
  readonly telemetry: Telemetry;
}
