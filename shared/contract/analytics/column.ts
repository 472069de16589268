export type ColumnType = 'text' | 'integer' | 'boolean' | 'timestamp';

/** Why not everybody may see a column. `record` holds all of it at once. */
export type Personal = 'number' | 'name' | 'record';

export interface Column {
  readonly type: ColumnType;
  /** What it says, with its unit or zone. */
  readonly says: string;
  /** The path in the raw record, or where else it comes from. */
  readonly source: string;
  /** What null means; `never` where it can't be. */
  readonly null: string;
  readonly personal?: Personal;
}

export type Columns = Readonly<Record<string, Column>>;

/** A row of a table, as TypeScript holds it. Timestamps are naive: UTC or IST as the column says. */
export type Row<C extends Columns> = {
  -readonly [Name in keyof C]: Held[C[Name]['type']] | (C[Name]['null'] extends 'never' ? never : null);
};
interface Held {
  text: string;
  integer: number;
  boolean: boolean;
  timestamp: Date;
}

/** Athena's name in a view, Glue's in a table, DuckDB's. Integers are 32 bits, timestamps without a zone. */
export const SQL_TYPES = {
  text: { athena: 'varchar', glue: 'string', duckdb: 'VARCHAR' },
  integer: { athena: 'integer', glue: 'int', duckdb: 'INTEGER' },
  boolean: { athena: 'boolean', glue: 'boolean', duckdb: 'BOOLEAN' },
  timestamp: { athena: 'timestamp', glue: 'timestamp', duckdb: 'TIMESTAMP' },
} as const satisfies Record<ColumnType, unknown>;
