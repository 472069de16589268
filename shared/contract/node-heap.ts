/** What V8 may hold of objects, in whole MB. Bytes of buffers are beside it. */
export interface NodeHeap {
  readonly oldMb: number;
  /** One of the three semi-spaces of the young generation; V8 rounds it up to a power of two. */
  readonly semiSpaceMb: number;
}

/**
 * As options of Node, for a function's NODE_OPTIONS. Both: the start-up script of nodejs24.x (read in February 2026) sets
 * neither where NODE_OPTIONS names one of them, and leaves the other to V8.
 */
export const heapOptions = ({ oldMb, semiSpaceMb }: NodeHeap): readonly string[] => [
  `--max-old-space-size=${oldMb}`,
  `--max-semi-space-size=${semiSpaceMb}`,
];
