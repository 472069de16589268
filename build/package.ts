import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * What the package holds for others, as JavaScript with types: Node strips no types inside node_modules. `npm pack`
 * runs it (prepack). Within the project the same names are the sources themselves, by a condition of `exports`, so that
 * nothing here needs it.
 */
const ENTRIES = { consumers: 'consumers/index.ts', constructs: 'infra/consumers/cdr-consumer.ts' };
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = `${ROOT}dist`;

rmSync(OUT, { recursive: true, force: true });
await build({
  absWorkingDir: ROOT,
  entryPoints: Object.entries(ENTRIES).map(([name, path]) => ({ in: path, out: name })),
  outdir: OUT,
  bundle: true,
  // What it depends on is installed beside it.
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node24',
  logLevel: 'warning',
});
// Their declarations: build/tsconfig.json names the same entries.
execFileSync(process.execPath, [`${ROOT}node_modules/typescript/bin/tsc`, '--project', `${ROOT}build`], {
  stdio: 'inherit',
});
