import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

interface Grammar {
  validate(sql: string): readonly { readonly startLine: number; readonly message: string }[];
}

const ENTRY = "export { TrinoSQL } from 'dt-sql-parser/dist/parser/trino/index.js'";

/** Trino's own grammar, which Athena speaks. The package names its files without endings, so Node can't load it as it is. */
export const trinoGrammar = async (): Promise<Grammar> => {
  const outfile = join(process.cwd(), 'node_modules/.cache/trino-grammar.mjs');
  const stdin = { contents: ENTRY, resolveDir: process.cwd() };
  await build({ stdin, outfile, bundle: true, format: 'esm', platform: 'node', logLevel: 'error' });
  const { TrinoSQL } = (await import(pathToFileURL(outfile).href)) as { TrinoSQL: new () => Grammar };
  return new TrinoSQL();
};
