/** What is in the bucket under one key. */
export interface StoredObject {
  readonly body: Uint8Array;
  /** Names this content; pass it to `replace` to write only over what was read. */
  readonly version: string;
}

/**
 * The bucket: archive, sent lists, claim checks and quarantine, each under its own prefix
 * (shared/contract/bucket-layout.ts). It has no delete: nothing of ours deletes an object.
 *
 * Every method rejects when the store could not be asked; the caller tries again.
 */
export interface ObjectStore {
  /** Writes only where nothing is yet. `exists` is success to whoever derives the key from the content. */
  create(key: string, body: Uint8Array): Promise<'created' | 'exists'>;
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
  /** Keys under a prefix, in key order. */
  list(prefix: string): AsyncIterable<string>;
}
