import { join } from 'node:path';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import type { LocalSystem, SystemOptions } from './local-system.ts';
import { chooseSource, type SourceChoice, SIMULATED } from './source-choice.ts';
import { type LocalStatus, NO_FIGURES, readStatus } from './status.ts';

const DEFAULT_HOST = 'api-smartflo.tatateleservices.com';

/** Ports change with every start; the host is whose calls they are. */
const sourceName = (choice: SourceChoice): string =>
  choice.simulated ? SIMULATED : choice.baseUrl ? new URL(choice.baseUrl).hostname : DEFAULT_HOST;

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
