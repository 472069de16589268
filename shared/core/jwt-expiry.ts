import type { EpochMs } from './time.ts';

/**
 * When a portal token says that it dies: the `exp` of a JWT (seconds since 1970), UTC epoch ms. Read without
 * verifying, to warn before it happens; undefined where the token is no JWT or has no usable `exp`.
 */
export function jwtExpiry(token: string): EpochMs | undefined {
  const [, claims, signature] = token.split('.');
  if (claims === undefined || signature === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'));
    if (typeof parsed !== 'object' || parsed === null || !('exp' in parsed)) return undefined;
    const at = Math.floor(Number(parsed.exp) * 1000);
    return Number.isSafeInteger(at) && at > 0 ? at : undefined;
  } catch {
    return undefined;
  }
}
