import * as fc from 'fast-check';

/** A JSON value as tokens, so that the same tokens can be written with any white space, or in another order. */
export type Tokens =
  | { readonly scalar: string }
  | { readonly list: readonly Tokens[] }
  | { readonly members: readonly (readonly [name: string, value: Tokens])[] };

/** Names repeat often, and are spelled in ways that parsing would level. */
const name = fc.constantFrom('"id"', '"a"', '"b"', '"\\u0061"', '"__proto__"', '""', '"ключ"', '"x\\/y"');
const scalar = fc.oneof(
  fc.constantFrom(
    '1',
    '1.0',
    '-0',
    '1e5',
    '12345678901234567890',
    'true',
    'null',
    '""',
    '"\\ud800"',
    '"\\/"',
    '"a , b : {}[] \\" c"',
  ),
  fc.string().map((text) => JSON.stringify(text)),
);

export const { tokens, record } = fc.letrec<{ tokens: Tokens; record: Tokens }>((tie) => ({
  tokens: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar.map((text) => ({ scalar: text })),
    fc.array(tie('tokens'), { maxLength: 4 }).map((list) => ({ list })),
    tie('record'),
  ),
  record: fc.array(fc.tuple(name, tie('tokens')), { maxLength: 5 }).map((members) => ({ members })),
}));

/** @param space gives what stands between two tokens. */
export function writeTokens(value: Tokens, space: () => string = () => ''): string {
  const around = (text: string) => `${space()}${text}${space()}`;
  if ('scalar' in value) return around(value.scalar);
  if ('list' in value)
    return around(`[${value.list.map((entry) => writeTokens(entry, space)).join(',') || space()}]`);
  const members = value.members.map(([name, member]) => `${around(name)}:${writeTokens(member, space)}`);
  return around(`{${members.join(',') || space()}}`);
}

/** The same tokens with every object's members sorted, last name first; names that repeat keep their order. */
export function sortMembers(value: Tokens): Tokens {
  if ('scalar' in value) return value;
  if ('list' in value) return { list: value.list.map(sortMembers) };
  const members = value.members.map(([name, member]) => [name, sortMembers(member)] as const);
  return { members: members.toSorted(([a], [b]) => (a < b ? 1 : a > b ? -1 : 0)) };
}
