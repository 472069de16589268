import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { EXIT } from '../cli/exit-codes.ts';
import { Failure } from '../cli/failure.ts';
import type { Account } from '../shared/contract/account.ts';
import { provisionHere, synthesiseHere } from './composition.ts';
import { lockFile, openDataFolder, readMark } from './data-folder.ts';
import { isLocked } from './data-lock.ts';
import { readDoor } from './door.ts';
import { startEmbeddedAws } from './embedded/aws.ts';
import type { Provisioned } from './provision.ts';

/** The embedded AWS of a data folder, whoever runs it. */
export interface FolderAws {
  readonly root: string;
  /** A start holds the folder, and its AWS is used; else this process holds it until `close`. */
  readonly running: boolean;
  readonly env: Readonly<Record<string, string>>;
  readonly provisioned: Provisioned;
  /** As the newest start polls them, or polled them. */
  readonly accounts: readonly Account[];
  close(): Promise<void>;
}

/**
 * Opens what a start has made in a folder, beside that start or after it.
 *
 * @throws {Failure} where no start has worked there, or its resources are another version's.
 */
export const openFolderAws = async (path: string): Promise<FolderAws> => {
  const root = resolve(path);
  const [mark, door] = await Promise.all([readMark(root), readDoor(root)]);
  if (mark === undefined || mark === 'unreadable' || door === undefined) throw nothingHere(root);
  const log = { write: () => {} };
  if (existsSync(lockFile(root)) && isLocked(lockFile(root))) {
    const { env, accounts } = door;
    await synthesiseHere(log);
    return {
      root,
      running: true,
      env,
      accounts,
      provisioned: await provisionHere({ env }),
      async close() {},
    };
  }
  const folder = await openDataFolder(root, { fresh: false, source: mark.source, now: new Date() });
  try {
    const [aws] = await Promise.all([startEmbeddedAws({ dataDir: root }), synthesiseHere(log)]);
    const close = async () => {
      await aws.close();
      folder.release();
    };
    try {
      const provisioned = await provisionHere(aws);
      return { root, running: false, env: aws.env, accounts: door.accounts, provisioned, close };
    } catch (thrown) {
      await aws.close();
      throw thrown;
    }
  } catch (thrown) {
    folder.release();
    throw thrown;
  }
};

const nothingHere = (root: string): Failure =>
  new Failure('nothing-here', 'no start has worked in this data folder', {
    came: root,
    wanted: 'a folder in which npx smartflo-cdr start has run, or --stack for a deployed system',
    cure: 'npx smartflo-cdr start --once, or name the folder with --data',
    exit: EXIT.usage,
  });
