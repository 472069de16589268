import type { ColumnType, Columns, Row } from '../contract/analytics/column.ts';

/** Of a column of short texts; it grows with what comes. */
const FIRST_BYTES = 16 * 1024;

/** The values of one column, packed. */
abstract class PackedColumn {
  readonly #isNull: Uint8Array;

  constructor(most: number) {
    this.#isNull = new Uint8Array(most);
  }

  /** Values are put at one place after the other, from 0 on. */
  put(place: number, value: unknown): void {
    this.#isNull[place] = value === null ? 1 : 0;
    this.pack(place, value);
  }

  /** Those at the first places, as they came. */
  values(rows: number): unknown[] {
    return Array.from({ length: rows }, (_, place) =>
      this.#isNull[place] === 1 ? null : this.unpack(place),
    );
  }

  protected abstract pack(place: number, value: unknown): void;
  protected abstract unpack(place: number): unknown;
}

/** Numbers, and what a number stands for. */
class PackedNumbers extends PackedColumn {
  readonly #numbers: Float64Array;
  readonly #read: (packed: number) => unknown;

  constructor(most: number, read: (packed: number) => unknown) {
    super(most);
    this.#numbers = new Float64Array(most);
    this.#read = read;
  }

  protected override pack(place: number, value: unknown): void {
    this.#numbers[place] = Number(value);
  }

  protected override unpack(place: number): unknown {
    return this.#read(this.#numbers[place] ?? 0);
  }
}

/** Texts as UTF-8, one after another in one buffer that is used again for the next rows. */
class PackedTexts extends PackedColumn {
  readonly #ends: Uint32Array;
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);

  constructor(most: number) {
    super(most);
    this.#ends = new Uint32Array(most);
  }

  bytesOf(rows: number): number {
    return this.#from(rows);
  }

  /** Each as its bytes, which lie in this column until the next rows come. */
  views(rows: number): Uint8Array[] {
    return Array.from(
      { length: rows },
      (_, place) => new Uint8Array(this.#bytes.buffer, this.#from(place), this.#lengthOf(place)),
    );
  }

  protected override pack(place: number, value: unknown): void {
    const text = typeof value === 'string' ? value : '';
    const from = this.#from(place);
    const end = from + Buffer.byteLength(text);
    if (end > this.#bytes.length) {
      const more = Buffer.allocUnsafeSlow(2 * end);
      this.#bytes.copy(more, 0, 0, from);
      this.#bytes = more;
    }
    this.#bytes.write(text, from);
    this.#ends[place] = end;
  }

  protected override unpack(place: number): string {
    return this.#bytes.toString('utf8', this.#from(place), this.#ends[place]);
  }

  #from(place: number): number {
    return this.#ends[place - 1] ?? 0;
  }

  #lengthOf(place: number): number {
    return (this.#ends[place] ?? 0) - this.#from(place);
  }
}

const PACKED: Readonly<Record<ColumnType, (most: number) => PackedColumn>> = {
  text: (most) => new PackedTexts(most),
  integer: (most) => new PackedNumbers(most, (packed) => packed),
  boolean: (most) => new PackedNumbers(most, (packed) => packed === 1),
  timestamp: (most) => new PackedNumbers(most, (packed) => new Date(packed)),
};

/**
 * Rows until there are enough of them for a group, column by column and outside V8's heap. As objects two thousand calls are
 * sixteen megabytes that outlive the young generation, and lie about until all of the heap is collected; packed they take
 * what they are, in buffers that the next group uses again.
 */
export class PackedRows<C extends Columns> {
  readonly #columns: ReadonlyMap<string, PackedColumn>;
  readonly #texts: readonly PackedTexts[];
  rows = 0;

  /** @param most rows at a time */
  constructor(columns: C, most: number) {
    this.#columns = new Map(Object.entries(columns).map(([name, { type }]) => [name, PACKED[type](most)]));
    this.#texts = [...this.#columns.values()].filter((column) => column instanceof PackedTexts);
  }

  /** Of all texts. */
  get bytes(): number {
    return this.#texts.reduce((sum, column) => sum + column.bytesOf(this.rows), 0);
  }

  add(row: Row<C>): void {
    for (const [name, column] of this.#columns) column.put(this.rows, Reflect.get(row, name));
    this.rows += 1;
  }

  /** One column's values. */
  values(name: string): unknown[] {
    return this.#columns.get(name)?.values(this.rows) ?? [];
  }

  /** The texts of a column that has no null, as UTF-8: until the next row is added. */
  utf8(name: string): Uint8Array[] {
    const column = this.#columns.get(name);
    return column instanceof PackedTexts ? column.views(this.rows) : [];
  }

  clear(): void {
    this.rows = 0;
  }
}
