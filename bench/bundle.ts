import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { ProvisionedFunction } from '../local/provision.ts';

const ENTRIES = fileURLToPath(new URL('./entries/', import.meta.url));

/** The file that a bundle consists of, beside which nothing lies. */
export const BUNDLE = 'index.mjs';

/**
 * Bundles an entry of this folder as infra/constructs/node-function.ts bundles a deployed function.
 *
 * @param like the function whose environment, memory and timeout it gets.
 */
export const bundleLike = async (
  like: ProvisionedFunction,
  entry: string,
  outDir: string,
): Promise<ProvisionedFunction> => {
  const assetDir = join(outDir, entry);
  await build({
    entryPoints: [join(ENTRIES, `${entry}.ts`)],
    outfile: join(assetDir, BUNDLE),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    mainFields: ['module', 'main'],
    conditions: ['import', 'module'],
    minify: true,
    banner: {
      js: "import{createRequire as createBundleRequire}from'node:module';const require=createBundleRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return { ...like, name: entry, logicalId: entry, assetDir, handler: 'index.handler' };
};

/** Kilobytes (1,000 bytes) of a function's bundle. */
export const bundleKb = async ({ assetDir }: ProvisionedFunction): Promise<number> =>
  (await stat(join(assetDir, BUNDLE))).size / 1000;
