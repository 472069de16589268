import { DAY, type EpochMs, istBlockStart, type Ms } from './time.ts';
import type { Window } from './window.ts';

/** A look that comes again: when a block of `block`, counted from its end, is `age` old. */
export interface LookAge {
  readonly age: Ms;
  /** IST-aligned; divides a day. */
  readonly block: Ms;
}

/** A covered span and how far its later looks are settled. */
export interface Segment extends Window {
  /** The highest age of a full-read look that is settled; 0 for the first read. */
  readonly readAge: Ms;
  /** The highest age of a counting look that is settled, by a count or by a full read. */
  readonly probeAge: Ms;
}

/** Covered spans, sorted, disjoint, neighbours differing: all that is ever written down of what was done. */
export type Coverage = readonly Segment[];

/** The highest of the looks' ages that a request sent at `at` settles for call time `callAt`; 0 for none. */
export const settledAge = (looks: readonly LookAge[], callAt: EpochMs, at: EpochMs): Ms => {
  let highest = 0;
  for (const { age, block } of looks) {
    if (age > highest && istBlockStart(callAt, block) + block + age <= at) highest = age;
  }
  return highest;
};

const blocksOf = (looks: readonly LookAge[]): Ms[] => [...new Set([DAY, ...looks.map(({ block }) => block)])];

/** What of the window lies before the first border of a block. */
const firstPiece = ({ from, to }: Window, blocks: readonly Ms[]): Window =>
  blocks.reduce(
    (piece, block) => {
      const border = istBlockStart(from, block) + block;
      return border < piece.to ? { from, to: border } : piece;
    },
    { from, to },
  );

/** Cuts a window at the borders of the looks' blocks, in order: within a piece every look's age is one. */
export const cutAtBlocks = (window: Window, looks: readonly LookAge[]): Window[] => {
  const blocks = blocksOf(looks);
  const pieces: Window[] = [];
  for (let { from } = window; from < window.to; from = pieces.at(-1)?.to ?? window.to)
    pieces.push(firstPiece({ from, to: window.to }, blocks));
  return pieces;
};

const joined = (segments: Iterable<Segment>): Segment[] => {
  const result: Segment[] = [];
  for (const segment of segments) {
    const last = result.at(-1);
    if (
      last &&
      last.to === segment.from &&
      last.readAge === segment.readAge &&
      last.probeAge === segment.probeAge
    ) {
      result[result.length - 1] = { ...last, to: segment.to };
    } else if (segment.from < segment.to) result.push(segment);
  }
  return result;
};

/** The parts of `window` that no segment covers, oldest first. */
export const gapsIn = (coverage: Coverage, window: Window): Window[] => {
  const gaps: Window[] = [];
  let from = window.from;
  for (const segment of coverage) {
    if (segment.to <= from) continue;
    if (segment.from >= window.to) break;
    if (segment.from > from) gaps.push({ from, to: segment.from });
    from = segment.to;
  }
  if (from < window.to) gaps.push({ from, to: window.to });
  return gaps;
};

/** The parts of `window` that are covered, with their ages, oldest first. */
export const coveredIn = (coverage: Coverage, window: Window): Segment[] =>
  coverage
    .filter((segment) => segment.from < window.to && window.from < segment.to)
    .map((segment) => ({
      ...segment,
      from: Math.max(segment.from, window.from),
      to: Math.min(segment.to, window.to),
    }));

const outside = (coverage: Coverage, window: Window): { before: Segment[]; after: Segment[] } => ({
  before: coverage
    .filter(({ from }) => from < window.from)
    .map((s) => ({ ...s, to: Math.min(s.to, window.from) })),
  after: coverage
    .filter(({ to }) => to > window.to)
    .map((s) => ({ ...s, from: Math.max(s.from, window.to) })),
});

/** Ages never fall: what a later look settled stays settled. */
const raised = (under: Segment, piece: Window, ages: { readAge: Ms; probeAge: Ms }): Segment => ({
  from: Math.max(under.from, piece.from),
  to: Math.min(under.to, piece.to),
  readAge: Math.max(under.readAge, ages.readAge),
  probeAge: Math.max(under.probeAge, ages.probeAge),
});

/** The looks that a policy asks for. */
export interface Looks {
  readonly probes: readonly LookAge[];
  readonly edits: readonly LookAge[];
}

/** The coverage after all of `window` was read in full by requests sent from `at` on. */
export const coverRead = (coverage: Coverage, window: Window, at: EpochMs, looks: Looks): Coverage => {
  const { before, after } = outside(coverage, window);
  const inside = cutAtBlocks(window, [...looks.probes, ...looks.edits]).flatMap((piece) => {
    const ages = {
      readAge: settledAge(looks.edits, piece.from, at),
      probeAge: settledAge(looks.probes, piece.from, at),
    };
    const covered = coveredIn(coverage, piece).map((segment) => raised(segment, piece, ages));
    const fresh = gapsIn(coverage, piece).map((gap) => ({ ...gap, ...ages }));
    return [...covered, ...fresh].sort((a, b) => a.from - b.from);
  });
  return joined([...before, ...inside, ...after]);
};

/** The coverage after `window` was counted at `at` and the count agreed. What is not covered stays so. */
export const coverProbe = (coverage: Coverage, window: Window, at: EpochMs, looks: Looks): Coverage => {
  const { before, after } = outside(coverage, window);
  const inside = cutAtBlocks(window, looks.probes).flatMap((piece) => {
    const ages = { readAge: 0, probeAge: settledAge(looks.probes, piece.from, at) };
    return coveredIn(coverage, piece).map((segment) => raised(segment, piece, ages));
  });
  return joined([...before, ...inside, ...after]);
};

/** A covered span that owes a look of the given age. */
export interface OwedSpan extends Window {
  readonly age: Ms;
  /** When the look fell due. */
  readonly dueAt: EpochMs;
}

/**
 * The covered spans whose newest due look is not settled, cut at the blocks of that look.
 * A span that owes looks of several ages owes the newest only: one read settles them all.
 */
export const owedSpans = (
  coverage: Coverage,
  looks: readonly LookAge[],
  now: EpochMs,
  settled: (segment: Segment) => Ms,
): OwedSpan[] => {
  const blocks = blocksOf(looks);
  const owed: OwedSpan[] = [];
  for (const segment of coverage) {
    for (let { from } = segment; from < segment.to; ) {
      const age = settledAge(looks, from, now);
      // What was called later is no older: behind the first piece that owes nothing none does.
      if (age <= settled(segment)) break;
      const piece = firstPiece({ from, to: segment.to }, blocks);
      from = piece.to;
      const block = looks.find((look) => look.age === age)?.block ?? 0;
      const blockFrom = istBlockStart(piece.from, block);
      const last = owed.at(-1);
      const dueAt = blockFrom + block + age;
      if (last && last.to === piece.from && last.dueAt === dueAt && last.age === age) {
        owed[owed.length - 1] = { ...last, to: piece.to };
      } else owed.push({ ...piece, age, dueAt });
    }
  }
  return owed;
};

/** The newest instant before which coverage has no gap, counted from `from`; `from` where nothing is covered. */
export const coveredTo = (coverage: Coverage, from: EpochMs): EpochMs => {
  let to = from;
  for (const segment of coverage) {
    if (segment.from > to) break;
    to = Math.max(to, segment.to);
  }
  return to;
};
