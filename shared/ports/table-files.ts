import type { Columns, Row } from '../contract/analytics/column.ts';
import type { ByteSource } from './object-store.ts';

/** A table's file while it is made: on this machine, outside the heap. */
export interface TableFile<C extends Columns> {
  /** Bytes that it has so far. */
  readonly bytes: number;
  /** Adds rows behind those that it has. */
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

/** One column of some rows of a file, one after another. */
export interface ColumnPart {
  readonly name: string;
  readonly values: ArrayLike<unknown>;
}

/** Columnar files of rows, whatever their format. */
export interface TableFiles {
  begin<C extends Columns>(columns: C): TableFile<C>;
  /**
   * What a stored file holds of the columns asked for: of its first rows one column after the other, then of the next.
   * Rejects where it can't be read.
   */
  read(columns: Columns, stored: StoredTable): AsyncIterable<ColumnPart>;
}
