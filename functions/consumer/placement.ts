import { rawKey } from '../../shared/contract/bucket-layout.ts';
import type { IndexedCall } from '../../shared/contract/indexed-call.ts';
import { type Observation, type OddLine, readLines } from '../../shared/contract/observations.ts';
import { joinLines, type PackMessage, packDigest } from '../../shared/contract/pack-message.ts';

/** Where a record lies in the archive. */
type Place = Pick<IndexedCall, 'dt' | 'object' | 'line'>;

/** An odd line, and where it lies. */
export type PlacedOddLine = OddLine & Place;

/** What the lines of a pack say, and where they lie. */
export interface PlacedReading {
  readonly observations: readonly Observation[];
  readonly odd: readonly PlacedOddLine[];
}

/** An object of the archive, not yet written. */
export interface NewObject {
  readonly key: string;
  readonly dt: string;
  readonly lines: readonly string[];
}

/** A pack whose records lie in one object under its own date. */
export interface WholePack {
  readonly object: NewObject;
  readonly reading: PlacedReading;
}

const objectOf = (
  pack: PackMessage,
  dt: string,
  lines: readonly string[],
  ndjson: Uint8Array = joinLines(lines),
): NewObject => ({ key: rawKey({ ...pack, dt, digest: packDigest(ndjson) }), dt, lines });

/**
 * Reads a pack as if it lay in one object under its own date.
 * @param ndjson the lines as they came
 */
export const readWhole = (pack: PackMessage, lines: readonly string[], ndjson: Uint8Array): WholePack => {
  const { dt } = pack;
  const object = objectOf(pack, dt, lines, ndjson);
  const { observations, odd } = readLines(pack, object.key, lines);
  return { object, reading: { observations, odd: odd.map((one) => ({ ...one, dt, object: object.key })) } };
};

/**
 * Keeps records in the partition of their first sight: what the index has under another date than the pack's is cut
 * out of the pack's object and lies in one of its own. See docs/adr/0007-first-date.md.
 *
 * @param present what the index holds of the pack's records
 * @returns the objects to write, which together hold every line, and the reading with its places in them
 */
export const placeLines = (
  pack: PackMessage,
  { object: whole, reading }: WholePack,
  present: ReadonlyMap<string, IndexedCall>,
): { readonly objects: readonly NewObject[]; readonly reading: PlacedReading } => {
  const moved = new Map<number, string>();
  for (const { call } of reading.observations) {
    const first = present.get(call.key)?.dt;
    if (first !== undefined && first !== call.dt) moved.set(call.line, first);
  }
  if (moved.size === 0) return { objects: [whole], reading };
  const { lines } = whole;
  const places: Place[] = [];
  const byDate = Map.groupBy(lines.keys(), (line) => moved.get(line) ?? pack.dt);
  const objects = [...byDate].map(([dt, numbers]) => {
    const object = objectOf(
      pack,
      dt,
      numbers.map((number) => lines[number] ?? ''),
    );
    for (const [line, number] of numbers.entries()) places[number] = { dt, object: object.key, line };
    return object;
  });
  return {
    objects,
    reading: {
      observations: reading.observations.map((one) => ({
        ...one,
        call: { ...one.call, ...places[one.call.line] },
      })),
      odd: reading.odd.map((one) => ({ ...one, ...places[one.line] })),
    },
  };
};

/** A record that another message has meanwhile shown first, under another date: in an object of its own. */
export const placeAgain = (
  pack: PackMessage,
  observation: Observation,
  dt: string,
): { readonly object: NewObject; readonly observation: Observation } => {
  const object = objectOf(pack, dt, [observation.raw]);
  const call = { ...observation.call, dt, object: object.key, line: 0 };
  return { object, observation: { ...observation, call } };
};
