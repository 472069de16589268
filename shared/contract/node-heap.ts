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

/**
 * The environment of a function that holds little beside its heap. One pool of memory for all threads, where glibc makes
 * one for each, and large buffers go back to the system when they are freed, where glibc learns to keep them: without,
 * a process that reads all day grows by what its pools are left with (a proof of a million records by 20 MB).
 */
export const heapEnvironment = (heap: NodeHeap): Readonly<Record<string, string>> => ({
  // collectYoung() of shared/core is nothing without it.
  NODE_OPTIONS: [...heapOptions(heap), '--expose-gc'].join(' '),
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: String(128 * 1024),
});
