import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { EXIT } from '../cli/exit-codes.ts';
import { Failure } from '../cli/failure.ts';
import type { EpochMs } from '../shared/core/time.ts';
import { takeLock } from './data-lock.ts';

/** Raised when a folder written by this program can't be read by an older or newer one. */
const FORMAT = 1;

const LOCK = '.lock';
const MARK = 'state.json';
const SET_ASIDE = 'set-aside';
/** Calls are personal data, and a folder may lie in a repository under any name. */
const IGNORE = '.gitignore';
/** Ours, and no sign that anything was kept. */
const BESIDE: ReadonlySet<string> = new Set([LOCK, SET_ASIDE, IGNORE]);
const LOG = 'smartflo-cdr.log';
const LOG_BYTES = 20 * 1024 * 1024;

const Mark = z.object({
  format: z.literal(FORMAT),
  /** Whose calls lie here: `simulated`, or the host that was asked. */
  source: z.string(),
  /** Makes the versions of this folder's secrets. Hex. */
  salt: z.string(),
  /** Start of what is fetched, UTC epoch ms, so that the next start goes on with the same. */
  fetchFrom: z.number().optional(),
});
export type Mark = z.infer<typeof Mark>;

/** Where things lie on this machine, held by this process alone until `release`. */
export interface DataFolder {
  readonly root: string;
  readonly log: string;
  /** Where what was there before has gone, if it was moved, and why. */
  readonly setAside: { readonly to: string; readonly why: 'asked' | 'other-version' } | undefined;
  readonly mark: Mark;
  remember(fetchFrom: EpochMs): Promise<void>;
  release(): void;
}

export const lockFile = (root: string): string => join(root, LOCK);
export const statusFile = (root: string): string => join(root, 'status.json');
export const logFile = (root: string): string => join(root, LOG);

/**
 * Opens the folder for one run: made where it is missing, private (0700), locked. What another version of
 * this program left, and with `fresh` anything of ours, is moved to `set-aside/` inside; nothing is deleted.
 *
 * @throws {Failure} where the folder is in use, is somebody else's, or can't be written.
 */
export const openDataFolder = async (
  path: string,
  { fresh, source, now }: { fresh: boolean; source: string; now: Date },
): Promise<DataFolder> => {
  const root = resolve(path);
  const present = await entriesOf(root);
  if (present.length > 0 && !present.includes(MARK) && !present.every((name) => BESIDE.has(name))) {
    throw new Failure('data-folder-foreign', 'the data folder holds something that is not ours', {
      came: `${root} with ${present.slice(0, 3).join(', ')}${present.length > 3 ? ', …' : ''}`,
      wanted: 'a folder that is empty, does not exist, or was made by this program',
      cure: 'npx smartflo-cdr start --data OTHER_FOLDER',
      exit: EXIT.usage,
    });
  }
  const release = await lock(root);
  try {
    const found = fresh ? undefined : await readMark(root);
    const why = fresh ? 'asked' : found === 'unreadable' ? 'other-version' : undefined;
    const to = why && (await setAside(root, now));
    const known = found === 'unreadable' ? undefined : found;
    if (known && known.source !== source) throw otherSource(root, known.source, source);
    const mark = known ?? { format: FORMAT, source, salt: randomBytes(16).toString('hex') };
    await writeMark(root, mark);
    await writeFile(join(root, IGNORE), '*\n');
    await capLog(logFile(root));
    return {
      root,
      log: logFile(root),
      setAside: why && to ? { to, why } : undefined,
      mark,
      remember: (fetchFrom) => writeMark(root, { ...mark, fetchFrom }),
      release,
    };
  } catch (thrown) {
    release();
    throw unwritable(root, thrown);
  }
};

const entriesOf = async (root: string): Promise<string[]> => {
  try {
    return await readdir(root);
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return [];
    throw unwritable(root, thrown);
  }
};

const lock = async (root: string): Promise<() => void> => {
  let release: (() => void) | undefined;
  try {
    await makeFolder(root);
    await chmod(root, 0o700);
    release = takeLock(lockFile(root));
  } catch (thrown) {
    throw unwritable(root, thrown);
  }
  if (release) return release;
  throw new Failure('data-folder-in-use', 'another start is running on this data folder', {
    came: root,
    wanted: 'one start a folder: two would disturb each other',
    cure: 'stop the other one with Ctrl-C, or use: npx smartflo-cdr start --data OTHER_FOLDER',
    exit: EXIT.declined,
  });
};

/** One by one: where none can be made (under `/proc`), Node's own `recursive` tries for ever, deaf to Ctrl-C. */
const makeFolder = async (path: string): Promise<void> => {
  if (existsSync(path)) return;
  await makeFolder(dirname(path));
  await mkdir(path, { mode: 0o700 }).catch((thrown: unknown) => {
    if (codeOf(thrown) !== 'EEXIST') throw thrown;
  });
};

/** A mark of another format is another version's work: set aside rather than crashed on. */
export const readMark = async (root: string): Promise<Mark | 'unreadable' | undefined> => {
  const file = join(root, MARK);
  if (!existsSync(file)) return undefined;
  try {
    return Mark.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return 'unreadable';
  }
};

const writeMark = (root: string, mark: Mark): Promise<void> =>
  writeFile(join(root, MARK), `${JSON.stringify(mark)}\n`, { mode: 0o600 });

const otherSource = (root: string, came: string, wanted: string): Failure =>
  new Failure('data-folder-other-source', 'the data folder holds the calls of another source', {
    came: `${root} holds calls from: ${came}`,
    wanted: `a folder of its own for: ${wanted}`,
    cure: 'npx smartflo-cdr start --data OTHER_FOLDER, or --fresh to set these calls aside',
    exit: EXIT.usage,
  });

/** Moves all but the lock into `set-aside/<time>`. Inside the folder, because that is what git ignores. */
const setAside = async (root: string, now: Date): Promise<string | undefined> => {
  const names = (await readdir(root)).filter((name) => !name.startsWith(LOCK) && !BESIDE.has(name));
  if (names.length === 0) return undefined;
  const to = join(root, SET_ASIDE, now.toISOString().replace(/[:.]/g, '-'));
  await mkdir(to, { recursive: true });
  for (const name of names) await rename(join(root, name), join(to, name));
  return to;
};

const capLog = async (file: string): Promise<void> => {
  if (existsSync(file) && (await stat(file)).size > LOG_BYTES) await rename(file, `${file}.old`);
};

const codeOf = (thrown: unknown): unknown =>
  thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;

const unwritable = (root: string, thrown: unknown): Failure =>
  thrown instanceof Failure
    ? thrown
    : new Failure('data-folder-unwritable', 'the data folder can not be used', {
        came: `${root}: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
        wanted: 'a folder on a local disk that you may write to',
        cure: 'npx smartflo-cdr start --data OTHER_FOLDER',
        exit: EXIT.usage,
        cause: thrown,
      });
