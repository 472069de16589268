import { hash } from 'node:crypto';

/**
 * Paths whose change is no revision, as a tree over names. A path is dotted, with `[]` for any entry of an
 * array: `recording_url`, `call_flow[].time`, `matrix[][]`. It may end in `?name`: then only the value of
 * that query parameter is volatile, the rest of the string counts (`recording_url?token`).
 *
 * Names are compared decoded. A name that holds `.`, `[]` or `?` can't be spelled; a path that is found
 * nowhere does nothing.
 *
 * What is there is replaced, what is empty is not: between absent, `null`, `""`, `[]`, `{}` and any other
 * value every step is a change, so a recording that appears or disappears is a revision.
 */
export interface VolatilePaths {
  readonly whole: boolean;
  /** Each matches one query parameter and its value in a raw string token. */
  readonly parameters: readonly RegExp[];
  readonly children: ReadonlyMap<string, VolatilePaths>;
}

/** What a record is for keys and comparison. */
export interface Content {
  /** 32 hex digits: half of a sha256 over the tokens, object members sorted by name, volatile paths replaced. */
  readonly hash: string;
  /** The raw token of the top-level `id`; undefined where there is none, or two that differ. */
  readonly idToken: string | undefined;
}

const ENTRY = '[]';
const MARK = '~';

/** UTF-8 as one char a byte: what raw tokens are made of. */
const bytesOf = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/**
 * `?name=value` or `&name=value` in a raw token, up to the next parameter, the fragment or the end. PHP may
 * write `&` as `\u0026`, `?` as `\u003f` and `/` as `\/`; no escape is cut in two. An empty value stays.
 */
const parameterPattern = (name: string): RegExp => {
  const spelled = bytesOf(name).replace(/[^A-Za-z0-9_]/g, '\\$&');
  return new RegExp(
    String.raw`((?:[?&]|(?<!\\)\\u003[fF]|(?<!\\)\\u0026)${spelled}=)(?:\\(?!u002[63])[^]|[^&#"\\])+`,
    'g',
  );
};

interface Branch {
  whole: boolean;
  parameters: RegExp[];
  children: Map<string, Branch>;
}

/** Any text has a meaning as a path; see `VolatilePaths`. Compile once, use for many records. */
export function compileVolatilePaths(paths: readonly string[]): VolatilePaths {
  const branch = (): Branch => ({ whole: false, parameters: [], children: new Map() });
  const root = branch();
  for (const path of paths) {
    const question = path.indexOf('?');
    const place = question < 0 ? path : path.slice(0, question);
    let node = root;
    for (const part of place.split('.').flatMap((name) => name.split(/(?=\[\])/))) {
      const name = bytesOf(part);
      const child = node.children.get(name) ?? branch();
      node.children.set(name, child);
      node = child;
    }
    if (question < 0) node.whole = true;
    else node.parameters.push(parameterPattern(path.slice(question + 1)));
  }
  return root;
}

/** Where the walk through one compact record stands. */
interface Cursor {
  readonly text: string;
  readonly bytes: Uint8Array;
  at: number;
}

/** The members of one object as they stand: each list has an entry for each. */
interface Members {
  /** Names' raw bytes, by which members are sorted; as they are spelled, escapes and all. */
  readonly names: string[];
  /** `"name":value`, canonical. */
  readonly texts: string[];
  /** A number that objects of the same names in the same order share. */
  shape: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const BRACKET = 0x5b;
const BRACKET_END = 0x5d;
const BRACE = 0x7b;
const BRACE_END = 0x7d;

/** 1 for bytes that neither end nor escape. */
const INSIDE_STRING = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte === QUOTE || byte === BACKSLASH ? 0 : 1,
);
const INSIDE_TOKEN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte === COMMA || byte === BRACE_END || byte === BRACKET_END ? 0 : 1,
);

const notARecord = (): RangeError => new RangeError('not a record as scanEnvelope cuts it');

function skipString(cursor: Cursor): void {
  const { bytes } = cursor;
  let at = cursor.at + 1;
  for (;;) {
    while (INSIDE_STRING[bytes[at] ?? QUOTE] === 1) at++;
    if (bytes[at] !== BACKSLASH) break;
    at += 2;
  }
  if (at >= bytes.length) throw notARecord();
  cursor.at = at + 1;
}

function skipToken(cursor: Cursor): void {
  const { bytes } = cursor;
  let at = cursor.at;
  while (INSIDE_TOKEN[bytes[at] ?? COMMA] === 1) at++;
  cursor.at = at;
}

const isEmpty = (token: string): boolean =>
  token === 'null' || token === '""' || token === '[]' || token === '{}';

/** Moves behind the value. The canonical text where it differs from what is there, else undefined: most do not. */
function canonicalValue(cursor: Cursor, volatile: VolatilePaths | undefined): string | undefined {
  const start = cursor.at;
  const first = cursor.bytes[start];
  let changed: string | undefined;
  if (first === QUOTE) skipString(cursor);
  else if (first === BRACE) changed = joinMembers(readMembers(cursor, volatile));
  else if (first === BRACKET) changed = canonicalArray(cursor, volatile);
  else skipToken(cursor);
  if (volatile === undefined) return changed;
  const canonical = changed ?? cursor.text.slice(start, cursor.at);
  if (isEmpty(canonical)) return undefined;
  if (volatile.whole) return MARK;
  if (first !== QUOTE) return changed;
  return volatile.parameters.reduce((token, pattern) => token.replace(pattern, `$1${MARK}`), canonical);
}

function canonicalArray(cursor: Cursor, volatile: VolatilePaths | undefined): string | undefined {
  const { text, bytes } = cursor;
  const entryPaths = volatile?.children.get(ENTRY);
  let canonical = '';
  /** Up to here the text is in `canonical`. */
  let taken = cursor.at;
  if (bytes[++cursor.at] !== BRACKET_END) {
    for (;;) {
      const start = cursor.at;
      const changed = canonicalValue(cursor, entryPaths);
      if (changed !== undefined) {
        canonical += text.slice(taken, start) + changed;
        taken = cursor.at;
      }
      if (bytes[cursor.at] !== COMMA) break;
      cursor.at++;
    }
  }
  cursor.at++;
  return canonical === '' ? undefined : canonical + text.slice(taken, cursor.at);
}

/** Moves behind a name and mixes its bytes into a shape (FNV-1a). */
function skipName(cursor: Cursor, shape: number): number {
  const { bytes } = cursor;
  const start = cursor.at;
  skipString(cursor);
  let mixed = shape;
  for (let at = start; at < cursor.at; at++) mixed = Math.imul(mixed ^ (bytes[at] ?? 0), 0x0100_0193);
  return mixed;
}

function readMembers(cursor: Cursor, volatile: VolatilePaths | undefined): Members {
  const { text, bytes } = cursor;
  const members: Members = { names: [], texts: [], shape: 0x811c_9dc5 };
  const paths = volatile?.children;
  if (bytes[++cursor.at] !== BRACE_END) {
    for (;;) {
      const start = cursor.at;
      members.shape = skipName(cursor, members.shape);
      const name = text.slice(start + 1, cursor.at - 1);
      const value = ++cursor.at;
      const changed = canonicalValue(
        cursor,
        paths === undefined || paths.size === 0 ? undefined : paths.get(decode(name)),
      );
      members.names.push(name);
      members.texts.push(
        changed === undefined ? text.slice(start, cursor.at) : text.slice(start, value) + changed,
      );
      if (bytes[cursor.at] !== COMMA) break;
      cursor.at++;
    }
  }
  cursor.at++;
  return members;
}

/**
 * Orders by shape. A source writes thousands of records with a handful of shapes, and sorting their members took half
 * of the time of hashing them. What is found here is checked: two shapes may share their number.
 */
const ORDERS = new Map<number, readonly number[]>();
const MOST_ORDERS = 1_000;
/** Members of an object whose order is kept: a record has 70. */
const LONGEST_ORDER = 200;

const isOrder = (order: readonly number[], names: readonly string[]): boolean => {
  if (order.length !== names.length) return false;
  for (let place = 1; place < order.length; place++) {
    const [before = 0, here = 0] = [order[place - 1], order[place]];
    const [a = '', b = ''] = [names[before], names[here]];
    if (a > b || (a === b && before > here)) return false;
  }
  return true;
};

/** Duplicates keep their order: which of two comes last is what parsers go by. */
const orderOf = ({ names, shape }: Members): readonly number[] => {
  const known = ORDERS.get(shape);
  if (known !== undefined && isOrder(known, names)) return known;
  const order = [...names.keys()].sort((a, b) => {
    const [left = '', right = ''] = [names[a], names[b]];
    return left < right ? -1 : left > right ? 1 : a - b;
  });
  if (names.length > LONGEST_ORDER) return order;
  if (ORDERS.size >= MOST_ORDERS) ORDERS.clear();
  ORDERS.set(shape, order);
  return order;
};

const joinMembers = (members: Members): string => {
  let joined = '';
  for (const place of orderOf(members)) joined += `${joined === '' ? '{' : ','}${members.texts[place]}`;
  return joined === '' ? '{}' : `${joined}}`;
};

/** A name as it reads, latin1 bytes. */
const decode = (name: string): string =>
  name.includes('\\') ? bytesOf(String(JSON.parse(`"${name}"`))) : name;

/**
 * @param raw a record as `scanEnvelope` cut it: a compact, well-formed JSON object of bounded depth.
 * @throws {RangeError} where it is none: a programmer's error.
 */
export function readContent(raw: string, volatile: VolatilePaths): Content {
  const cursor: Cursor = { text: raw, bytes: Buffer.from(raw, 'latin1'), at: 0 };
  if (cursor.bytes[0] !== BRACE) throw notARecord();
  const members = readMembers(cursor, volatile);
  if (cursor.at !== raw.length) throw notARecord();
  const ids = new Set<string>();
  for (const [place, name] of members.names.entries())
    if (decode(name) === 'id') ids.add(members.texts[place]?.slice(name.length + 3) ?? '');
  const [idToken] = ids.size === 1 ? ids : [];
  return { hash: hash('sha256', Buffer.from(joinMembers(members), 'latin1'), 'hex').slice(0, 32), idToken };
}
