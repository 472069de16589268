import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openArchiveDatabase } from '../../local/archive-database.ts';
import { rawKey } from '../../shared/contract/bucket-layout.ts';
import { callDate } from '../../shared/core/call-date.ts';
import { formatStamp } from '../../shared/core/stamp.ts';
import { DAY, parseIstStamp } from '../../shared/core/time.ts';

export interface Asked {
  readonly account?: string;
  /** When it was asked, IST. Default: the same day's end, one second later at every pack. */
  readonly at?: string;
  readonly keyedBy?: 'id' | 'content';
}

/** A data folder whose raw archive is written record by record, as the pipeline would. */
export class ArchiveFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'archive-'));
  #request = 0;

  /** A pack of records, each an object or a line as it came. One object a date, as the pipeline packs. */
  add(records: readonly (object | string)[], { account = 'main', at, keyedBy = 'id' }: Asked = {}): this {
    this.#request++;
    const byDate = Map.groupBy(records, (record) =>
      callDate(typeof record === 'string' ? (JSON.parse(record) as object) : record),
    );
    for (const [dt, ofDate] of byDate) {
      const asked = at === undefined ? undefined : parseIstStamp(at);
      const sentAt = asked ?? (parseIstStamp(`${dt} 00:00:00`) ?? 0) + DAY + this.#request * 1000;
      const stamp = formatStamp(1, this.#request, sentAt);
      const key = rawKey({
        account,
        dt,
        stamp,
        digest: this.#request.toString(16).padStart(8, '0'),
        keyedBy,
      });
      const lines = ofDate.map((record) => (typeof record === 'string' ? record : JSON.stringify(record)));
      this.write(key, gzipSync(`${lines.join('\n')}\n`));
    }
    return this;
  }

  write(key: string, bytes: Uint8Array): void {
    const file = join(this.path, key);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }

  /** Rows as JSON would show them: timestamps as text, UTC or IST as the column says. */
  async ask(
    sql: string,
    options?: Parameters<typeof openArchiveDatabase>[1],
  ): Promise<Record<string, unknown>[]> {
    const database = await openArchiveDatabase(this.path, options);
    try {
      return (await database.connection.runAndReadAll(sql)).getRowObjectsJson();
    } finally {
      database.close();
    }
  }
}
