import { expect, test } from 'vitest';
import { jwtExpiry } from '../../shared/core/jwt-expiry.ts';

const jwt = (claims: string) => `head.${Buffer.from(claims).toString('base64url')}.signature`;

test('reads exp, seconds since 1970, as a number or a text', () => {
  expect(jwtExpiry(jwt('{"exp":1773100800}'))).toBe(1_773_100_800_000);
  expect(jwtExpiry(jwt('{"exp":"1773100800"}'))).toBe(1_773_100_800_000);
  expect(jwtExpiry(jwt('{"exp":1773100800.5}'))).toBe(1_773_100_800_500);
});

test.each([
  '',
  'opaque',
  'a.b',
  'a.b.c',
  jwt('null'),
  jwt('[]'),
  jwt('{}'),
  jwt('{"exp":"soon"}'),
  jwt('{"exp":0}'),
])('finds none in %j', (token) => {
  expect(jwtExpiry(token)).toBeUndefined();
});
