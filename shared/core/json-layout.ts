import { endOfScalar, endOfString } from './raw-json.ts';

/**
 * Where the members of one compact record stand, at every depth, and what holds them. Value 0 is the record itself. Texts and
 * numbers in an array are not told apart: an array tells of its objects and arrays alone.
 *
 * All of it is kept in arrays of this module, which the next record overwrites: an object for each of the 150 values of
 * a record costs several times what it takes to find them, and so do arrays that are reached through one.
 */

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BRACKET = 0x5b;
const BRACKET_END = 0x5d;
const BRACE = 0x7b;
const BRACE_END = 0x7d;

/** There is no such value. */
export const NONE = -1;

/** FNV-1a, 32 bits. */
const SHAPE_BASIS = 0x811c_9dc5 | 0;
const SHAPE_PRIME = 0x0100_0193;

/** Values for which there is room at first, and up to which room is kept for the next record. */
const FEW = 1_024;
const MANY = 65_536;

let bytes: Buffer = Buffer.alloc(65_536);
let starts = new Int32Array(FEW);
let ends = new Int32Array(FEW);
let names = new Int32Array(FEW);
let children = new Int32Array(FEW);
let nexts = new Int32Array(FEW);
let shapes = new Int32Array(FEW);
let count = 0;

const makeRoomFor = (values: number): void => {
  [starts, ends, names] = [new Int32Array(values), new Int32Array(values), new Int32Array(values)];
  [children, nexts, shapes] = [new Int32Array(values), new Int32Array(values), new Int32Array(values)];
};

const twice = (values: Int32Array): Int32Array<ArrayBuffer> => {
  const more = new Int32Array(2 * values.length);
  more.set(values);
  return more;
};

const doubleRoom = (): void => {
  [starts, ends, names] = [twice(starts), twice(ends), twice(names)];
  [children, nexts, shapes] = [twice(children), twice(nexts), twice(shapes)];
};

const notARecord = (): RangeError => new RangeError('not a record as scanEnvelope cuts it');

/** Each returns the index after what stands at `at`. */
function layOutValue(at: number): number {
  const value = count++;
  if (value === starts.length) doubleRoom();
  starts[value] = at;
  children[value] = NONE;
  const first = bytes[at] ?? NONE;
  const end =
    first === BRACE
      ? layOutMembers(value, at + 1)
      : first === BRACKET
        ? layOutEntries(value, at + 1)
        : endOfScalar(bytes, at, first);
  if (end < 0) throw notARecord();
  ends[value] = end;
  return end;
}

function layOutMembers(object: number, first: number): number {
  const text = bytes;
  let at = first;
  if (text[at] === BRACE_END) return at + 1;
  let shape = SHAPE_BASIS;
  let before = NONE;
  for (;;) {
    const nameEnd = text[at] === QUOTE ? endOfString(text, at) : NONE;
    if (nameEnd < 0 || text[nameEnd] !== COLON) throw notARecord();
    for (let index = at; index < nameEnd; index++) shape = Math.imul(shape ^ (text[index] ?? 0), SHAPE_PRIME);
    const member = count;
    const after = layOutValue(nameEnd + 1);
    if (before === NONE) children[object] = member;
    else nexts[before] = member;
    before = member;
    names[member] = at;
    at = after + 1;
    if (text[after] === COMMA) continue;
    if (text[after] !== BRACE_END) throw notARecord();
    nexts[member] = NONE;
    shapes[object] = shape;
    return at;
  }
}

function layOutEntries(array: number, first: number): number {
  let at = first;
  if (bytes[at] === BRACKET_END) return at + 1;
  let before = NONE;
  for (;;) {
    const entry = bytes[at] ?? NONE;
    if (entry === BRACE || entry === BRACKET) {
      const value = count;
      at = layOutValue(at);
      if (before === NONE) children[array] = value;
      else nexts[before] = value;
      nexts[value] = NONE;
      before = value;
    } else at = endOfScalar(bytes, at, entry);
    if (at < 0) throw notARecord();
    if (bytes[at] === BRACKET_END) return at + 1;
    if (bytes[at++] !== COMMA) throw notARecord();
  }
}

/**
 * Lays out another record: what was told of the one before is no longer true.
 *
 * @param raw latin1, one char a byte
 * @returns its bytes, to be read until the next call; behind the record they hold anything
 * @throws {RangeError} where it is no strictly well-formed object without white space between its tokens
 */
export const layOut = (raw: string): Buffer => {
  if (bytes.length < raw.length) bytes = Buffer.alloc(raw.length);
  bytes.write(raw, 'latin1');
  count = 0;
  if (starts.length > MANY) makeRoomFor(FEW);
  if (raw.length === 0 || bytes[0] !== BRACE || layOutValue(0) !== raw.length) throw notARecord();
  return bytes;
};

/** Where a value begins. */
export const startOf = (value: number): number => starts[value] ?? NONE;

/** The index after a value. */
export const endOf = (value: number): number => ends[value] ?? NONE;

/** Where the name of a member begins, its quote included. It ends two before the value: `"name":value`. */
export const nameOf = (member: number): number => names[member] ?? NONE;

/** The first member of an object, or the first object or array in an array; `NONE` where there is none. */
export const childOf = (value: number): number => children[value] ?? NONE;

/** The next of those. */
export const nextOf = (value: number): number => nexts[value] ?? NONE;

/** A number that objects of the same names in the same order share, and seldom others. Of objects that hold something. */
export const shapeOf = (object: number): number => shapes[object] ?? NONE;
