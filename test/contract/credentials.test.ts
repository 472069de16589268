import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EmbeddedAws, startEmbeddedAws } from '../../local/embedded/aws.ts';
import { createMemoryCredentials } from '../../shared/adapters/memory/credentials.ts';
import { createSecretsManagerCredentials } from '../../shared/adapters/secrets-manager-credentials.ts';
import { type Credentials, CredentialUnusable } from '../../shared/ports/credentials.ts';

interface Subject {
  readonly credentials: Credentials;
  put(secretId: string, text: string): void;
}

const memory = createMemoryCredentials();
let aws: EmbeddedAws;
let secretsManager: Subject;
beforeAll(async () => {
  aws = await startEmbeddedAws();
  const client = new SecretsManagerClient({
    endpoint: aws.env['AWS_ENDPOINT_URL_SECRETS_MANAGER'] ?? '',
    region: aws.env['AWS_REGION'] ?? '',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  secretsManager = {
    credentials: createSecretsManagerCredentials(client),
    put: (id, text) => aws.putSecret(id, text),
  };
});
afterAll(() => aws.close());

describe.each<[string, () => Subject]>([
  ['memory', () => ({ credentials: memory, put: (id, text) => memory.put(id, text) })],
  ['Secrets Manager', () => secretsManager],
])('credentials in %s', (_, subject) => {
  const read = (text: string) => {
    subject().put('one', text);
    return subject().credentials.read('one');
  };

  test('hold a token, its pasted prefix stripped', async () => {
    expect((await read('{"token":" Bearer abc.def.ghi "}')).credential).toEqual({ token: 'abc.def.ghi' });
  });

  test('hold a login, the password untouched', async () => {
    const credential = { email: 'agent-07', password: ' p*** ' };
    expect((await read(JSON.stringify(credential))).credential).toEqual(credential);
  });

  test('name their version, a new one at every change', async () => {
    const first = await read('{"token":"abc"}');
    expect((await subject().credentials.read('one')).version).toBe(first.version);
    expect((await read('{"token":"abd"}')).version).not.toBe(first.version);
  });

  test.each([
    '',
    'abc',
    '{}',
    '{"token":""}',
    '{"token":5}',
    '{"token":"****"}',
    '{"token":"eyJh****"}',
    '{"token":"eyJh…x9"}',
    '{"token":"eyJh...x9"}',
    '{"token":"two words"}',
    '{"token":"a\\nb"}',
    '{"email":"agent-07"}',
    '{"email":"agent-07","password":"••••••"}',
    '{"token":"abc","email":"agent-07","password":"p"}',
  ])('refuse %s without showing it', async (text) => {
    const error: unknown = await read(text).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CredentialUnusable);
    expect(String(error)).not.toMatch(/eyJh|agent-07|abc/);
  });

  test('refuse a secret that is not there', async () => {
    await expect(subject().credentials.read('nothing')).rejects.toBeInstanceOf(CredentialUnusable);
  });
});
