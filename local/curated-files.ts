import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { PARTITIONS } from '../shared/contract/analytics/columns.ts';
import { literal } from '../shared/contract/analytics/dialect.ts';
import type { Sources } from '../shared/contract/analytics/views.ts';
import { CURATED_LISTS, CUTOVER_KEY, MASKED_LISTS } from '../shared/contract/bucket-layout.ts';
import { Cutover } from '../shared/contract/compaction.ts';

const HIVE_TYPES = Object.keys(PARTITIONS)
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

/** The curated files of a data folder, as the views want them; undefined where `calls` is all raw. */
export const findCurated = (root: string): Sources['curated'] => {
  const document = join(root, CUTOVER_KEY);
  if (!existsSync(document)) return undefined;
  const { rawFrom } = Cutover.parse(JSON.parse(readFileSync(document, 'utf8')));
  const table = listedTable(root, CURATED_LISTS);
  return table === undefined ? undefined : { table, rawFrom };
};

/** The masked files of a data folder; undefined where there are none. */
export const findMasked = (root: string): Sources['masked'] => listedTable(root, MASKED_LISTS);

/** All of these files, whole paths. */
export const findListedFiles = (root: string): string[] =>
  [CURATED_LISTS, MASKED_LISTS].flatMap((lists) => listedFiles(root, lists));

const listedFiles = (root: string, lists: string): string[] =>
  globSync(`${lists}account=*/dt=*/files.txt`, { cwd: root })
    .sort()
    .flatMap((list) => filesOf(root, list));

const listedTable = (root: string, lists: string): string | undefined => {
  const files = listedFiles(root, lists);
  return files.length === 0
    ? undefined
    : `read_parquet([${files.map(literal).join(', ')}], hive_partitioning = true, hive_types = {${HIVE_TYPES}})`;
};
