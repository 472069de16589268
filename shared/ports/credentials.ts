import type { Ms } from '../core/time.ts';

/** What an account's secret holds. */
export type Credential = { readonly token: string } | { readonly email: string; readonly password: string };

/** The secret store. Read only: nothing of ours writes a secret. */
export interface Credentials {
  /**
   * @param atMostOld how old an answer may be that is remembered; none at all unless it is given
   * @throws {CredentialUnusable} when the secret is empty, missing or of another shape; says what was wanted.
   * Other rejections mean that the store could not be asked.
   */
  read(
    secretId: string,
    atMostOld?: Ms,
  ): Promise<{ readonly credential: Credential; readonly version: string }>;
}

/** The secret is there to be filled, not to be retried. */
export class CredentialUnusable extends Error {
  override readonly name = 'CredentialUnusable';
}
