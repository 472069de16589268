import { hash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { synthesise } from '../../local/synthesis.ts';
import { readTemplates, type TemplateResource } from '../../local/template.ts';
import type { Config } from '../../shared/contract/config.ts';

/** As in local mode: what can be made again lies where `npm ci` clears it. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/smartflo-cdr/', import.meta.url));

/**
 * What a deployment of a configuration would make. The functions' bundles stay unmade: they cost nothing to keep.
 * @throws {SynthesisFailed}
 */
export const deployedResources = async (config: Config): Promise<readonly TemplateResource[]> => {
  // Of its own: another run, of another configuration, would take it away while it is read.
  const outDir = join(CACHE, `cost-${hash('sha256', JSON.stringify(config), 'hex').slice(0, 12)}`);
  await synthesise(outDir, { smartflo: config, 'aws:cdk:bundling-stacks': [] });
  const { resources } = await readTemplates(outDir, () => ({ ref: '', attributes: {} }));
  return resources;
};
