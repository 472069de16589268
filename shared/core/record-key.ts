import { hash } from 'node:crypto';
import type { Content } from './content-hash.ts';
import { detached } from './detached.ts';

/** Letters, digits and the signs that ids of the source and its sisters are made of; never a `/`, a `~` or a space. */
const PLAIN_ID = /^[A-Za-z0-9_.:@|+=-]{1,128}$/;
const ABSENT = new Set(['', 'N.A.']);

/** What an `id` token says; undefined where it names nothing. Bytes above 0x7F stay as they are spelled. */
function idOf({ idToken = 'null' }: Content): string | undefined {
  if (!idToken.startsWith('"')) return /^[-\d]/.test(idToken) ? idToken : undefined;
  const id = idToken.includes('\\') ? String(JSON.parse(idToken)) : idToken.slice(1, -1);
  return ABSENT.has(id) ? undefined : id;
}

/**
 * The name of a record within its account: safe in a partition key, a file name and a log line.
 *
 * - its `id`, as it reads; a number by its token's spelling, so that `7` and `"7"` are one record;
 * - `~id` and 32 hex digits where the `id` is a text that no key should hold ("../../x", control characters,
 *   lone surrogates, over 128 chars): a digest of the `id`, so that the record stays itself when it is edited;
 * - `~` and the content hash where there is no `id` (absent, `null`, `""`, `"N.A."`, no text and no number,
 *   given twice with two values), or where ids are not trusted: each content is then a record.
 */
export function recordKey(content: Content, trust: { readonly trustIds: boolean }): string {
  const id = trust.trustIds ? idOf(content) : undefined;
  if (id === undefined) return `~${content.hash}`;
  // A key is kept, and was cut from a record's text.
  if (PLAIN_ID.test(id) && id !== '.' && id !== '..') return detached(id);
  // stringify spells lone surrogates as escapes: no two ids share their bytes.
  return `~id${hash('sha256', JSON.stringify(id), 'hex').slice(0, 32)}`;
}

/** The keys of records, in their order. */
export const keysOf = (contents: readonly Content[], trust: { readonly trustIds: boolean }): string[] =>
  contents.map((content) => recordKey(content, trust));
