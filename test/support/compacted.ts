import { globSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compact } from '../../functions/compactor/compact.ts';
import { CUT } from '../../functions/compactor/compact-day.ts';
import { createMemoryObjectStore } from '../../shared/adapters/memory/object-store.ts';
import { createMemoryTelemetry } from '../../shared/adapters/memory/telemetry.ts';
import { createParquetFiles } from '../../shared/adapters/parquet-files.ts';
import type { Columns, Row } from '../../shared/contract/analytics/column.ts';
import { MASKED_STORED, STORED } from '../../shared/contract/analytics/stored-columns.ts';
import { CURATED_LISTS, CUTOVER_KEY, MASKED_LISTS, RAW } from '../../shared/contract/bucket-layout.ts';
import { CompactionOrder, type CompactionReport } from '../../shared/contract/compaction.ts';
import { MINUTE } from '../../shared/core/time.ts';
import type { CallsView } from '../../shared/ports/calls-view.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { ArchiveFolder } from './archive-folder.ts';

export const BUCKET = 'archive';

/** A bucket that is compacted; its raw archive is an `ArchiveFolder`, where the outcome can be asked with SQL. */
export class CompactedArchive {
  readonly folder = new ArchiveFolder();
  readonly store = createMemoryObjectStore();
  readonly telemetry = createMemoryTelemetry();
  readonly files = createParquetFiles(tmpdir());
  timeLeft = 15 * MINUTE;
  /** How days are cut into pieces. */
  cut = CUT;
  /** The dates to which the view was moved. */
  readonly moves: string[] = [];

  /** The bucket gets what the folder has. */
  upload(): void {
    for (const key of globSync(`${RAW}**/*.gz`, { cwd: this.folder.path }))
      this.store.objects.set(key, readFileSync(join(this.folder.path, key)));
  }

  /** @param at India time. @param objects in place of the bucket, to let it fail. */
  async run(at: string, objects: ObjectStore = this.store, curatedAfterDays = 3): Promise<CompactionReport> {
    this.upload();
    const order = CompactionOrder.parse({
      scheduledAt: `${at.replace(' ', 'T')}+05:30`,
      curatedAfterDays,
      volatilePaths: {},
    });
    const { files, telemetry } = this;
    const view: CallsView = {
      readRawFrom: async (rawFrom) => {
        if (this.moves.at(-1) === rawFrom) return 'as-it-was';
        this.moves.push(rawFrom);
        return 'moved';
      },
    };
    const timeLeft = () => this.timeLeft;
    return compact(order, { objects, files, telemetry, view, bucket: BUCKET, timeLeft }, this.cut);
  }

  keys(prefix: string): string[] {
    return [...this.store.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  text(key: string): string {
    return Buffer.from(this.store.objects.get(key) ?? []).toString();
  }

  get rawFrom(): string | undefined {
    return this.keys(CUTOVER_KEY).length > 0 ? JSON.parse(this.text(CUTOVER_KEY)).rawFrom : undefined;
  }

  /** The live files of all days. */
  live(lists: string = CURATED_LISTS): string[] {
    return this.keys(lists).flatMap((list) => this.text(list).trimEnd().split('\n'));
  }

  /** The rows of all live files. */
  liveRows(): Promise<Row<typeof STORED>[]> {
    return this.#rowsOf(STORED, CURATED_LISTS);
  }

  liveMaskedRows(): Promise<Row<typeof MASKED_STORED>[]> {
    return this.#rowsOf(MASKED_STORED, MASKED_LISTS);
  }

  async #rowsOf<C extends Columns>(columns: C, lists: string): Promise<Row<C>[]> {
    const all: Row<C>[] = [];
    const [first = ''] = Object.keys(columns);
    for (const address of this.live(lists)) {
      const bytes = this.store.objects.get(address.replace(`s3://${BUCKET}/`, '')) ?? new Uint8Array();
      const readRange = async (from: number, to: number) => bytes.subarray(from, to);
      let rows: object[] = [];
      for await (const { name, values } of this.files.read(columns, { bytes: bytes.length, readRange })) {
        if (name === first) {
          rows = Array.from(values, () => ({}));
          all.push(...(rows as Row<C>[]));
        }
        for (const [place, row] of rows.entries()) Reflect.set(row, name, values[place]);
      }
    }
    return all;
  }

  /** Asks the folder, once the bucket's curated files are in it. */
  async ask(sql: string, options?: Parameters<ArchiveFolder['ask']>[1]): Promise<Record<string, unknown>[]> {
    for (const key of [...this.keys('curated/'), ...this.keys('masked/')])
      this.folder.write(key, this.store.objects.get(key) ?? new Uint8Array());
    return this.folder.ask(sql, options);
  }
}
