import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MODULES = fileURLToPath(new URL('../../node_modules/', import.meta.url));
const SCHEMAS = 'dist-es/schemas/schemas_0.js';

/**
 * The schemas of an SDK client, its constant names written out: `{ [_h]: … }` becomes `{ "http": … }`. A bundler must
 * take a computed name for a side effect, and so keeps every operation of the service and all that it refers to.
 */
export const spellNames = (source: string): string => {
  const names = new Map(
    [...source.matchAll(/^const (\w+) = ("[^"\\]*");$/gm)].map(([, name, text]) => [name, text]),
  );
  return source.replaceAll(/\[(_\w+)\]:/g, (computed, name: string) => {
    const text = names.get(name);
    return text === undefined ? computed : `${text}:`;
  });
};

/**
 * A copy of an SDK client, the same but for `spellNames` and a package.json that says only what the client reads of it,
 * its version, and the bundler: of S3, whose hundred operations we use three of, 58 KB less in every bundle
 * (SDK 3.1173), of others 2 to 5.
 * @returns its entry, for the bundler to take in place of the package
 */
export const leanClient = (name: string): string => {
  const from = join(MODULES, '@aws-sdk', name);
  const manifest = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')) as Record<string, unknown>;
  const { version, type, sideEffects } = manifest;
  const to = join(MODULES, '.cache', 'lean-sdk', `${name}-${String(version)}-small`);
  if (!existsSync(to)) {
    // Under a name of its own until it is whole: several syntheses may run at once.
    const draft = `${to}.${process.pid}`;
    mkdirSync(draft, { recursive: true });
    cpSync(join(from, 'dist-es'), join(draft, 'dist-es'), { recursive: true });
    writeFileSync(join(draft, 'package.json'), JSON.stringify({ version, type, sideEffects }));
    const schemas = join(draft, SCHEMAS);
    writeFileSync(schemas, spellNames(readFileSync(schemas, 'utf8')));
    try {
      renameSync(draft, to);
    } catch (error) {
      rmSync(draft, { recursive: true });
      if (!existsSync(to)) throw error;
    }
  }
  return join(to, 'dist-es', 'index.js');
};
