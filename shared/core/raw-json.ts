/**
 * Cuts an answer of the source into its envelope and its records without parsing them: what a record says
 * stays byte for byte, only white space between tokens goes. `JSON.parse` would change number spelling
 * (12345678901234567890), drop duplicate keys and forget escapes.
 *
 * What comes out is latin1 text: one char (0 to 255) a byte. The grammar is RFC 8259, strictly, with these decisions:
 * - a UTF-8 byte order mark before the first token is skipped, anywhere else it is an error;
 * - bytes above 0x7F inside strings are taken as they come, valid UTF-8 or not, and so are escaped lone
 *   surrogates: the archive keeps what was sent, and whoever decodes it replaces them;
 * - a raw control character inside a string is an error, as a line feed there would split the line;
 * - names mean nothing here, so `__proto__` and duplicate keys inside a record are only bytes;
 * - an envelope that names a member twice is an error: which of two `results` is the answer?
 */
export type ScanOutcome = Envelope | Malformed;

export interface Envelope {
  readonly ok: true;
  /** Top-level members but a `results` array: name (decoded, latin1 bytes) to compact raw value. */
  readonly members: ReadonlyMap<string, string>;
  /** The elements of `results`, each compact and raw, of any type; undefined where `results` is no array. */
  readonly records: readonly string[] | undefined;
}

/** `truncated`: what came is the beginning of a well-formed answer, and only its end is missing. */
export type MalformedCode =
  | 'truncated'
  | 'not-object'
  | 'unexpected-byte'
  | 'control-character'
  | 'bad-escape'
  | 'too-deep'
  | 'too-many-members'
  | 'too-many-records'
  | 'duplicate-member'
  | 'trailing-bytes';

export interface Malformed {
  readonly ok: false;
  readonly code: MalformedCode;
  /** Where, in bytes from the start. */
  readonly offset: number;
}

/** What one answer may cost: open containers at once (the envelope is the first), members, records. */
export interface ScanLimits {
  readonly depth: number;
  readonly members: number;
  readonly records: number;
}

export const SCAN_LIMITS: ScanLimits = { depth: 64, members: 64, records: 10_000 };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const PLUS = 0x2b;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const DOT = 0x2e;
const SMALL_E = 0x65;
const SMALL_U = 0x75;
const BRACKET = 0x5b;
const BRACKET_END = 0x5d;
const BRACE = 0x7b;
const BRACE_END = 0x7d;
const NOTHING = -1;

/** 1 for bytes that stand for themselves inside a string. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, code) =>
  code >= 0x20 && code !== QUOTE && code !== BACKSLASH ? 1 : 0,
);
const SIMPLE_ESCAPES = new Set(Buffer.from('"\\/bfnrt'));
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');
const SMALL_T = 0x74;
const SMALL_F = 0x66;
const SMALL_N = 0x6e;

const byteAt = (bytes: Uint8Array, at: number): number => bytes[at] ?? NOTHING;
const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE;
const isHex = (byte: number): boolean => isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);

/** The index after the string that opens at `at`, or `~offset` of what is wrong in it. */
export function endOfString(bytes: Uint8Array, at: number): number {
  const end = bytes.length;
  let index = at + 1;
  for (;;) {
    while (PLAIN[bytes[index] ?? QUOTE] === 1) index++;
    const byte = byteAt(bytes, index);
    if (byte === QUOTE) return index + 1;
    if (byte !== BACKSLASH) return ~index;
    const escape = byteAt(bytes, index + 1);
    if (escape === SMALL_U) {
      for (let digit = index + 2; digit < index + 6; digit++) {
        if (!isHex(byteAt(bytes, digit))) return digit < end ? ~index : ~end;
      }
      index += 6;
    } else if (SIMPLE_ESCAPES.has(escape)) {
      index += 2;
    } else {
      return escape === NOTHING ? ~end : ~index;
    }
  }
}

/** The index after the digits that must stand at `at`, or `~offset` where none does. */
function endOfDigits(bytes: Uint8Array, at: number): number {
  let index = at;
  while (isDigit(byteAt(bytes, index))) index++;
  return index === at ? ~at : index;
}

/** The index after the number that starts at `at`, or `~offset` of what is wrong in it. */
function endOfNumber(bytes: Uint8Array, at: number): number {
  let index = bytes[at] === MINUS ? at + 1 : at;
  index = bytes[index] === ZERO ? index + 1 : endOfDigits(bytes, index);
  if (index > 0 && bytes[index] === DOT) index = endOfDigits(bytes, index + 1);
  if (index > 0 && (byteAt(bytes, index) | 0x20) === SMALL_E) {
    const sign = bytes[index + 1];
    index = endOfDigits(bytes, sign === MINUS || sign === PLUS ? index + 2 : index + 1);
  }
  return index;
}

/** The index after the literal that starts at `at`, or `~offset` of what is wrong in it. */
function endOfLiteral(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  const literal = first === SMALL_N ? NULL : first === SMALL_T ? TRUE : first === SMALL_F ? FALSE : undefined;
  if (literal === undefined) return ~at;
  for (let index = 1; index < literal.length; index++) {
    if (bytes[at + index] !== literal[index]) return ~Math.min(at + index, bytes.length);
  }
  return at + literal.length;
}

export const endOfScalar = (bytes: Uint8Array, at: number, first: number): number => {
  if (first === QUOTE) return endOfString(bytes, at);
  return first === MINUS || isDigit(first) ? endOfNumber(bytes, at) : endOfLiteral(bytes, at);
};

const fail = (code: MalformedCode, offset: number): Malformed => ({ ok: false, code, offset });

/** Names what is wrong at an offset where the grammar wanted something else. */
function judge(bytes: Uint8Array, offset: number): Malformed {
  const byte = byteAt(bytes, offset);
  if (byte === NOTHING) return fail('truncated', bytes.length);
  if (byte === BACKSLASH) return fail('bad-escape', offset);
  return fail(byte < 0x20 ? 'control-character' : 'unexpected-byte', offset);
}

/** A name as it reads, its escapes decoded. The token has been checked, so that parsing it can't fail. */
const nameOf = (token: string): string =>
  token.includes('\\')
    ? Buffer.from(String(JSON.parse(token)), 'utf8').toString('latin1')
    : token.slice(1, -1);

const VALUE = 0;
const VALUE_OR_END = 1;
const NAME = 2;
const NAME_OR_END = 3;
const SEPARATOR = 4;
const AFTER = 5;

/**
 * Checks the whole answer and cuts it, in one pass without recursion. A record without white space between
 * its tokens is one slice of the text, so holding it holds the page.
 */
export function scanEnvelope(bytes: Uint8Array, limits: ScanLimits = SCAN_LIMITS): ScanOutcome {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const members = new Map<string, string>();
  const isObject = new Uint8Array(limits.depth + 1);
  let records: string[] | undefined;
  let member = '';
  let depth = 0;
  let expected = VALUE;
  let at = text.startsWith('\xEF\xBB\xBF') ? 3 : 0;
  /** Depth at which the value being cut stands; −1 while none is. Its run without white space starts at `run`. */
  let cutDepth = -1;
  let run = 0;
  let pieces: string[] = [];

  for (;;) {
    if (isSpace(byteAt(bytes, at))) {
      if (cutDepth >= 0 && at > run) pieces.push(text.slice(run, at));
      do at++;
      while (isSpace(byteAt(bytes, at)));
      run = at;
    }
    const byte = byteAt(bytes, at);
    if (byte === NOTHING) return fail('truncated', at);

    if (expected === AFTER) {
      const inObject = isObject[depth] === 1;
      if (byte === COMMA) {
        expected = inObject ? NAME : VALUE;
        at++;
        continue;
      }
      if (byte !== (inObject ? BRACE_END : BRACKET_END)) return judge(bytes, at);
      depth--;
      at++;
    } else if (expected === SEPARATOR) {
      if (byte !== COLON) return judge(bytes, at);
      expected = VALUE;
      at++;
      continue;
    } else if (
      (expected === NAME_OR_END && byte === BRACE_END) ||
      (expected === VALUE_OR_END && byte === BRACKET_END)
    ) {
      depth--;
      at++;
    } else if (expected === NAME || expected === NAME_OR_END) {
      if (byte !== QUOTE) return judge(bytes, at);
      const after = endOfString(bytes, at);
      if (after < 0) return judge(bytes, ~after);
      if (depth === 1) {
        member = nameOf(text.slice(at, after));
        if (members.has(member) || (member === 'results' && records)) return fail('duplicate-member', at);
        if (members.size >= limits.members) return fail('too-many-members', at);
      }
      at = after;
      expected = SEPARATOR;
      continue;
    } else {
      if (depth === 0 && byte !== BRACE) return fail('not-object', at);
      if (depth === 1 && byte === BRACKET && member === 'results') {
        records = [];
      } else if (cutDepth < 0 && depth > 0) {
        cutDepth = depth;
        run = at;
        pieces = [];
      }
      if (byte === BRACE || byte === BRACKET) {
        if (depth >= limits.depth) return fail('too-deep', at);
        isObject[++depth] = byte === BRACE ? 1 : 0;
        expected = byte === BRACE ? NAME_OR_END : VALUE_OR_END;
        at++;
        continue;
      }
      const after = endOfScalar(bytes, at, byte);
      if (after < 0) return judge(bytes, ~after);
      at = after;
    }

    // A value has just ended at `at`; `depth` is that of the container it stands in.
    if (depth === 0) break;
    expected = AFTER;
    if (cutDepth === depth) {
      const last = text.slice(run, at);
      const raw = pieces.length === 0 ? last : pieces.join('') + last;
      cutDepth = -1;
      if (depth === 1) {
        members.set(member, raw);
      } else if (records) {
        if (records.length >= limits.records) return fail('too-many-records', at);
        records.push(raw);
      }
    }
  }
  while (isSpace(byteAt(bytes, at))) at++;
  return at < bytes.length ? fail('trailing-bytes', at) : { ok: true, members, records };
}
