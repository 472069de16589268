import { hash } from 'node:crypto';
import { joinRecord } from '../../shared/contract/analytics/stored-columns.ts';
import type { CuratedRow } from '../../shared/contract/analytics/curated-row.ts';

type Told = Pick<CuratedRow, 'key' | 'revision' | 'revisions'> & Parameters<typeof joinRecord>[0];

/** What a set of rows is, whatever their order: how many, and the sums of two halves of each row's hash. */
export class Fingerprint {
  rows = 0;
  #high = 0;
  #low = 0;

  add(row: Told): void {
    const told = [row.key, row.revision, row.revisions, joinRecord(row)].join('\n');
    const digest = hash('sha1', told, 'buffer');
    this.rows += 1;
    this.#high = (this.#high + digest.readUInt32LE(0)) >>> 0;
    this.#low = (this.#low + digest.readUInt32LE(4)) >>> 0;
  }

  equals(other: Fingerprint): boolean {
    return this.rows === other.rows && this.#high === other.#high && this.#low === other.#low;
  }
}
