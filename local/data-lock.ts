import { DatabaseSync } from 'node:sqlite';
import type { Ms } from '../shared/core/time.ts';

/** A probe by `status` holds the file for less than this. */
const PROBE_TIME: Ms = 250;

/**
 * One owner a folder. The lock is the operating system's own, on an empty SQLite file: it ends with the
 * process, however that dies, so there is no stale lock to detect and no process id to mistake.
 *
 * @returns how to let go, or undefined where another process is the owner.
 */
export const takeLock = (file: string): (() => void) | undefined => {
  const database = new DatabaseSync(file, { timeout: PROBE_TIME });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (thrown) {
    database.close();
    if (isBusy(thrown)) return undefined;
    throw thrown;
  }
  return () => database.close();
};

/** Whether some process owns the folder now. */
export const isLocked = (file: string): boolean => {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 0 });
  try {
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch (thrown) {
    if (isBusy(thrown)) return true;
    throw thrown;
  } finally {
    database.close();
  }
};

/** SQLITE_BUSY, https://sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;
const isBusy = (thrown: unknown): boolean =>
  thrown instanceof Error && 'errcode' in thrown && thrown.errcode === SQLITE_BUSY;
