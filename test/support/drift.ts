/** A JSON value, as parsed. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** How one leaf may drift from one day to the next. */
export const DRIFTS = ['removed', 'null', 'other type', 'renamed', 'sibling added'] as const;
export type Drift = (typeof DRIFTS)[number];

/** Names of members, and places in lists, from the outside in. */
export type Path = readonly (string | number)[];

export const pathText = (path: Path): string => path.join('.');

/** Every member that holds no further member: scalars, empty lists, empty objects. */
export const leavesOf = (value: Json, path: Path = []): Path[] => {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return [path];
  const entries: [string | number, Json][] = Array.isArray(value)
    ? value.map((entry: Json, place) => [place, entry])
    : Object.entries(value);
  return entries.flatMap(([name, member]) => leavesOf(member, [...path, name]));
};

const otherType = (value: Json): Json => {
  if (typeof value === 'string') return 7;
  if (typeof value === 'number') return `${value}`;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return value === null ? { was: null } : 'none';
};

const driftMember = (name: string, value: Json, drift: Drift): [string, Json][] => {
  if (drift === 'removed') return [];
  if (drift === 'null') return [[name, null]];
  if (drift === 'other type') return [[name, otherType(value)]];
  if (drift === 'renamed') return [[`${name}_2`, value]];
  return [
    [name, value],
    [`${name}_2`, { since: [2027, null] }],
  ];
};

/** The value with one of its leaves drifted; all else stays, in its order. */
export const driftAt = (value: Json, path: Path, drift: Drift): Json => {
  const [first, ...rest] = path;
  if (Array.isArray(value))
    return value.map((entry: Json, place) => (place === first ? driftAt(entry, rest, drift) : entry));
  if (typeof value !== 'object' || value === null) throw new RangeError(`no leaf at ${pathText(path)}`);
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]): [string, Json][] => {
      if (name !== first) return [[name, member]];
      return rest.length === 0 ? driftMember(name, member, drift) : [[name, driftAt(member, rest, drift)]];
    }),
  );
};
