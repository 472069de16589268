import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { namesFile } from '../shared/contract/config.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** All that the templates and bundles are made of. */
const SOURCES = ['infra', 'functions', 'shared', 'cdk.json', 'package-lock.json'];
/** The CDK checks its templates with a rule engine, half of a synthesis; `npm run synth` and every deployment do it. */
const UNCHECKED = { CDK_VALIDATION: 'false' };
/** Beside the templates: the digest of what they were made of. */
const MARK = 'made-of.txt';

const CdkJson = z.object({ context: z.record(z.string(), z.unknown()) });

/** The stacks could not be synthesised; the message is what the CDK app said. */
export class SynthesisFailed extends Error {
  override readonly name = 'SynthesisFailed';
}

/**
 * Writes the templates and bundles that `cdk deploy` would upload into `outDir`, without the CDK's command
 * line and without an account. Does nothing where they are there already, from the same sources and context.
 *
 * @param context laid over that of cdk.json, e.g. `{ smartflo: { accounts: [...] } }`.
 * @returns whether what was there could be used.
 * @throws {SynthesisFailed}
 */
export const synthesise = async (
  outDir: string,
  context: Readonly<Record<string, unknown>> = {},
): Promise<{ cached: boolean }> => {
  const cdkJson = CdkJson.parse(JSON.parse(await readFile(join(ROOT, 'cdk.json'), 'utf8')));
  const values: Record<string, unknown> = { ...cdkJson.context, ...context };
  const whole = JSON.stringify(values);
  const named = namesFile(values['smartflo']) ? [values['smartflo']] : [];
  const digest = digestSources(whole, [...SOURCES, ...named]);
  const isMade = async () => (await readFile(join(outDir, MARK), 'utf8').catch(() => '')) === digest;
  if (await isMade()) return { cached: true };
  const place = `${outDir} ${digest}`;
  const underWay = inTheMaking.get(place) ?? make(outDir, whole, digest, isMade);
  inTheMaking.set(place, underWay);
  await underWay.finally(() => inTheMaking.delete(place));
  return { cached: false };
};

/** What this process is making: whoever wants the same waits for it. */
const inTheMaking = new Map<string, Promise<void>>();

const make = async (
  outDir: string,
  context: string,
  digest: string,
  isMade: () => Promise<boolean>,
): Promise<void> => {
  // Made aside and moved into place, so that nobody finds it half made.
  const making = `${outDir}.${digest.slice(0, 8)}-${process.pid}`;
  await mkdir(dirname(outDir), { recursive: true });
  try {
    await runApp(making, context);
    await writeFile(join(making, MARK), digest);
    // Another process may have moved the same into place meanwhile, and have functions running from there.
    if (await isMade()) return;
    await rm(outDir, { recursive: true, force: true });
    await rename(making, outDir);
  } catch (thrown) {
    if (!(await isMade())) throw thrown;
  } finally {
    await rm(making, { recursive: true, force: true });
  }
};

/** The files of a folder, or the file that is meant itself. */
const filesOf = (path: string): string[] => {
  try {
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [path];
  }
};

/** A file that is missing is told by the app, in its own words. */
const contentOf = (file: string): Uint8Array | string => {
  try {
    return readFileSync(file);
  } catch {
    return '';
  }
};

/** Of hundreds of small files, at every command: read by promises they take ten times as long. */
const digestSources = (context: string, sources: readonly string[]): string => {
  const hash = createHash('sha256').update(`${process.version}\n${context}\n`);
  for (const source of sources)
    for (const file of filesOf(resolve(ROOT, source)).sort())
      hash.update(`${file}\n`).update(contentOf(file));
  return hash.digest('hex');
};

const runApp = (outDir: string, context: string): Promise<void> =>
  new Promise((done, reject) => {
    const child = spawn(process.execPath, ['infra/app.ts'], {
      cwd: ROOT,
      env: { ...process.env, ...UNCHECKED, CDK_OUTDIR: outDir, CDK_CONTEXT_JSON: context },
      stdio: ['ignore', 'ignore', 'pipe'],
      windowsHide: true,
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) done();
      else reject(new SynthesisFailed(said.trim() || `the CDK app ended with ${code}`));
    });
  });
