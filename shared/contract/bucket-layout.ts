import type { Stamp } from '../core/stamp.ts';
import { type EpochMs, istStamp } from '../core/time.ts';

/** Prefixes of the bucket. Raw objects stay for ever; the others have a lifecycle. */
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
