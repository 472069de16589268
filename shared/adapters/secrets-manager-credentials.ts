import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { type Credentials, CredentialUnusable } from '../ports/credentials.ts';
import { parseCredential } from './credential-text.ts';

/** Secrets Manager. The version is that of the current value: a new value is a new version. */
export const createSecretsManagerCredentials = (client: SecretsManagerClient): Credentials => ({
  async read(secretId) {
    const secret = await client
      .send(new GetSecretValueCommand({ SecretId: secretId }))
      .catch((error: unknown) => {
        if (error instanceof ResourceNotFoundException)
          throw new CredentialUnusable('There is no such secret, or it has no value yet.', { cause: error });
        throw error;
      });
    if (secret.VersionId === undefined) throw new Error('Secrets Manager answered without a version');
    return { credential: parseCredential(secret.SecretString), version: secret.VersionId };
  },
});
