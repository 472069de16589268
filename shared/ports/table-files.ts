import type { Columns, Row } from '../contract/analytics/column.ts';
import type { ByteSource } from './object-store.ts';

/** A table's file while it is made: on this machine, outside the heap. */
export interface TableFile<C extends Columns> {
  /** Bytes that it has so far. */
  readonly bytes: number;
  /** Adds the rows as one group: a reader skips or takes them together. */
  append(rows: readonly Row<C>[]): void;
  /** Ends the file; what it gives can be read until `discard`. */
  finish(): ByteSource & {
    /** sha256 of the bytes, hex. */
    readonly digest: string;
  };
  /** Leaves nothing behind. May be called at any time, and more than once. */
  discard(): void;
}

/** Where a stored file is read from. */
export interface StoredTable {
  readonly bytes: number;
  /** Bytes `[from, to)`. */
  readRange(from: number, to: number): Promise<Uint8Array>;
}

/** Columnar files of rows, whatever their format. */
export interface TableFiles {
  begin<C extends Columns>(columns: C): TableFile<C>;
  /** The rows of a stored file, a group at a time; only the columns asked for. Rejects where it can't be read. */
  read<C extends Columns>(columns: C, stored: StoredTable): AsyncIterable<readonly Row<C>[]>;
}
