import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Edit } from './mutants.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** What a simulation needs to run. */
const COPIED = ['package.json', 'shared', 'functions', 'test/simulation', 'test/support'];

/** What a mutant may change. */
const MUTABLE = ['shared', 'functions'];

/** @throws where the text to be changed is not there, or is there twice: the patch is of another version. */
const applyEdit = (folder: string, { find, replace }: Edit): void => {
  const paths = MUTABLE.flatMap((name) =>
    readdirSync(join(folder, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const found = paths.flatMap((path) => {
    const parts = readFileSync(path, 'utf8').split(find);
    return parts.slice(1).map(() => ({ path, changed: parts.join(replace) }));
  });
  const [only, ...more] = found;
  if (!only || more.length > 0)
    throw new Error(
      `the sources have this text ${found.length} times, and once was wanted: bring the mutant up to date\n${find}`,
    );
  writeFileSync(only.path, only.changed);
};

/** The sources in a folder of their own, with edits; disposing of it removes it. */
export const copyWith = (edits: readonly Edit[]): Disposable & { readonly folder: string } => {
  const folder = mkdtempSync(join(tmpdir(), 'smartflo-cdr-mutant-'));
  for (const name of COPIED) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  for (const edit of edits) applyEdit(folder, edit);
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
};
