import { join } from 'node:path';
import type { CallNews } from '../cli/call-line.ts';
import type { CallEvent } from '../shared/contract/call-event.ts';
import type { TickInput, TickReport } from '../shared/contract/tick.ts';
import type { EpochMs } from '../shared/core/time.ts';
import type { Comparison } from './comparison.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import type { Fetched, RunTotals } from './run-figures.ts';
import type { Ending } from './scheduler.ts';
import { chooseSource, type SourceChoice } from './source-choice.ts';
import { type LocalStatus, NO_FIGURES, readStatus } from './status.ts';

/** What a run tells while it runs. */
export type News =
  | { readonly kind: 'call'; readonly call: CallNews; readonly event: CallEvent }
  | { readonly kind: 'turn'; readonly reports: readonly TickReport[] };

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

const DEFAULT_HOST = 'api-smartflo.tatateleservices.com';

/** Ports change with every start; the host is whose calls they are. */
const sourceName = (choice: SourceChoice): string =>
  choice.simulated ? 'simulated' : choice.baseUrl ? new URL(choice.baseUrl).hostname : DEFAULT_HOST;

/**
 * Starts the system on a data folder. The folder is this process's own until `close`.
 *
 * @throws {Failure} for every reason that a person can cure.
 */
export const startSystem = async (options: SystemOptions): Promise<LocalSystem> => {
  const startedAt = Date.now();
  const now = new Date(startedAt);
  const choice = chooseSource(options.env);
  const source = sourceName(choice);
  const folder = await openDataFolder(options.data, { fresh: options.fresh, source, now });
  try {
    const status: LocalStatus = {
      phase: 'starting',
      startedAt: now.toISOString(),
      updatedAt: now.toISOString(),
      simulated: choice.simulated,
      source,
      accounts: [],
      data: folder.root,
      archive: join(folder.root, 'raw'),
      events: join(folder.root, 'events'),
      log: folder.log,
      figures: NO_FIGURES,
    };
    const before = await readStatus(folder.root);
    options.opened(status, setAsideNotes(folder));
    // The AWS SDK and the embedded AWS take half a second to load: the header stands by then.
    const { runSystem } = await import('./running-system.ts');
    return await runSystem({ options, choice, folder, status, before, startedAt });
  } catch (thrown) {
    folder.release();
    throw thrown;
  }
};

const setAsideNotes = ({ setAside }: DataFolder): string[] =>
  setAside === undefined
    ? []
    : [
        `${setAside.why === 'asked' ? 'what was there' : 'what another version left'} is now in ${setAside.to}`,
      ];
