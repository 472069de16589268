import type { Stamp } from '../core/stamp.ts';
import { type EpochMs, istStamp } from '../core/time.ts';

/** Prefixes of the bucket. Raw objects stay for ever. */
export const RAW = 'raw/';
export const SENT = 'sent/';
export const CLAIMS = 'claims/';
export const QUARANTINE = 'quarantine/';
/** What full reads showed: the source's side of proofs (shared/contract/source-slice.ts). */
export const SLICES = 'slices/';
/** Proofs half done. */
export const PROOFS = 'proofs/';
/** What proofs found, a line a proof; stays for ever. */
export const DAYS = 'days/';
/** Finished days as columnar files, and which of them are asked: functions of the raw archive. */
export const CURATED = 'curated/';
export const CURATED_FILES = 'curated/files/';
export const CURATED_LISTS = 'curated/lists/';
/** What it takes to make them piece by piece, and which pieces are made: seconds of work, if they are lost. */
export const CURATED_SIGHTS = 'curated/sights/';
export const CURATED_PIECES = 'curated/pieces/';
/** The same days without what is personal, for those who may not see it; and the key of its aliases. */
export const MASKED = 'masked/';
export const MASKED_FILES = 'masked/files/';
export const MASKED_LISTS = 'masked/lists/';
export const ALIASES = 'aliases/';
/** Marks of what came late for them. */
export const LATE = 'late/';
/** What Athena's queries gave, for a few days. */
export const RESULTS = 'results/';
/** The same of those who may ask what is masked alone. */
export const MASKED_RESULTS = 'masked-results/';

/**
 * Where a pack lies. The name is derived from content and stamp, so writing it twice is one object.
 * `-c` marks a pack whose records are keyed by content.
 */
export const rawKey = (pack: {
  account: string;
  dt: string;
  stamp: Stamp;
  digest: string;
  keyedBy: 'id' | 'content';
}): string =>
  `${RAW}account=${pack.account}/dt=${pack.dt}/${pack.stamp}-${pack.digest}${pack.keyedBy === 'content' ? '-c' : ''}.ndjson.gz`;

const RAW_KEY =
  /^raw\/account=([^/]+)\/dt=([^/]+)\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{8})-([0-9a-f]+)(-c)?\.ndjson\.gz$/;

/** Reads a name back; undefined where it is no archive object. */
export const parseRawKey = (key: string) => {
  const parts = RAW_KEY.exec(key);
  if (!parts) return undefined;
  const [, account = '', dt = '', stamp = '', digest = '', mark] = parts;
  return { account, dt, stamp, digest, keyedBy: mark ? ('content' as const) : ('id' as const) };
};

/** The sent list of one hour block (IST-aligned), e.g. `sent/account=main/2026-03-10T09.bin`. */
export const sentKey = (account: string, hour: EpochMs): string =>
  `${SENT}account=${account}/${istStamp(hour).slice(0, 13).replace(' ', 'T')}.bin`;

export const claimKey = (account: string, stamp: Stamp, digest: string): string =>
  `${CLAIMS}account=${account}/${stamp}-${digest}.ndjson.gz`;

/** One quarantined thing: its bytes under `.bin`, why under `.json` (shared/contract/quarantine.ts). */
export const quarantineKey = (account: string, reason: string, digest: string): string =>
  `${QUARANTINE}account=${account}/${reason}/${digest}`;

/** What an account has of one IST date, as a folder. */
const dayFolder = (prefix: string, account: string, dt: string): string =>
  `${prefix}account=${account}/dt=${dt}/`;

export const rawDay = (account: string, dt: string): string => dayFolder(RAW, account, dt);

/** 32 random bytes, made once: who has them can try numbers until one gives a known alias. */
export const ALIAS_KEY = 'aliases/key.bin';

/** The two tables of finished days: what lies under which prefix. */
export const DAY_TABLES = {
  curated: { files: CURATED_FILES, lists: CURATED_LISTS },
  masked: { files: MASKED_FILES, lists: MASKED_LISTS },
} as const;
export type DayTable = keyof typeof DAY_TABLES;

/** What each line of some raw objects is (functions/compactor/sights.ts). The digest names the objects. */
export const sightsKey = (account: string, dt: string, digest: string): string =>
  `${dayFolder(CURATED_SIGHTS, account, dt)}${digest}.bin`;

/** Tells which files a piece of a finished day has become (`PieceNote`). The piece is named by what its rows are made of. */
export const pieceNoteKey = (account: string, dt: string, piece: string): string =>
  `${dayFolder(CURATED_PIECES, account, dt)}${piece}.json`;

/**
 * One columnar file of a piece of a finished day. The piece's name tells what its rows are made of, the digest its bytes:
 * who finds it there has written the same.
 */
export const dayFileKey = (file: {
  table: DayTable;
  account: string;
  dt: string;
  piece: string;
  part: number;
  digest: string;
}): string =>
  `${dayFolder(DAY_TABLES[file.table].files, file.account, file.dt)}${file.piece}-${file.part}-${file.digest}.parquet`;

/** Names the live files of a finished day, an `s3://` address a line: what Athena calls a symlink. */
export const dayListKey = (table: DayTable, account: string, dt: string): string =>
  `${dayFolder(DAY_TABLES[table].lists, account, dt)}files.txt`;

/** Up to which day curated files are asked, and which marks of late objects are still to be seen to. */
export const CUTOVER_KEY = 'curated/cutover.json';

/** Says that an object has come for a day that may be curated already. Marks lie by the hour (India) they were made in. */
export const lateKey = (at: EpochMs, account: string, dt: string): string =>
  `${lateHour(at)}/account=${account}/dt=${dt}`;

export const lateHour = (at: EpochMs): string => `${LATE}${istStamp(at).slice(0, 13).replace(' ', 'T')}`;

const LATE_KEY = /^late\/[^/]+\/account=([^/]+)\/dt=([^/]+)$/;

export const parseLateKey = (key: string): { account: string; dt: string } | undefined => {
  const [, account, dt] = LATE_KEY.exec(key) ?? [];
  return account === undefined || dt === undefined ? undefined : { account, dt };
};
