/** What is in the bucket under one key. */
export interface StoredObject {
  readonly body: Uint8Array;
  /** Names this content; pass it to `replace` to write only over what was read. */
  readonly version: string;
}

/** Bytes that need not be held at once. `open` is called anew for every try. */
export interface ByteSource {
  readonly bytes: number;
  open(): AsyncIterable<Uint8Array>;
}

/**
 * The bucket: archive, sent lists, claim checks, quarantine and curated days, each under its own prefix
 * (shared/contract/bucket-layout.ts). It has no delete: nothing of ours deletes an object.
 *
 * Every method rejects when the store could not be asked; the caller tries again.
 */
export interface ObjectStore {
  /** Writes only where nothing is yet. `exists` is success to whoever derives the key from the content. */
  create(key: string, body: Uint8Array): Promise<'created' | 'exists'>;
  /** As `create`, for what is too large to hold. */
  createFrom(key: string, source: ByteSource): Promise<'created' | 'exists'>;
  /**
   * Compare-and-set. `expected` undefined means "nothing is there yet".
   * @returns the new version, or `conflict` when something else is there. What is there already counts as
   * written: after a lost reply nobody can tell whose it is.
   */
  replace(
    key: string,
    body: Uint8Array,
    expected: string | undefined,
  ): Promise<{ version: string } | 'conflict'>;
  read(key: string): Promise<StoredObject | undefined>;
  /** Bytes `[from, to)` of what is there; fewer where it ends before. Undefined where nothing is there. */
  readRange(key: string, from: number, to: number): Promise<Uint8Array | undefined>;
  /** Keys under a prefix, in key order; those up to and including `after` are left out. */
  list(prefix: string, after?: string): AsyncIterable<string>;
  /** The next level of names under a prefix that ends in `/`, each with its `/`, in order: `dt=2026-03-10/`. */
  folders(prefix: string): AsyncIterable<string>;
}
