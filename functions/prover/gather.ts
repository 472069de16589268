import type { Account } from '../../shared/contract/account.ts';
import type { DayState, ProofRun } from '../../shared/contract/day-proof.ts';
import { UNKNOWN_STATUS } from '../../shared/contract/index-table.ts';
import { compileVolatilePaths } from '../../shared/core/content-hash.ts';
import { keyHash, type ProofEntry } from '../../shared/core/proof-entries.ts';
import { parseStamp, type Stamp } from '../../shared/core/stamp.ts';
import { type EpochMs, type Ms, SECOND } from '../../shared/core/time.ts';
import { type IndexedPlace, IndexSwitchedOff } from '../../shared/ports/call-index.ts';
import type { Versioned } from '../../shared/ports/ledger.ts';
import { readDay } from '../../shared/steps/archive-reader.ts';
import { recordsOf } from './archived-records.ts';
import { CHUNK, EntryWriter, type RunName } from './entry-files.ts';
import { OutOfTime, type ProverPorts, type TimeLeft } from './ports.ts';
import { type SourceReads, shownSlices } from './source-reads.ts';

/** What is gathered is written down with at least so much time left. */
const RESERVE: Ms = 30 * SECOND;
/** Keys asked of the index at once, where it can't be read by day. */
const KEYS_AT_ONCE = 100;
/** Statuses that are looked for in the index beside those that the day's records spell. */
const USUAL_STATUSES = ['answered', 'missed', UNKNOWN_STATUS];
const MOST_STATUSES = 40;
const STATUS = /"status":"([^"\\]{1,48})"/g;

/** The proof of one day under way: what it has gathered is written down, and it goes on from there after a death. */
export interface Proving {
  readonly account: Account;
  readonly dt: string;
  readonly reads: SourceReads;
  /** Calls that began before it are not published. */
  readonly eventsFrom: EpochMs;
  readonly ports: ProverPorts;
  readonly left: TimeLeft;
  /** Names this invocation among all that work on the proof: the version under which it took it up. */
  by: number;
  state: Versioned<DayState>;
}

const entryOf = (key: string, content: string, stamp: Stamp): ProofEntry => {
  const { epoch, request } = parseStamp(stamp) ?? { epoch: 0, request: 0 };
  return { key: keyHash(key), content: content.slice(0, 16), epoch, request };
};

export const runOf = ({ state }: Proving): ProofRun => {
  const { run } = state.value;
  if (!run) throw new Error('no proof is under way');
  return run;
};

export const nameOf = (proving: Proving): RunName => ({
  account: proving.account.name,
  dt: proving.dt,
  run: runOf(proving).run,
});

/** Writes down how far the proof is; rejects where another prover has taken the day. */
export const keep = async (proving: Proving, state: DayState): Promise<void> => {
  const { account, dt, ports } = proving;
  const saved = await ports.proofs.save(account.name, dt, state, proving.state.version);
  if (saved === 'conflict') throw new Error('another prover works on the same day');
  proving.state = saved;
};

const keepRun = (proving: Proving, more: Partial<ProofRun>): Promise<void> =>
  keep(proving, { ...proving.state.value, run: { ...runOf(proving), ...more } });

const chunksWith = (proving: Proving, writer: EntryWriter, side: keyof ProofRun['chunks']) => ({
  ...runOf(proving).chunks,
  [side]: [...writer.chunks],
});

/** Takes up a proof under way, or begins it; rejects where another prover does so at the same time. */
export const takeUp = async (proving: Proving, fresh: () => DayState): Promise<void> => {
  const { value } = proving.state;
  await keep(proving, value.run ? value : fresh());
  proving.by = proving.state.version;
};

/** Gathers the three sides, from where the last invocation left off. */
export const gather = async (proving: Proving): Promise<void> => {
  if (runOf(proving).step === 'source') await gatherSource(proving);
  if (runOf(proving).step === 'archive') await gatherArchive(proving);
  if (runOf(proving).step === 'index') await gatherIndex(proving);
};

const gatherSource = async (proving: Proving): Promise<void> => {
  const { ports, reads, dt } = proving;
  const writer = new EntryWriter(ports.objects, nameOf(proving), 'source', [], proving.by);
  let unshown = 0;
  for await (const slice of shownSlices(ports.objects, reads, dt)) {
    unshown += slice.unshown;
    for (const { key, content } of slice.records)
      if (writer.add(entryOf(key, content, slice.stamp)) === 'full') await writer.flush();
  }
  await writer.flush();
  await keepRun(proving, { step: 'archive', unshown, chunks: chunksWith(proving, writer, 'source') });
};

const gatherArchive = async (proving: Proving): Promise<void> => {
  const { ports, account, dt, left } = proving;
  const volatile = compileVolatilePaths(account.volatilePaths);
  const before = runOf(proving);
  const writer = new EntryWriter(
    ports.objects,
    nameOf(proving),
    'archive',
    before.chunks.archive,
    proving.by,
  );
  const statuses = new Set(before.statuses);
  let { lines, objects, unreadable, cursor } = before;
  let kept = objects;
  const keepAll = async (step: ProofRun['step']) => {
    await writer.flush();
    const chunks = chunksWith(proving, writer, 'archive');
    const next = step === 'archive' ? cursor : '';
    await keepRun(proving, {
      step,
      lines,
      objects,
      unreadable,
      chunks,
      statuses: [...statuses],
      cursor: next,
    });
    kept = objects;
  };
  for await (const pack of readDay(ports.objects, account.name, dt, cursor || undefined)) {
    for (const record of recordsOf(pack, volatile)) {
      lines += 1;
      if (!record) {
        unreadable += 1;
        continue;
      }
      if (writer.add(record.entry) === 'full') await writer.flush();
      for (const [, status = ''] of record.raw.matchAll(STATUS))
        if (statuses.size < MOST_STATUSES) statuses.add(status.toLowerCase());
    }
    objects += 1;
    cursor = pack.object;
    if (left() < RESERVE) {
      await keepAll('archive');
      throw new OutOfTime();
    }
    if ((objects - kept) * 250 >= 4 * CHUNK) await keepAll('archive');
  }
  await keepAll('index');
};

const gatherIndex = async (proving: Proving): Promise<void> => {
  const { ports, account, dt, left } = proving;
  const before = runOf(proving);
  const writer = new EntryWriter(ports.objects, nameOf(proving), 'index', before.chunks.index, proving.by);
  const take = async (calls: Iterable<IndexedPlace>) => {
    for (const { key, hash, seen } of calls)
      if (writer.add(entryOf(key, hash, seen)) === 'full') await writer.flush();
  };
  const statuses = [...new Set([...USUAL_STATUSES, ...before.statuses])].sort();
  let last = before.cursor;
  const keepAll = async (step: ProofRun['step'], cursor: string) => {
    await writer.flush();
    await keepRun(proving, { step, cursor, chunks: chunksWith(proving, writer, 'index') });
  };
  try {
    for await (const { partition, calls } of ports.dayIndex.pages(
      account.name,
      dt,
      statuses,
      before.cursor || undefined,
    )) {
      // Whole partitions only: a page in the middle of one has no place to go on from.
      if (partition !== last && last !== before.cursor && left() < RESERVE) {
        await keepAll('index', last);
        throw new OutOfTime();
      }
      last = partition;
      await take(calls);
    }
  } catch (error) {
    if (!(error instanceof IndexSwitchedOff)) throw error;
    await gatherByKey(proving, take);
  }
  await keepAll('compare', '');
};

/** Where the index can't be read by day, each archived record is looked up; what only the index has is not seen then. */
const gatherByKey = async (
  { ports, account, dt, left }: Proving,
  take: (calls: Iterable<IndexedPlace>) => Promise<void>,
): Promise<void> => {
  const volatile = compileVolatilePaths(account.volatilePaths);
  for await (const pack of readDay(ports.objects, account.name, dt)) {
    if (left() < RESERVE) throw new OutOfTime();
    const keys = [...recordsOf(pack, volatile)].flatMap((record) => (record ? [record.key] : []));
    for (let at = 0; at < keys.length; at += KEYS_AT_ONCE) {
      const calls = await ports.index.load(account.name, keys.slice(at, at + KEYS_AT_ONCE));
      await take([...calls.values()].filter((call) => call.dt === dt));
    }
  }
};
