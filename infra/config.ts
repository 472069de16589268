import { readFileSync } from 'node:fs';
import * as contract from '../shared/contract/config.ts';

export { ConfigUnfit } from '../shared/contract/config.ts';
export type Config = contract.Config;

/**
 * @param block what the context `smartflo` holds. A file that it names is looked for where cdk.json is.
 * @throws {ConfigUnfit}
 */
export const parseConfig = (block: unknown): Config =>
  contract.parseConfig(block, (name) => readFileSync(name, 'utf8'));
