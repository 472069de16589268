import * as z from 'zod';
import { type Credential, CredentialUnusable } from '../ports/credentials.ts';

const filled = z.string().trim().min(1);
const Document = z.union([
  z.strictObject({ token: filled }),
  z.strictObject({ email: filled, password: z.string().min(1) }),
]);

/** What consoles and chats show instead of a secret, and people paste: `****`, `eyJh…`, `abc...xyz`. */
const MASKED = /[*•●]{3}|…|\.{3}/;
const ONLY_MASK = /^[*•●…. xX]+$/;
const WANTED = 'wanted {"token": "…"} or {"email": "…", "password": "…"}';

/**
 * Reads a secret's text. A token may carry the "Bearer " that people paste along.
 *
 * @throws {CredentialUnusable} whose message says what is wrong, never what the secret holds.
 */
export function parseCredential(text: string | undefined): Credential {
  if (text === undefined || text.trim() === '')
    throw new CredentialUnusable(`The secret is empty: ${WANTED}.`);
  const parsed = Document.safeParse(parseJson(text));
  if (!parsed.success) throw new CredentialUnusable(`The secret has another shape: ${WANTED}.`);
  const credential = parsed.data;
  if ('password' in credential) {
    if (ONLY_MASK.test(credential.password))
      throw new CredentialUnusable('The password is masked: copy the real one.');
    return credential;
  }
  const token = credential.token.replace(/^Bearer\s+/i, '');
  if (MASKED.test(token) || ONLY_MASK.test(token))
    throw new CredentialUnusable('The token is masked: copy the whole of it.');
  if (!/^[\x21-\x7E]+$/.test(token))
    throw new CredentialUnusable('The token holds a space or a sign that no token has.');
  return { token };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
