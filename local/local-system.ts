import type { CallNews } from '../cli/call-line.ts';
import type { CallEvent } from '../shared/contract/call-event.ts';
import type { TickInput, TickReport } from '../shared/contract/tick.ts';
import type { EpochMs } from '../shared/core/time.ts';
import type { Comparison } from './comparison.ts';
import type { DataFolder } from './data-folder.ts';
import type { Fetched, RunTotals } from './run-figures.ts';
import type { Ending } from './scheduler.ts';
import type { SourceChoice } from './source-choice.ts';
import type { LocalStatus } from './status.ts';

/** What a run tells while it runs. */
export type News =
  | { readonly kind: 'call'; readonly call: CallNews; readonly event: CallEvent }
  | { readonly kind: 'turn'; readonly reports: readonly TickReport[] }
  /** The consumer did not take these messages; they come again. */
  | { readonly kind: 'returned'; readonly messages: number; readonly reason: string };

export interface SystemOptions {
  /** The folder in which everything lies. */
  readonly data: string;
  /** Sets what is there aside and begins anew. */
  readonly fresh: boolean;
  /** What to fetch first, UTC epoch ms; `to` is not included. */
  readonly from: EpochMs | undefined;
  readonly to: EpochMs | undefined;
  /** With an end of the span: nothing else is looked at. */
  readonly once: boolean;
  /** Only these looks are done, whatever else is owed. */
  readonly only?: TickInput['only'];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stop: AbortSignal;
  readonly hear: (news: News) => void;
  /** Called before anything heavy begins. `notes` are lines for people. */
  readonly opened: (status: LocalStatus, notes: readonly string[]) => void;
}

/** The whole system on one machine: what `cdk deploy` installs, and a source for it. */
export interface LocalSystem {
  status(): LocalStatus;
  totals(): RunTotals;
  /** Of what is fetched first, how much has arrived. */
  progress(): Fetched;
  /** Ticks at once, again and again, until nothing but fresh calls is owed. */
  catchUp(): Promise<Ending>;
  /** Ticks at its interval until stopped. */
  follow(): Promise<Ending>;
  /** Has the days proven that are due, and whatever else a schedule calls. */
  runSidelines(): Promise<void>;
  /** Waits until the queue is empty. */
  drain(): Promise<'drained' | 'stuck' | 'stopped'>;
  /** Waits a moment for what is in flight and ends the rest, which the next start does: nothing changes after it. */
  settle(): Promise<void>;
  /** Reads archive, index and bus, and writes what it found into the status. */
  compare(what: 'all' | 'today'): Promise<Comparison>;
  close(): Promise<void>;
}

/** What is settled before anything heavy is loaded. */
export interface Opened {
  readonly options: SystemOptions;
  readonly choice: SourceChoice;
  readonly folder: DataFolder;
  readonly status: LocalStatus;
  /** The last word of the run before. */
  readonly before: LocalStatus | undefined;
  readonly startedAt: EpochMs;
}
