import { createHash } from 'node:crypto';
import type { Columns, Row } from '../../shared/contract/analytics/column.ts';
import { type DayTable, dayFileKey, dayListKey } from '../../shared/contract/bucket-layout.ts';
import type { ObjectStore, StoredObject } from '../../shared/ports/object-store.ts';
import type { TableFile, TableFiles } from '../../shared/ports/table-files.ts';
import { collectYoung } from '../../shared/core/collect-garbage.ts';
import { ColumnDigests } from './column-digests.ts';
import { NotCurated } from './raw-day.ts';

/** A file ends here: with the last group of rows it stays below 128 MB. */
const FILE_BYTES = 112 * 1000 * 1000;

/** Read back at a time. */
const CHUNK_BYTES = 2 * 1024 * 1024;

export interface DayTablePorts {
  readonly objects: ObjectStore;
  readonly files: TableFiles;
  /** Of the bucket: Athena is told whole addresses. */
  readonly bucket: string;
}

/** Which day of which table. */
export interface DayTableName {
  readonly table: DayTable;
  readonly account: string;
  readonly dt: string;
}

interface WrittenFile {
  readonly key: string;
  readonly bytes: number;
  /** sha256, hex. */
  readonly digest: string;
  readonly digests: ColumnDigests;
}

/** One table's files of one piece of a day, while they are made. Nobody asks them before the list names them. */
export class PieceFiles<C extends Columns> {
  readonly #name: DayTableName & { readonly piece: string };
  readonly #columns: C;
  readonly #told: Columns;
  readonly #ports: DayTablePorts;
  readonly #written: WrittenFile[] = [];
  #file: TableFile<C> | undefined;
  #digests: ColumnDigests;

  /** @param told the columns that are read back */
  constructor(
    name: DayTableName & { readonly piece: string },
    columns: C,
    told: Columns,
    ports: DayTablePorts,
  ) {
    this.#name = name;
    this.#columns = columns;
    this.#told = told;
    this.#ports = ports;
    this.#digests = new ColumnDigests(told);
  }

  /** The files that are in the bucket. */
  get written(): { readonly key: string; readonly bytes: number }[] {
    return this.#written.map(({ key, bytes }) => ({ key, bytes }));
  }

  /** Adds rows; a file that is full goes to the bucket. */
  async append(rows: readonly Row<C>[]): Promise<void> {
    this.#file ??= this.#ports.files.begin(this.#columns);
    this.#file.append(rows);
    for (const row of rows) this.#digests.add(row);
    if (this.#file.bytes >= FILE_BYTES) await this.end();
  }

  /** The file that is being made goes to the bucket. */
  async end(): Promise<void> {
    if (!this.#file) return;
    const source = this.#file.finish();
    const { bytes, digest } = source;
    const key = dayFileKey({
      ...this.#name,
      part: this.#written.length,
      digest: digest.slice(0, 16),
    });
    await this.#ports.objects.createFrom(key, source);
    this.#written.push({ key, bytes, digest, digests: this.#digests });
    this.discard();
    this.#file = undefined;
    this.#digests = new ColumnDigests(this.#told);
  }

  /** Leaves nothing on this machine. */
  discard(): void {
    this.#file?.discard();
  }

  /**
   * Reads every file back: that its bytes are those that were written, and that they read as the rows that were meant.
   * @throws where they do not.
   */
  async readBack(): Promise<void> {
    for (const file of this.#written) await this.#readFileBack(file);
  }

  async #readFileBack(file: WrittenFile): Promise<void> {
    const { objects, files } = this.#ports;
    const readRange = async (from: number, to: number) => {
      const part = await objects.readRange(file.key, from, to);
      if (!part) throw new NotCurated(`written, and not there: ${file.key}`);
      return part;
    };
    const bytes = createHash('sha256');
    for (let from = 0; from < file.bytes; from += CHUNK_BYTES) {
      bytes.update(await readRange(from, from + CHUNK_BYTES));
      collectYoung();
    }
    if (bytes.digest('hex') !== file.digest)
      throw new NotCurated(`${file.key} does not hold the bytes that were written`);
    const found = new ColumnDigests(this.#told);
    for await (const { name, values } of files.read(this.#told, { bytes: file.bytes, readRange }))
      found.addValues(name, values);
    if (!found.equals(file.digests))
      throw new NotCurated(
        `${file.key} reads as ${found.rows} other rows than the ${file.digests.rows} that were meant`,
      );
  }
}

/** Names the live files of one table and day: what it names is asked. */
export class DayList {
  readonly #key: string;
  readonly #ports: DayTablePorts;
  #live: StoredObject | undefined;

  constructor({ table, account, dt }: DayTableName, ports: DayTablePorts) {
    this.#key = dayListKey(table, account, dt);
    this.#ports = ports;
  }

  /** Reads the list that may have to be replaced. */
  async read(): Promise<void> {
    this.#live = await this.#ports.objects.read(this.#key);
  }

  /** Whether it names these files, and no others. */
  names(keys: readonly string[]): boolean {
    return this.#live !== undefined && this.#textOf(keys).equals(this.#live.body);
  }

  /**
   * Puts the files in place of those before them, all at once.
   * @throws where the list has changed since it was read.
   */
  async swap(keys: readonly string[]): Promise<void> {
    const swapped = await this.#ports.objects.replace(this.#key, this.#textOf(keys), this.#live?.version);
    if (swapped === 'conflict') throw new NotCurated(`another run has replaced ${this.#key}`);
  }

  #textOf(keys: readonly string[]): Buffer {
    return Buffer.from(keys.map((key) => `s3://${this.#ports.bucket}/${key}\n`).join(''));
  }
}
