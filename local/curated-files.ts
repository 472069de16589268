import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { PARTITIONS } from '../shared/contract/analytics/columns.ts';
import { literal } from '../shared/contract/analytics/dialect.ts';
import type { Sources } from '../shared/contract/analytics/views.ts';
import { CUTOVER_KEY, DAY_TABLES, type DayTable } from '../shared/contract/bucket-layout.ts';
import { Cutover } from '../shared/contract/compaction.ts';

/** The partitions' types, as DuckDB's readers of files take them. */
export const HIVE_TYPES = Object.keys(PARTITIONS)
  .map((name) => `'${name}': 'VARCHAR'`)
  .join(', ');

/** The files that a day's list names, as they lie in the folder: the bucket of an address is the folder itself. */
const filesOf = (root: string, list: string): string[] =>
  readFileSync(join(root, list), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) =>
      join(root, line.replace(/^s3:\/\/[^/]+\//, ''))
        .split(sep)
        .join('/'),
    );

/** The live files of one table of finished days, whole paths. */
export const listedFiles = (root: string, table: DayTable): string[] =>
  globSync(`${DAY_TABLES[table].lists}account=*/dt=*/files.txt`, { cwd: root })
    .sort()
    .flatMap((list) => filesOf(root, list));

/** Such files as a relation; undefined where there are none. */
export const tableOf = (files: readonly string[]): string | undefined =>
  files.length === 0
    ? undefined
    : `read_parquet([${files.map(literal).join(', ')}], hive_partitioning = true, hive_types = {${HIVE_TYPES}})`;

/** The curated files of a data folder, as the views want them; undefined where `calls` is all raw. */
export const findCurated = (root: string, files: readonly string[]): Sources['curated'] => {
  const document = join(root, CUTOVER_KEY);
  const table = tableOf(files);
  if (table === undefined || !existsSync(document)) return undefined;
  const { rawFrom } = Cutover.parse(JSON.parse(readFileSync(document, 'utf8')));
  return { table, rawFrom };
};
