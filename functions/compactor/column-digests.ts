import { createHash } from 'node:crypto';
import type { Columns } from '../../shared/contract/analytics/column.ts';

/** What rows are, by a digest of each column's values in their order. */
export class ColumnDigests {
  rows = 0;
  readonly #digests;

  /** @param columns those by which rows are told apart */
  constructor(columns: Columns) {
    this.#digests = Object.keys(columns).map((name) => ({ name, hash: createHash('sha1') }));
  }

  /** One more row, as it is meant. */
  add(row: object): void {
    this.rows += 1;
    for (const { name, hash } of this.#digests) hash.update(told(Reflect.get(row, name)));
  }

  /** Some more values of one column, as they are read. */
  addValues(column: string, values: ArrayLike<unknown>): void {
    for (const [place, { name, hash }] of this.#digests.entries()) {
      if (name !== column) continue;
      if (place === 0) this.rows += values.length;
      for (const value of Array.from(values)) hash.update(told(value));
    }
  }

  /** Ends both. */
  equals(other: ColumnDigests): boolean {
    return this.rows === other.rows && this.#end() === other.#end();
  }

  #end(): string {
    return this.#digests.map(({ name, hash }) => `${name} ${hash.digest('hex')}`).join('\n');
  }
}

/** A length before each: where one ends and the next begins is told as well. Null is no text. */
const told = (value: unknown): string => {
  const text = String(value);
  return value === null ? '-' : `${text.length}:${text}`;
};
