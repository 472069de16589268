import type { Sighting } from './sighting.ts';

/**
 * Counts the distinct records of one window over its pages.
 *
 * Rows repeat when records shift between pages, so the same `id` on two pages is one record, seen twice, even if
 * it changed in between. But an `id` that stands twice in one page with different content is two records; and so
 * is one that stands so over several pages when only then the number of records is what the source counts, and
 * the count stood still: where a record came in meanwhile, another one shifted, and may have changed on its way.
 */
export class Tally {
  readonly #hashes = new Map<string, Set<string>>();
  readonly #repeated = new Set<string>();
  #rows = 0;

  /** @returns how many rows of the page had not been seen before, by key and content */
  add(page: readonly Sighting[]): number {
    let fresh = 0;
    const inPage = new Map<string, string>();
    for (const { key, content } of page) {
      const before = inPage.get(key);
      if (before !== undefined && before !== content.hash) this.#repeated.add(key);
      inPage.set(key, content.hash);
      const hashes = this.#hashes.get(key) ?? new Set();
      if (!hashes.has(content.hash)) fresh += 1;
      this.#hashes.set(key, hashes.add(content.hash));
    }
    this.#rows += page.length;
    return fresh;
  }

  get rows(): number {
    return this.#rows;
  }

  /**
   * Keys that do not name one record here: those records are keyed by their content.
   * @param count what the source counts; undefined where that moved
   */
  repeated(count: number | undefined): ReadonlySet<string> {
    const several = [...this.#hashes].filter(([, hashes]) => hashes.size > 1);
    const pairs = this.#hashes.size + several.reduce((sum, [, hashes]) => sum + hashes.size - 1, 0);
    return pairs === count ? new Set(several.map(([key]) => key)) : this.#repeated;
  }

  /** Distinct records, given what the source counts; undefined where that moved. */
  distinct(count: number | undefined): number {
    const repeated = this.repeated(count);
    let records = 0;
    for (const [key, hashes] of this.#hashes) records += repeated.has(key) ? hashes.size : 1;
    return records;
  }
}
