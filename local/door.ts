import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { Account } from '../shared/contract/account.ts';

/**
 * How another process on this machine finds what a start has opened: where its embedded AWS listens, and the
 * accounts as it polls them. The accounts stay after the run, the addresses mean something while it holds the folder.
 */
const Door = z.object({
  env: z.record(z.string(), z.string()),
  accounts: z.array(Account),
});
export type Door = z.infer<typeof Door>;

const doorFile = (root: string): string => join(root, '.state', 'door.json');

/** Replaces the file in one step. Readable by its owner only. */
export const writeDoor = async (root: string, door: Door): Promise<void> => {
  const file = doorFile(root);
  await rm(`${file}.new`, { force: true });
  await writeFile(`${file}.new`, `${JSON.stringify(door)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
};

/** Undefined where no start has opened this folder, or an older version of this program has. */
export const readDoor = async (root: string): Promise<Door | undefined> => {
  try {
    return Door.parse(JSON.parse(await readFile(doorFile(root), 'utf8')));
  } catch {
    return undefined;
  }
};
