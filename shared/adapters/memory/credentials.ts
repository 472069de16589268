import { type Credentials, CredentialUnusable } from '../../ports/credentials.ts';
import { parseCredential } from '../credential-text.ts';

/** Secrets in memory; `put` is what a person does in the console. */
export interface MemoryCredentials extends Credentials {
  put(secretId: string, text: string): void;
}

export function createMemoryCredentials(): MemoryCredentials {
  const secrets = new Map<string, string[]>();
  return {
    put(secretId, text) {
      secrets.set(secretId, [...(secrets.get(secretId) ?? []), text]);
    },
    async read(secretId) {
      const versions = secrets.get(secretId);
      if (versions === undefined)
        throw new CredentialUnusable('There is no such secret, or it has no value yet.');
      return { credential: parseCredential(versions.at(-1)), version: `v${versions.length}` };
    },
  };
}
