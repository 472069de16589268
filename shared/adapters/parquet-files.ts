import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import {
  type AsyncBuffer,
  parquetMetadataAsync,
  parquetRead,
  type RowGroup,
  type SchemaElement,
} from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { collectYoung } from '../core/collect-garbage.ts';
import type { Column, Columns, ColumnType, Row } from '../contract/analytics/column.ts';
import { PackedRows } from './packed-rows.ts';
import type { ColumnPart, StoredTable, TableFile, TableFiles } from '../ports/table-files.ts';

/**
 * Of 3.8 KB of JSON, level 3 leaves 260 bytes, 6 leaves 220, 9 leaves 212, 12 leaves 206, 15 leaves 195, at 9, 26, 43, 71 and
 * 183 µs a record (November 2026, the fake's records, a busy machine). Written once, scanned many times. With these tables
 * it is 196 bytes at 114 µs, and 14 MB of memory, not 39.
 */
const COMPRESSION = {
  [constants.ZSTD_c_compressionLevel]: 15,
  [constants.ZSTD_c_hashLog]: 18,
  [constants.ZSTD_c_chainLog]: 20,
};

/** A group of rows, which a reader takes or skips together, ends at so many rows, or bytes of texts. */
const GROUP_ROWS = 2_048;
const GROUP_BYTES = 16 * 1024 ** 2;

/** Uncompressed bytes of a page. */
const PAGE_BYTES = 2 * 1024 ** 2;

/** A part of the file at a time on its way out. */
const CHUNK_BYTES = 1024 ** 2;

/** Of a file of three hundred groups or so. */
const PACKED_BYTES = 512 * 1024;

/** A page below it leaves little behind. */
const LARGE_PAGE_BYTES = PAGE_BYTES / 4;

const compress = (bytes: Uint8Array): Uint8Array => {
  // What the library wrote the page's values into, half as large, and half as large as that, lies about.
  if (bytes.length > LARGE_PAGE_BYTES) collectYoung();
  return zstdCompressSync(bytes, { params: COMPRESSION });
};

/** Timestamps without a zone, as Athena and DuckDB have them. */
const STORED: Readonly<Record<ColumnType, Omit<SchemaElement, 'name'>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  integer: { type: 'INT32' },
  boolean: { type: 'BOOLEAN' },
  timestamp: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MILLIS' },
  },
};

const schemaOf = (columns: Columns): SchemaElement[] => [
  { name: 'root', num_children: Object.keys(columns).length },
  ...Object.entries(columns).map(([name, column]: [string, Column]) => ({
    name,
    repetition_type: column.null === 'never' ? ('REQUIRED' as const) : ('OPTIONAL' as const),
    ...STORED[column.type],
  })),
];

/** Collects what the library writes, and hands it over after each group of rows. */
class FlushedWriter extends ByteWriter {
  readonly #sink: (bytes: Uint8Array) => void;

  constructor(sink: (bytes: Uint8Array) => void) {
    super(CHUNK_BYTES);
    this.#sink = sink;
  }

  flush(): void {
    this.#sink(this.getBytes());
    this.index = 0;
  }

  override finish(): void {
    this.flush();
  }
}

/** A list whose elements are made when they are asked for, each time anew. */
class MadeOnDemand<T> extends Array<T> {
  readonly #make: (place: number) => T;

  constructor(length: number, make: (place: number) => T) {
    super(length);
    this.#make = make;
  }

  override *[Symbol.iterator](): ArrayIterator<T> {
    for (let place = 0; place < this.length; place++) yield this.#make(place);
  }
}

/**
 * What the footer says of each group of rows, until the file ends. As objects those of a large file take 8 MB, and what the
 * library makes of them all to write the footer another 30; as a buffer each, they lie between others that are let go of, and
 * what these took can't be given back. Compressed, a group takes 1.5 KB of 19.
 */
class PackedGroups extends Array<RowGroup> {
  readonly #ends: number[] = [0];
  #packed = Buffer.allocUnsafeSlow(PACKED_BYTES);

  override push(...groups: RowGroup[]): number {
    for (const group of groups) {
      const [bytes, from] = [zstdCompressSync(serialize(group)), this.#ends.at(-1) ?? 0];
      const end = from + bytes.length;
      if (end > this.#packed.length) {
        const more = Buffer.allocUnsafeSlow(2 * end);
        this.#packed.copy(more, 0, 0, from);
        this.#packed = more;
      }
      this.#packed.set(bytes, from);
      this.#ends.push(end);
    }
    return this.#ends.length - 1;
  }

  override map<T>(tell: (group: RowGroup, place: number, all: RowGroup[]) => T): T[] {
    const at = (place: number) => {
      // What zstd unpacked the last one with is freed when its handle is: 100 KB each.
      collectYoung();
      const packed = this.#packed.subarray(this.#ends[place], this.#ends[place + 1]);
      return deserialize(zstdDecompressSync(packed)) as RowGroup;
    };
    return new MadeOnDemand(this.#ends.length - 1, (place) => tell(at(place), place, this));
  }
}

class ParquetFile<C extends Columns> implements TableFile<C> {
  readonly #folder: string;
  readonly #path: string;
  readonly #file: number;
  readonly #columns: C;
  readonly #group: PackedRows<C>;
  readonly #sink: FlushedWriter;
  readonly #parquet: ParquetWriter;
  readonly #hash = createHash('sha256');
  #isOpen = true;

  constructor(scratch: string, columns: C) {
    this.#columns = columns;
    this.#group = new PackedRows(columns, GROUP_ROWS);
    this.#folder = mkdtempSync(join(scratch, 'smartflo-cdr-'));
    this.#path = join(this.#folder, 'file.parquet');
    this.#file = openSync(this.#path, 'w');
    this.#sink = new FlushedWriter((bytes) => {
      this.#hash.update(bytes);
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    });
    this.#parquet = new ParquetWriter({
      writer: this.#sink,
      schema: schemaOf(columns),
      codec: 'ZSTD',
      compressors: { ZSTD: compress },
      createdBy: 'smartflo-cdr',
    });
    this.#parquet.row_groups = new PackedGroups();
  }

  get bytes(): number {
    return this.#sink.offset;
  }

  append(rows: readonly Row<C>[]): void {
    const group = this.#group;
    for (const row of rows) {
      group.add(row);
      if (group.rows === GROUP_ROWS || group.bytes >= GROUP_BYTES) this.#writeGroup();
    }
  }

  #writeGroup(): void {
    const group = this.#group;
    if (group.rows === 0) return;
    const columnData = Object.entries(this.#columns).map(([name, { type }]) => {
      const isJson = type === 'text' && name.startsWith('record');
      return {
        name,
        // Asked for column by column: so no two of them are held.
        get data() {
          return isJson ? group.utf8(name) : group.values(name);
        },
        // The bounds of JSON tell nothing.
        statistics: !isJson,
        // A group's column is a page or two: where it begins is in the footer.
        offsetIndex: false,
      };
    });
    void this.#parquet.write({ columnData, rowGroupSize: group.rows, pageSize: PAGE_BYTES });
    this.#parquet.pendingIndexes.length = 0;
    group.clear();
  }

  finish() {
    this.#writeGroup();
    void this.#parquet.finish();
    closeSync(this.#file);
    this.#isOpen = false;
    const path = this.#path;
    return {
      bytes: this.bytes,
      digest: this.#hash.digest('hex'),
      async *open() {
        const file = openSync(path, 'r');
        try {
          for (;;) {
            collectYoung();
            const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
            const read = readSync(file, chunk);
            if (read === 0) return;
            yield chunk.subarray(0, read);
          }
        } finally {
          closeSync(file);
        }
      },
    };
  }

  discard(): void {
    if (this.#isOpen) closeSync(this.#file);
    this.#isOpen = false;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The library's own drops a byte order mark at the beginning, which is part of a text. */
const decodeWhole = (bytes: Uint8Array | undefined) => bytes && decoder.decode(bytes);

async function* readParquet(columns: Columns, { bytes, readRange }: StoredTable) {
  const slice = async (from: number, to = bytes) => {
    const part = await readRange(from, to);
    if (part.length !== to - from) throw new RangeError(`a file of ${bytes} bytes ends before ${to}`);
    return new Uint8Array(part).buffer;
  };
  const metadata = await parquetMetadataAsync({ byteLength: bytes, slice });
  let rowStart = 0;
  for (const { columns: chunks, num_rows, total_compressed_size } of metadata.row_groups) {
    const rowEnd = rowStart + Number(num_rows);
    const from = Math.min(...chunks.map(({ file_offset }) => Number(file_offset)));
    const group = await slice(from, from + Number(total_compressed_size));
    const file: AsyncBuffer = {
      byteLength: bytes,
      slice: (start, end = bytes) => group.slice(start - from, end - from),
    };
    for (const name of Object.keys(columns)) {
      const parts: ColumnPart[] = [];
      await parquetRead({
        file,
        metadata,
        columns: [name],
        rowStart,
        rowEnd,
        compressors: { ZSTD: (page) => zstdDecompressSync(page) },
        parsers: { stringFromBytes: decodeWhole },
        onChunk: ({ columnData }) => parts.push({ name, values: columnData }),
      });
      yield* parts;
      collectYoung();
    }
    rowStart = rowEnd;
  }
}

/** Parquet, zstd. @param scratch a folder of this machine where a file is made. */
export const createParquetFiles = (scratch: string): TableFiles => ({
  begin: (columns) => new ParquetFile(scratch, columns),
  read: readParquet,
});
