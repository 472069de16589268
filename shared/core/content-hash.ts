import { hash } from 'node:crypto';
import { endOfScalar } from './raw-json.ts';
import { childOf, endOf, layOut, NONE, nameOf, nextOf, shapeOf, startOf } from './json-layout.ts';

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

/** Compiled paths by their text: each message of a queue tells its account's, which are nearly always the same few. */
const COMPILED = new Map<string, VolatilePaths>();
const MOST_COMPILED = 100;

/** Any text has a meaning as a path; see `VolatilePaths`. */
export function compileVolatilePaths(paths: readonly string[]): VolatilePaths {
  const text = JSON.stringify(paths);
  let compiled = COMPILED.get(text);
  if (compiled === undefined) {
    if (COMPILED.size >= MOST_COMPILED) COMPILED.clear();
    compiled = compile(paths);
    COMPILED.set(text, compiled);
  }
  return compiled;
}

function compile(paths: readonly string[]): VolatilePaths {
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

const COMMA = 0x2c;
const QUOTE = 0x22;
const BRACKET = 0x5b;
const BRACKET_END = 0x5d;
const BRACE = 0x7b;
const BRACE_END = 0x7d;

/** Bytes beyond which a native copy is faster than a loop. */
const LONG = 96;

/**
 * Orders of members by shape. A source writes thousands of records with a handful of shapes, and sorting their members
 * took half of the time of hashing them. What is found here is checked: two shapes may share their number.
 */
const ORDERS = new Map<number, Int32Array>();
const MOST_ORDERS = 1_000;
/** Members of an object whose order is kept: a record has 70. */
const LONGEST_ORDER = 200;

const isEmpty = (token: string): boolean =>
  token === 'null' || token === '""' || token === '[]' || token === '{}';

/** The record, and its canonical text as it is written. Kept, as json-layout.ts keeps its own, and for its reason. */
let raw = '';
let bytes: Buffer = Buffer.alloc(0);
let out: Buffer = Buffer.alloc(65_536);
let written = 0;
/** Members of the objects that are being written, each object's after those of the one around it. */
let stack = new Int32Array(1_024);
let height = 0;

const push = (member: number): void => {
  if (height === stack.length) {
    const more = new Int32Array(2 * height);
    more.set(stack);
    stack = more;
  }
  stack[height++] = member;
};

function copy(from: number, to: number): void {
  const [source, target] = [bytes, out];
  let at = written;
  if (to - from > LONG) at += source.copy(target, at, from, to);
  else for (let index = from; index < to; index++) target[at++] = source[index] ?? 0;
  written = at;
}

/** Writes what stands for a value whose change is none, or for a part of a text; says whether this is one. */
function writeMarked(start: number, end: number, { whole, parameters }: VolatilePaths): boolean {
  if (!whole && (parameters.length === 0 || bytes[start] !== QUOTE)) return false;
  const token = raw.slice(start, end);
  if (isEmpty(token)) return false;
  const marked = whole
    ? MARK
    : parameters.reduce((text, pattern) => text.replace(pattern, `$1${MARK}`), token);
  written += out.write(marked, written, 'latin1');
  return true;
}

function writeValue(value: number, volatile: VolatilePaths | undefined): void {
  const [start, end] = [startOf(value), endOf(value)];
  if (volatile !== undefined && writeMarked(start, end, volatile)) return;
  if (bytes[start] === BRACKET) writeArray(value, volatile?.children.get(ENTRY));
  else if (childOf(value) === NONE) copy(start, end);
  else writeObject(value, volatile);
}

function writeArray(array: number, entryPaths: VolatilePaths | undefined): void {
  let at = startOf(array);
  const end = endOf(array);
  for (let child = childOf(array); child !== NONE; child = nextOf(child)) {
    writeScalars(at, startOf(child), entryPaths);
    writeValue(child, entryPaths);
    at = endOf(child);
  }
  writeScalars(at, end, entryPaths);
}

/** Texts, numbers and the signs between them, in an array. */
function writeScalars(from: number, to: number, volatile: VolatilePaths | undefined): void {
  if (volatile === undefined || (!volatile.whole && volatile.parameters.length === 0)) return copy(from, to);
  for (let at = from; at < to; ) {
    const first = bytes[at] ?? NONE;
    const isSign = first === COMMA || first === BRACKET || first === BRACKET_END;
    const end = isSign ? at + 1 : endOfScalar(bytes, at, first);
    if (isSign || !writeMarked(at, end, volatile)) copy(at, end);
    at = end;
  }
}

function writeObject(object: number, volatile: VolatilePaths | undefined): void {
  const paths = volatile !== undefined && volatile.children.size > 0 ? volatile.children : undefined;
  const first = height;
  for (let member = childOf(object); member !== NONE; member = nextOf(member)) push(member);
  const length = height - first;
  const order = orderOf(shapeOf(object), first, length);
  for (let at = 0; at < length; at++) {
    const member = stack[first + (order[at] ?? 0)] ?? NONE;
    const inside = paths?.get(nameAt(member));
    out[written++] = at === 0 ? BRACE : COMMA;
    if (inside === undefined && childOf(member) === NONE) copy(nameOf(member), endOf(member));
    else {
      copy(nameOf(member), startOf(member));
      writeValue(member, inside);
    }
  }
  height = first;
  out[written++] = BRACE_END;
}

/** Negative, 0 or positive, as the names of two members stand to each other: by their raw bytes. */
function compareNames(a: number, b: number): number {
  const text = bytes;
  const [endA, endB] = [startOf(a) - 2, startOf(b) - 2];
  let atA = nameOf(a) + 1;
  let atB = nameOf(b) + 1;
  while (atA < endA && atB < endB) {
    const difference = (text[atA++] ?? 0) - (text[atB++] ?? 0);
    if (difference !== 0) return difference;
  }
  return endA - atA - (endB - atB);
}

/** By name; of duplicates the first comes first: which of two comes last is what parsers go by. */
const compareMembers = (first: number, a: number, b: number): number =>
  compareNames(stack[first + a] ?? 0, stack[first + b] ?? 0) || a - b;

function isOrder(order: Int32Array, first: number, length: number): boolean {
  if (order.length !== length) return false;
  for (let at = 1; at < length; at++)
    if (compareMembers(first, order[at - 1] ?? 0, order[at] ?? 0) > 0) return false;
  return true;
}

/** The places of an object's members, in the order of their names. */
function orderOf(shape: number, first: number, length: number): Int32Array {
  const known = ORDERS.get(shape);
  if (known !== undefined && isOrder(known, first, length)) return known;
  const order = Int32Array.from({ length }, (_, place) => place).sort((a, b) => compareMembers(first, a, b));
  if (length > LONGEST_ORDER) return order;
  if (ORDERS.size >= MOST_ORDERS) ORDERS.clear();
  ORDERS.set(shape, order);
  return order;
}

/** A member's name as it reads, latin1 bytes. */
function nameAt(member: number): string {
  const name = raw.slice(nameOf(member) + 1, startOf(member) - 2);
  return name.includes('\\') ? bytesOf(String(JSON.parse(`"${name}"`))) : name;
}

/** Of the members of a record those that are asked for, by name, as `JSON.parse` would give them. */
export type Fields = Readonly<Record<string, unknown>>;

/** What is asked for of a record: names in ASCII, and beginnings of such. */
export interface WantedFields {
  readonly names: ReadonlySet<string>;
  readonly beginnings?: readonly string[];
}

const NO_FIELDS: WantedFields = { names: new Set() };

/** A text is copied: a piece of the record's own would keep all of that in memory, and the page that it came in. */
const valueOf = (value: number): unknown => {
  const [start, end] = [startOf(value), endOf(value)];
  const token = raw.slice(start, end);
  if (/[\x80-\xff]/.test(token)) return JSON.parse(bytes.toString('utf8', start, end));
  const isPlain = bytes[start] === QUOTE && !token.includes('\\');
  return isPlain ? bytes.toString('latin1', start + 1, end - 1) : JSON.parse(token);
};

/**
 * @param record a record as `scanEnvelope` cut it: a compact, well-formed JSON object of bounded depth.
 * @throws {RangeError} where it is none: a programmer's error.
 */
export function readRecord(
  record: string,
  volatile: VolatilePaths,
  { names, beginnings = [] }: WantedFields,
): { content: Content; fields: Fields } {
  raw = record;
  bytes = layOut(raw);
  // No canonical text is longer than its record: what is replaced becomes shorter.
  if (out.length < raw.length) out = Buffer.alloc(raw.length);
  written = 0;
  height = 0;
  writeValue(0, volatile);
  const digest = hash('sha256', out.subarray(0, written), 'hex').slice(0, 32);
  const fields: Record<string, unknown> = {};
  const ids = new Set<string>();
  for (let member = childOf(0); member !== NONE; member = nextOf(member)) {
    const name = nameAt(member);
    if (name === 'id') ids.add(canonicalOf(member, volatile.children.get(name)));
    if (names.has(name) || beginnings.some((beginning) => name.startsWith(beginning)))
      fields[name] = valueOf(member);
  }
  raw = '';
  const [idToken] = ids.size === 1 ? ids : [];
  return { content: { hash: digest, idToken }, fields };
}

const canonicalOf = (value: number, volatile: VolatilePaths | undefined): string => {
  written = 0;
  writeValue(value, volatile);
  return out.toString('latin1', 0, written);
};

/** The same without any field. */
export const readContent = (record: string, volatile: VolatilePaths): Content =>
  readRecord(record, volatile, NO_FIELDS).content;
