import { hash } from 'node:crypto';
import type { Columns } from '../../shared/contract/analytics/column.ts';

/** What a set of rows is, whatever their order: how many, and the sums of two halves of each row's hash. */
export class Fingerprint {
  rows = 0;
  #high = 0;
  #low = 0;
  readonly #columns: readonly string[];

  /** @param columns those by which rows are told apart */
  constructor(columns: Columns) {
    this.#columns = Object.keys(columns);
  }

  add(row: object): void {
    // A length before each: where one ends and the next begins is told as well.
    const told = this.#columns.map((name) => {
      const text = String(Reflect.get(row, name));
      return `${text.length}:${text}`;
    });
    const digest = hash('sha1', told.join('\n'), 'buffer');
    this.rows += 1;
    this.#high = (this.#high + digest.readUInt32LE(0)) >>> 0;
    this.#low = (this.#low + digest.readUInt32LE(4)) >>> 0;
  }

  equals(other: Fingerprint): boolean {
    return this.rows === other.rows && this.#high === other.#high && this.#low === other.#low;
  }
}
