import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { type Config, ConfigUnfit, fitConfig, locateConfig } from '../shared/contract/config.ts';
import { member } from '../shared/core/member.ts';
import { EXIT } from './exit-codes.ts';
import { Failure } from './failure.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CdkJson = z.object({ context: z.record(z.string(), z.unknown()) });

/** What a deployment from here would be told. */
export interface Configuration {
  readonly config: Config;
  /** The block as it was written: what is not in it has its default. */
  readonly written: unknown;
  /** The file that holds the block. */
  readonly file: string;
}

/**
 * Reads the block "smartflo" of the project's own cdk.json, or the file that it names.
 * @throws {ConfigUnfit} naming every place that does not fit
 */
export const readConfiguration = (): Configuration => {
  const { context } = CdkJson.parse(JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')));
  const located = locateConfig(context['smartflo'], (name) => readFileSync(join(ROOT, name), 'utf8'));
  return { config: fitConfig(located), written: located.input, file: located.file ?? 'cdk.json' };
};

/** The same for a command that can't go on without. @throws {Failure} */
export const fittingConfiguration = (): Configuration => {
  try {
    return readConfiguration();
  } catch (thrown) {
    if (!(thrown instanceof ConfigUnfit)) throw thrown;
    throw new Failure('configuration-unfit', 'the configuration does not fit', {
      came: thrown.message,
      wanted: 'a block "smartflo" in cdk.json that fits',
      cure: 'correct what is named above; docs/configuring.md has every field',
      exit: EXIT.usage,
      cause: thrown,
    });
  }
};

/** One setting in force. */
export interface Setting {
  /** `curatedAfterDays`; of an account by its name: `accounts.north.cps`. */
  readonly path: string;
  readonly value: unknown;
  /** Written in the file, or the field's default. */
  readonly origin: 'file' | 'default';
}

/** The members of an object; those of an object among them are settings of their own, a list is one. */
const settingsIn = (holder: object, written: unknown, path: string): Setting[] =>
  Object.entries(holder).flatMap(([name, value]: [string, unknown]): Setting[] => {
    const source = member(written, name);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return settingsIn(value, source, `${path}${name}.`);
    return [{ path: `${path}${name}`, value, origin: source === undefined ? 'default' : 'file' }];
  });

/** Every setting of a configuration and where it comes from, in the schema's order. */
export const settingsOf = ({ config, written }: Pick<Configuration, 'config' | 'written'>): Setting[] => {
  const { accounts, ...rest } = config;
  const entries = member(written, 'accounts');
  return [
    ...accounts.flatMap((account, at) =>
      settingsIn(account, member(entries, String(at)), `accounts.${account.name}.`),
    ),
    ...settingsIn(rest, written, ''),
  ];
};
